"""The cart as the API shows it: the words of an order, where it has the same things."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kassa.core.clock import format_moment
from kassa.core.errors import KassaError
from kassa.core.money import ZERO, format_amount
from kassa.orders.enums import ItemKind
from kassa.sales.domain.cart_view import CartItemView, CartView
from kassa.sales.domain.request import Customer
from kassa.sales.domain.taxes import serialize_charge_taxes

FIGURES = ("subtotal", "discount", "fees", "taxes", "included_taxes", "shipping", "total")
ITEM_FIGURES = ("subtotal", "discount", "tax", "included_tax", "total")


def serialize_cart(view: CartView) -> dict[str, Any]:
    """Return a whole cart."""
    cart, order, currency = view.cart, view.price.order, view.currency
    address = f"/api/v1/carts/{cart.id}"
    return {
        "id": str(cart.id),
        "status": view.status.value,
        "session_id": cart.session_id,
        "user": _id(cart.user_id),
        "event": _id(view.event_id),
        "order": _id(view.order_id),
        "currency": currency,
        **{name: format_amount(getattr(order, name, ZERO), currency) for name in FIGURES},
        "coupon": cart.coupon_code,
        "coupon_problem": _serialize_problem(view, view.price.coupon_problem),
        "problem": _serialize_problem(view, view.price.problem),
        "customer": _serialize_customer(view.customer),
        "items": [_serialize_item(one, currency) for one in view.items],
        "charge_taxes": serialize_charge_taxes(order.charge_taxes, currency) if order else [],
        "price_trace": list(view.price.trace),
        "created_at": format_moment(cart.created_at),
        "updated_at": format_moment(cart.updated_at),
        "expires_at": format_moment(cart.expires_at),
        "expiring_soon": view.is_expiring_soon,
        "links": {"self": address, "items": f"{address}/items", "order": f"{address}/order"},
    }


def _serialize_item(view: CartItemView, currency: str) -> dict[str, Any]:
    item, price = view.item, view.price
    return {
        "id": str(item.id),
        "kind": (ItemKind.MERCHANDISE if item.product_id else ItemKind.TICKET).value,
        "event": _id(item.ticket_type.event_id) if item.ticket_type else None,
        "ticket_type": _id(item.ticket_type_id),
        "product": _id(item.product_id),
        "name": view.name,
        "sku": item.product.sku if item.product else "",
        "quantity": item.quantity,
        "seats": [{"id": str(seat.id), "label": seat.label} for seat in view.seats],
        "metadata": item.metadata,
        "unit_price": format_amount(price.units[0].base, currency) if price else None,
        **{name: format_amount(getattr(price, name), currency) if price else None for name in ITEM_FIGURES},
    }


def _serialize_customer(customer: Customer | None) -> dict[str, Any] | None:
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


def _serialize_problem(view: CartView, problem: KassaError | None) -> dict[str, Any] | None:
    if problem is None:
        return None
    item = view.find_item(problem)
    return {"code": problem.code, "detail": problem.detail, "item": _id(item.id if item else None)}


def _id(value: UUID | None) -> str | None:
    return None if value is None else str(value)
