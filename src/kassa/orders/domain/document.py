"""The order as the API shows it and the outbox tells it: one shape, from rows or before they exist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kassa.core.clock import format_moment
from kassa.core.money import format_amount
from kassa.orders.domain.order_view import OrderView
from kassa.orders.enums import TicketStatus

CHARGE_TAX_KEYS = ("charge", "tax_name", "tax_rate", "included", "amount", "tax")
TRACE_KEYS = ("step", "line", "label", "amount", "included", "rounding")


def serialize_order(view: OrderView) -> dict[str, Any]:
    """Return the whole order."""
    order, overdue = view.order, view.is_overdue
    currency = order.currency
    address = f"/api/v1/orders/{order.id}"
    return {
        "id": str(order.id),
        "number": order.number,
        "status": view.status.value,
        "payment_status": view.payment_status.value,
        "fulfilment_status": str(order.fulfilment_status),
        "approval": str(order.approval),
        "event": _id(order.event_id),
        "cart": _id(order.cart_id),
        "currency": currency,
        "subtotal": format_amount(order.subtotal, currency),
        "discount": format_amount(order.discount, currency),
        "fees": format_amount(order.fees, currency),
        "taxes": format_amount(order.taxes, currency),
        "included_taxes": format_amount(order.included_taxes, currency),
        "shipping": format_amount(order.shipping, currency),
        "total": format_amount(order.total, currency),
        "refunded_amount": format_amount(order.refunded_amount, currency),
        "refunding_amount": format_amount(order.refunding_amount, currency),
        "coupon": order.coupon_code,
        "customer": {
            "user": _id(order.user_id),
            "reference": order.customer_reference,
            "email": order.customer_email,
            "first_name": order.customer_first_name,
            "last_name": order.customer_last_name,
            "phone": order.customer_phone,
            "address": _sorted(order.customer_address),
            "marketing": order.customer_marketing,
            "language": order.customer_language,
        },
        "answers": _sorted(order.answers),
        "items": [_item(item, currency) for item in view.items],
        "tickets": [ticket_document(ticket, currency, overdue=overdue) for ticket in view.tickets],
        "charge_taxes": [{name: tax[name] for name in CHARGE_TAX_KEYS} for tax in order.charge_taxes],
        "price_trace": [
            {name: step[name] for name in TRACE_KEYS if name in step} for step in order.price_trace
        ],
        "shipping_address": _sorted(order.shipping_address),
        "billing_address": _sorted(order.billing_address),
        "notes": order.notes,
        "tracking_number": order.tracking_number,
        "payment": _id(order.payment_id),
        "payment_method": order.payment_method,
        "payment_attempts": order.payment_attempts,
        "last_payment_attempt_at": format_moment(order.last_payment_attempt_at),
        "can_retry_payment": view.can_retry_payment,
        "expires_at": format_moment(order.expires_at),
        "expiring_soon": view.is_expiring_soon,
        "created_at": format_moment(order.created_at),
        "updated_at": format_moment(order.updated_at),
        "paid_at": format_moment(order.paid_at),
        "confirmed_at": format_moment(order.confirmed_at),
        "shipped_at": format_moment(order.shipped_at),
        "delivered_at": format_moment(order.delivered_at),
        "completed_at": format_moment(order.completed_at),
        "cancelled_at": format_moment(order.cancelled_at),
        "cancellation_reason": order.cancellation_reason,
        "expired_at": format_moment(view.expired_at),
        "links": {
            "self": address,
            "history": f"{address}/history",
            "cancel": f"{address}/cancel",
            "status": f"{address}/status",
            "tracking": f"{address}/tracking",
            "payments": f"{address}/payments",
            "refunds": f"{address}/refunds",
        },
    }


def _item(item: Any, currency: str) -> dict[str, Any]:
    return {
        "id": str(item.id),
        "kind": str(item.kind),
        "event": _id(item.event_id),
        "ticket_type": _id(item.ticket_type_id),
        "product": _id(item.product_id),
        "name": item.name,
        "sku": item.sku,
        "quantity": item.quantity,
        "unit_price": format_amount(item.unit_price, currency),
        "subtotal": format_amount(item.subtotal, currency),
        "discount": format_amount(item.discount, currency),
        "tax": format_amount(item.tax, currency),
        "included_tax": format_amount(item.included_tax, currency),
        "total": format_amount(item.total, currency),
        "tax_name": item.tax_name,
        "tax_rate": f"{item.tax_rate:.3f}",
        "metadata": _sorted(item.metadata),
        "refunded_quantity": item.refunded_quantity,
        "restocked_quantity": item.restocked_quantity,
    }


def ticket_document(ticket: Any, currency: str, *, overdue: bool = False) -> dict[str, Any]:
    """Return a ticket of an order; ``overdue``: the order's hold is over, and with it a reserved ticket's."""
    status = str(ticket.status)
    if overdue and status == TicketStatus.RESERVED:
        status = TicketStatus.EXPIRED.value
    return {
        "id": str(ticket.id),
        "code": ticket.code,
        "status": status,
        "frozen_at": format_moment(ticket.frozen_at),
        "blocked_at": format_moment(ticket.blocked_at),
        "checked_in_at": format_moment(ticket.checked_in_at),
        "checked_in_by": _id(ticket.checked_in_by),
        "checked_in_by_kind": ticket.checked_in_by_kind,
        "transferred_at": format_moment(ticket.transferred_at),
        "transferred_from": ticket.transferred_from,
        "transferred_to": ticket.transferred_to,
        "item": str(ticket.item_id),
        "event": str(ticket.event_id),
        "ticket_type": str(ticket.ticket_type_id),
        "seat": _id(ticket.seat_id),
        "seat_label": ticket.seat_label,
        "base_price": format_amount(ticket.base_price, currency),
        "discount": format_amount(ticket.discount, currency),
        "tax": format_amount(ticket.tax, currency),
        "price_paid": format_amount(ticket.price_paid, currency),
        "attendee": {
            "first_name": ticket.attendee_first_name,
            "last_name": ticket.attendee_last_name,
            "email": ticket.attendee_email,
            "phone": ticket.attendee_phone,
            "fields": _sorted(ticket.attendee_fields),
        },
    }


def _sorted(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return an object with its keys in one order: the database keeps them in an order of its own."""
    return None if value is None else {name: value[name] for name in sorted(value)}


def _id(value: Any) -> str | None:
    return None if value is None else str(value)
