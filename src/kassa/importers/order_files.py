"""Orders with items (order-service.md): a row for each item, the order's own columns on the first."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from kassa.importers import values
from kassa.importers.errors import Rejected
from kassa.importers.old import Format, OldGoods, OldOrder, agree_on, fingerprint
from kassa.importers.rows import Row
from kassa.orders.enums import OrderStatus, PaymentStatus
from kassa.sales.domain.request import Customer

_O, _P = OrderStatus, PaymentStatus

STATUSES = {
    "pending": (_O.PENDING, _P.PENDING),
    "confirmed": (_O.CONFIRMED, _P.PAID),
    "processing": (_O.PROCESSING, _P.PAID),
    "shipped": (_O.SHIPPED, _P.PAID),
    "delivered": (_O.DELIVERED, _P.PAID),
    "cancelled": (_O.CANCELLED, _P.CANCELLED),
    "refunded": (_O.REFUNDED, _P.REFUNDED),
}
REQUIRED = (
    "order_number",
    "status",
    "product_sku",
    "quantity",
    "unit_price",
    "total_amount",
    "currency",
    "created_at",
)
ADDRESSES = ("shipping_address_id", "billing_address_id")
OF_ITEM = ("product_sku", "product_name", "product_id", "quantity", "unit_price", "total_price")
OPTIONAL = (
    "user_id",
    "customer_email",
    "first_name",
    "last_name",
    "product_name",
    "product_id",
    "total_price",
    "subtotal",
    "tax_amount",
    "shipping_amount",
    "discount_amount",
    "notes",
    "tracking_number",
    "shipped_at",
    "delivered_at",
    "cancelled_at",
    "cancellation_reason",
    *ADDRESSES,
)
OF_ORDER = tuple(column for column in REQUIRED + OPTIONAL if column not in OF_ITEM)
AMOUNTS = (
    "unit_price",
    "total_price",
    "subtotal",
    "discount_amount",
    "tax_amount",
    "shipping_amount",
    "total_amount",
)
LONGEST_NOTE = 10_000


def purchase_of(row: Row) -> str:
    """Return the number of the order that an item belongs to."""
    values.required(row, "order_number")
    return values.text(row, "order_number", 50)


def read_order(rows: Sequence[Row]) -> OldOrder:
    """Return an order with its items; its amounts must add up to its total."""
    agree_on(rows, OF_ORDER, blank_is_same=True)
    first = rows[0]
    code = values.currency(first)
    goods = tuple(_goods(row, code) for row in rows)
    discount, taxes, shipping = _amounts(first, code, goods)
    status, payment_status = values.choice(first, "status", STATUSES)
    number = purchase_of(first)
    return OldOrder(
        purchase=number,
        label=f"order {number}",
        lines=tuple(row.line for row in rows),
        fingerprint=fingerprint(rows, ORDERS.columns),
        customer=_customer(first),
        currency=code,
        created_at=values.required_moment(first, "created_at"),
        status=status,
        payment_status=payment_status,
        goods=goods,
        number=number,
        discount=discount,
        taxes=taxes,
        shipping=shipping,
        notes=values.text(first, "notes", LONGEST_NOTE),
        tracking_number=values.text(first, "tracking_number", 100) or None,
        shipped_at=values.moment(first, "shipped_at"),
        delivered_at=values.moment(first, "delivered_at"),
        cancelled_at=values.moment(first, "cancelled_at") if status == _O.CANCELLED else None,
        cancellation_reason=values.text(first, "cancellation_reason", LONGEST_NOTE) or None,
        references={column: values.text(first, column, 255) for column in ADDRESSES if first[column]},
    )


def _customer(row: Row) -> Customer:
    if not row["user_id"] and not row["customer_email"]:
        raise Rejected("It says neither 'user_id' nor 'customer_email'.", line=row.line)
    return Customer(
        email=values.email(row, "customer_email", optional=True),
        first_name=values.name(row, "first_name", 120),
        last_name=values.name(row, "last_name", 120),
        reference=values.text(row, "user_id", 200) or None,
    )


def _goods(row: Row, code: str) -> OldGoods:
    quantity = values.quantity(row, "quantity")
    unit_price = values.required_amount(row, "unit_price", code)
    total_price = values.amount(row, "total_price", code)
    if total_price is not None and total_price != quantity * unit_price:
        raise Rejected(
            f"'total_price' is {total_price}, but {quantity} times {unit_price} is {quantity * unit_price}.",
            line=row.line,
        )
    values.required(row, "product_sku")
    return OldGoods(
        line=row.line,
        sku=values.text(row, "product_sku", 100),
        name=values.text(row, "product_name", 255),
        quantity=quantity,
        unit_price=unit_price,
    )


def _amounts(row: Row, code: str, goods: Sequence[OldGoods]) -> tuple[Decimal, Decimal, Decimal]:
    """Return discount, taxes and shipping."""
    of_items = sum((item.quantity * item.unit_price for item in goods), Decimal(0))
    subtotal = values.amount(row, "subtotal", code)
    if subtotal is not None and subtotal != of_items:
        raise Rejected(
            f"'subtotal' is {subtotal}, but the order's items add up to {of_items}.", line=row.line
        )
    discount, taxes, shipping = (
        values.amount(row, column, code) or Decimal(0)
        for column in ("discount_amount", "tax_amount", "shipping_amount")
    )
    if discount > of_items:
        raise Rejected(f"'discount_amount' is more than the items' {of_items}.", line=row.line)
    total = values.required_amount(row, "total_amount", code)
    adds_up_to = of_items - discount + taxes + shipping
    if total != adds_up_to:
        raise Rejected(
            f"'total_amount' is {total}, but items, discount, tax and shipping add up to {adds_up_to}.",
            line=row.line,
        )
    return discount, taxes, shipping


ORDERS = Format(
    name="orders",
    required=REQUIRED,
    optional=OPTIONAL,
    aliases={"email": "customer_email", "sku": "product_sku"},
    unique=None,
    purchase=purchase_of,
    read=read_order,
    amounts=AMOUNTS,
    moments=("created_at", "shipped_at", "delivered_at", "cancelled_at"),
)
