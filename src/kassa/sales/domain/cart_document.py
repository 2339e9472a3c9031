"""The cart as the API shows it: the words of an order, where it has the same things."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from kassa.core.clock import format_moment
from kassa.core.errors import KassaError
from kassa.core.money import ZERO, format_amount
from kassa.orders.domain.document import EXPIRING_SOON
from kassa.orders.enums import ItemKind
from kassa.sales.domain.cart_content import CartContent, customer_of, status_at
from kassa.sales.domain.cart_price import CartPrice
from kassa.sales.domain.offers import Offer
from kassa.sales.domain.pricing import PricedLine
from kassa.sales.domain.taxes import serialize_charge_taxes
from kassa.sales.enums import CartStatus
from kassa.sales.models import CartItem

FIGURES = ("subtotal", "discount", "fees", "taxes", "included_taxes", "shipping", "total")


def cart_document(
    content: CartContent,
    price: CartPrice,
    *,
    seat_labels: Mapping[UUID, str],
    order_id: UUID | None,
    default_currency: str,
    now: datetime,
) -> dict[str, Any]:
    """Return the whole cart. One whose time is over is shown as expired, even before it is released."""
    cart = content.cart
    status = status_at(cart, now)
    currency = price.currency or default_currency
    events = {item.ticket_type.event_id for item in content.items if item.ticket_type is not None}
    address = f"/api/v1/carts/{cart.id}"
    return {
        "id": str(cart.id),
        "status": status.value,
        "session_id": cart.session_id,
        "user": _id(cart.user_id),
        "event": _id(events.pop()) if len(events) == 1 else None,
        "order": _id(order_id),
        "currency": currency,
        **{name: format_amount(getattr(price.order, name, ZERO), currency) for name in FIGURES},
        "coupon": cart.coupon_code,
        "coupon_problem": _problem(price.coupon_problem, content),
        "problem": _problem(price.problem, content),
        "customer": _customer(content),
        "items": [
            _item(item, price.lines.get(item.id), currency, seat_labels=seat_labels) for item in content.items
        ],
        "charge_taxes": serialize_charge_taxes(price.order.charge_taxes, currency) if price.order else [],
        "price_trace": list(price.trace),
        "created_at": format_moment(cart.created_at),
        "updated_at": format_moment(cart.updated_at),
        "expires_at": format_moment(cart.expires_at),
        "expiring_soon": status == CartStatus.ACTIVE and cart.expires_at - now <= EXPIRING_SOON,
        "links": {"self": address, "items": f"{address}/items", "order": f"{address}/order"},
    }


def _item(
    item: CartItem,
    priced: tuple[Offer, PricedLine] | None,
    currency: str,
    *,
    seat_labels: Mapping[UUID, str],
) -> dict[str, Any]:
    line = priced[1] if priced else None
    sold = item.ticket_type or item.product
    return {
        "id": str(item.id),
        "kind": (ItemKind.MERCHANDISE if item.product_id else ItemKind.TICKET).value,
        "event": _id(item.ticket_type.event_id) if item.ticket_type else None,
        "ticket_type": _id(item.ticket_type_id),
        "product": _id(item.product_id),
        "name": sold.name if sold else "",
        "sku": item.product.sku if item.product else "",
        "quantity": item.quantity,
        "seats": [{"id": str(seat), "label": seat_labels.get(seat, "")} for seat in item.seat_ids],
        "metadata": item.metadata,
        "unit_price": format_amount(line.units[0].base, currency) if line else None,
        **{
            name: format_amount(getattr(line, name), currency) if line else None
            for name in ("subtotal", "discount", "tax", "included_tax", "total")
        },
    }


def _customer(content: CartContent) -> dict[str, Any] | None:
    customer = customer_of(content.cart)
    if customer is None:
        return None
    return {
        "user": _id(customer.user_id),
        "reference": customer.reference,
        "email": customer.email,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "phone": customer.phone,
        "address": customer.address,
        "marketing": customer.marketing,
        "language": customer.language,
    }


def _problem(error: KassaError | None, content: CartContent) -> dict[str, Any] | None:
    if error is None:
        return None
    line = error.details.get("line")
    item = None if line is None else str(content.items[line].id)
    return {"code": error.code, "detail": error.detail, "item": item}


def _id(value: UUID | None) -> str | None:
    return None if value is None else str(value)
