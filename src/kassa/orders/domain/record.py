"""New orders, items and tickets: what they hold, and one statement for each table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import orjson

from kassa.core.database import Statements, plain_array, text_array
from kassa.core.money import ZERO
from kassa.orders.enums import (
    Approval,
    FulfilmentStatus,
    ItemKind,
    OrderStatus,
    PaymentStatus,
    TicketStatus,
)


@dataclass(slots=True)
class NewTicket:
    """A ticket about to be written; the names are those of the table."""

    id: UUID
    order_id: UUID
    item_id: UUID
    event_id: UUID
    ticket_type_id: UUID
    code: str
    status: TicketStatus
    base_price: Decimal
    discount: Decimal
    tax: Decimal
    price_paid: Decimal
    seat_id: UUID | None = None
    seat_label: str = ""
    attendee_first_name: str = ""
    attendee_last_name: str = ""
    attendee_email: str = ""
    attendee_phone: str = ""
    attendee_fields: Mapping[str, Any] = field(default_factory=dict)
    booking_key: str | None = None
    frozen_at: datetime | None = None
    blocked_at: datetime | None = None
    checked_in_at: datetime | None = None
    checked_in_by: UUID | None = None
    checked_in_by_kind: str | None = None
    transferred_at: datetime | None = None
    transferred_from: str = ""
    transferred_to: str = ""


@dataclass(slots=True)
class NewItem:
    """An item about to be written."""

    id: UUID
    order_id: UUID
    position: int
    kind: ItemKind
    event_id: UUID | None
    ticket_type_id: UUID | None
    product_id: UUID | None
    name: str
    sku: str
    is_shippable: bool
    quantity: int
    unit_price: Decimal
    subtotal: Decimal
    discount: Decimal
    tax: Decimal
    included_tax: Decimal
    total: Decimal
    tax_name: str
    tax_rate: Decimal
    quota_ids: tuple[UUID, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    refunded_quantity: ClassVar[int] = 0
    restocked_quantity: ClassVar[int] = 0


@dataclass(slots=True)
class NewOrder:
    """An order about to be written, with its items and tickets."""

    id: UUID
    number: str
    status: OrderStatus
    payment_status: PaymentStatus
    approval: Approval
    event_id: UUID | None
    user_id: UUID | None
    customer_key: str
    customer_reference: str | None
    customer_email: str
    customer_first_name: str
    customer_last_name: str
    customer_phone: str
    customer_address: Mapping[str, Any] | None
    customer_marketing: bool
    customer_language: str | None
    subtotal: Decimal
    discount: Decimal
    fees: Decimal
    taxes: Decimal
    included_taxes: Decimal
    shipping: Decimal
    total: Decimal
    currency: str
    coupon_code: str | None
    charge_taxes: list[dict[str, object]]
    price_trace: list[dict[str, object]]
    shipping_address: Mapping[str, Any] | None
    billing_address: Mapping[str, Any] | None
    notes: str
    cart_id: UUID | None
    idempotency_key: str
    fingerprint: bytes
    expires_at: datetime | None
    placed_by: UUID | None
    placed_by_kind: str
    created_at: datetime
    paid_at: datetime | None
    confirmed_at: datetime | None
    items: list[NewItem]
    tickets: list[NewTicket]
    answers: Mapping[str, Any] = field(default_factory=dict)
    fulfilment_status: FulfilmentStatus = FulfilmentStatus.UNFULFILLED
    refunded_amount: Decimal = ZERO
    refunding_amount: Decimal = ZERO
    payment_id: UUID | None = None
    payment_method: str | None = None
    tracking_number: str | None = None
    payment_attempts: int = 0
    last_payment_attempt_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    completed_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancellation_reason: str | None = None
    expired_at: datetime | None = None

    @property
    def updated_at(self) -> datetime:
        return self.created_at


@dataclass(frozen=True, slots=True)
class NewCouponUsage:
    """A use of a coupon about to be written."""

    id: UUID
    coupon_id: UUID
    order_id: UUID
    user_id: UUID | None
    customer_key: str
    nth: int
    limit_at_use: int


@dataclass(frozen=True, slots=True)
class NewLimitUse:
    """A unit of something limited about to be written, under one key of its customer."""

    id: UUID
    order_id: UUID
    item_id: UUID
    ticket_id: UUID | None
    limited_id: UUID
    customer_key: str
    nth: int
    limit_at_use: int


ORDER_COLUMNS = {
    "id": "uuid",
    "number": "plain",
    "status": "plain",
    "payment_status": "plain",
    "fulfilment_status": "plain",
    "approval": "plain",
    "event_id": "uuid",
    "user_id": "uuid",
    "customer_key": "text",
    "customer_reference": "text",
    "customer_email": "text",
    "customer_first_name": "text",
    "customer_last_name": "text",
    "customer_phone": "text",
    "customer_address": "json",
    "customer_marketing": "bool",
    "customer_language": "plain",
    "answers": "json",
    "subtotal": "numeric",
    "discount": "numeric",
    "fees": "numeric",
    "taxes": "numeric",
    "included_taxes": "numeric",
    "shipping": "numeric",
    "total": "numeric",
    "currency": "plain",
    "coupon_code": "text",
    "charge_taxes": "json",
    "price_trace": "json",
    "shipping_address": "json",
    "billing_address": "json",
    "notes": "text",
    "cart_id": "uuid",
    "idempotency_key": "text",
    "fingerprint": "bytes",
    "expires_at": "moment",
    "placed_by": "uuid",
    "placed_by_kind": "plain",
    "paid_at": "moment",
    "confirmed_at": "moment",
}
ITEM_COLUMNS = {
    "id": "uuid",
    "order_id": "uuid",
    "position": "int",
    "kind": "plain",
    "event_id": "uuid",
    "ticket_type_id": "uuid",
    "product_id": "uuid",
    "name": "text",
    "sku": "text",
    "is_shippable": "bool",
    "quantity": "int",
    "unit_price": "numeric",
    "subtotal": "numeric",
    "discount": "numeric",
    "tax": "numeric",
    "included_tax": "numeric",
    "total": "numeric",
    "tax_name": "text",
    "tax_rate": "numeric",
    "quota_ids": "uuids",
    "metadata": "json",
}
TICKET_COLUMNS = {
    "id": "uuid",
    "order_id": "uuid",
    "item_id": "uuid",
    "event_id": "uuid",
    "ticket_type_id": "uuid",
    "seat_id": "uuid",
    "seat_label": "text",
    "code": "plain",
    "status": "plain",
    "base_price": "numeric",
    "discount": "numeric",
    "tax": "numeric",
    "price_paid": "numeric",
    "attendee_first_name": "text",
    "attendee_last_name": "text",
    "attendee_email": "text",
    "attendee_phone": "text",
    "attendee_fields": "json",
    "booking_key": "text",
}
USAGE_COLUMNS = {
    "id": "uuid",
    "coupon_id": "uuid",
    "order_id": "uuid",
    "user_id": "uuid",
    "customer_key": "text",
    "nth": "int",
    "limit_at_use": "int",
}
LIMIT_USE_COLUMNS = {
    "id": "uuid",
    "order_id": "uuid",
    "item_id": "uuid",
    "ticket_id": "uuid",
    "limited_id": "uuid",
    "customer_key": "text",
    "nth": "int",
    "limit_at_use": "int",
}

_ARRAY_TYPES = {"plain": "text", "json": "text", "bytes": "text", "moment": "text", "uuids": "text"}
_FROM_TEXT = {"json": "jsonb", "moment": "timestamptz", "uuids": "uuid[]"}


def _insert(table: str, columns: Mapping[str, str], moments: Sequence[str]) -> str:
    def value(name: str, kind: str) -> str:
        if kind == "bytes":
            return f"decode(r.{name}, 'hex')"
        return f"r.{name}::{_FROM_TEXT[kind]}" if kind in _FROM_TEXT else f"r.{name}"

    names = ", ".join(columns)
    values = ", ".join(value(name, kind) for name, kind in columns.items())
    arrays = ", ".join(f"%s::{_ARRAY_TYPES.get(kind, kind)}[]" for kind in columns.values())
    return (
        f"INSERT INTO {table} (organization_id, {', '.join(moments)}, {names}) "  # noqa: S608 (constants)
        f"SELECT %s, {', '.join(['%s'] * len(moments))}, {values} FROM unnest({arrays}) AS r({names})"
    )


INSERT_ORDERS = _insert("orders_order", ORDER_COLUMNS, ("created_at", "updated_at"))
INSERT_ITEMS = _insert("orders_orderitem", ITEM_COLUMNS, ("created_at",))
INSERT_TICKETS = _insert("orders_ticket", TICKET_COLUMNS, ("created_at", "updated_at"))
INSERT_USAGES = _insert("orders_couponusage", USAGE_COLUMNS, ("created_at",))
INSERT_LIMIT_USES = _insert("orders_limituse", LIMIT_USE_COLUMNS, ("created_at",))


def record_orders(
    database: Statements,
    organization_id: UUID,
    orders: Sequence[NewOrder],
    usages: Sequence[NewCouponUsage] = (),
    limit_uses: Sequence[NewLimitUse] = (),
    *,
    now: datetime,
) -> None:
    """Write new orders with all that belongs to them, one statement for each table.

    Uses are written in the order of their keys, so that two who want the same ones wait for each other and
    do not lock each other out.
    """
    items = [item for order in orders for item in order.items]
    tickets = [ticket for order in orders for ticket in order.tickets]
    database.queue(INSERT_ORDERS, (organization_id, now, now, *_arrays(orders, ORDER_COLUMNS)))
    database.queue(INSERT_ITEMS, (organization_id, now, *_arrays(items, ITEM_COLUMNS)))
    if tickets:
        database.queue(INSERT_TICKETS, (organization_id, now, now, *_arrays(tickets, TICKET_COLUMNS)))
    if usages:
        in_order = sorted(usages, key=lambda usage: (usage.coupon_id, usage.customer_key, usage.nth))
        database.queue(INSERT_USAGES, (organization_id, now, *_arrays(in_order, USAGE_COLUMNS)))
    if limit_uses:
        by_key = sorted(limit_uses, key=lambda use: (use.limited_id, use.customer_key, use.nth))
        database.queue(INSERT_LIMIT_USES, (organization_id, now, *_arrays(by_key, LIMIT_USE_COLUMNS)))


def _arrays(rows: Sequence[Any], columns: Mapping[str, str]) -> Iterable[str]:
    for name, kind in columns.items():
        yield _array([getattr(row, name) for row in rows], kind)


def _array(values: list[Any], kind: str) -> str:
    if kind == "text":
        return text_array(values)
    as_text = _AS_TEXT.get(kind)
    if as_text is None:
        return plain_array(values)
    return text_array([None if value is None else as_text(value) for value in values])


_AS_TEXT: dict[str, Callable[[Any], str]] = {
    "json": lambda value: orjson.dumps(value).decode(),
    "bool": lambda value: "t" if value else "f",
    "bytes": lambda value: str(value.hex()),
    "uuids": plain_array,
    "moment": lambda value: str(value.isoformat()),
}
