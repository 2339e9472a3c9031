"""Tickets sold one by one (bus-ticketing.md, order-drafts.md): those bought together become one order."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

from kassa.core.email_addresses import email_key
from kassa.importers import values
from kassa.importers.errors import Rejected
from kassa.importers.old import Format, OldOrder, OldTicket, agree_on, fingerprint
from kassa.importers.rows import Row
from kassa.orders.enums import OrderStatus, PaymentStatus, TicketStatus
from kassa.sales.domain.request import Customer

STATUSES = {
    "draft": TicketStatus.RESERVED,
    "active": TicketStatus.VALID,
    "valid": TicketStatus.VALID,
    "used": TicketStatus.USED,
    "expired": TicketStatus.EXPIRED,
    "refunded": TicketStatus.REFUNDED,
    "cancelled": TicketStatus.CANCELLED,
}
REQUIRED = (
    "ticket_reference",
    "customer_email",
    "event",
    "ticket_type",
    "price",
    "currency",
    "status",
    "purchased_at",
)
OPTIONAL = ("purchase_reference", "first_name", "last_name", "seat", "coupon", "base_price")

_T = TicketStatus
_SOLD = frozenset({_T.VALID, _T.USED})
_ENDED = {
    frozenset({_T.RESERVED}): (OrderStatus.DRAFT, PaymentStatus.PENDING),
    frozenset({_T.EXPIRED}): (OrderStatus.EXPIRED, PaymentStatus.CANCELLED),
    frozenset({_T.CANCELLED}): (OrderStatus.CANCELLED, PaymentStatus.CANCELLED),
    frozenset({_T.REFUNDED}): (OrderStatus.REFUNDED, PaymentStatus.REFUNDED),
}


def state_of(statuses: Collection[TicketStatus]) -> tuple[OrderStatus, PaymentStatus]:
    """Return the state of an order from those of its tickets.

    Raises:
        Rejected: one order cannot hold such tickets beside each other.
    """
    kinds = frozenset(statuses)
    if kinds in _ENDED:
        return _ENDED[kinds]
    if kinds <= _SOLD:
        return OrderStatus.CONFIRMED, PaymentStatus.PAID
    if kinds <= _SOLD | {_T.REFUNDED}:
        return OrderStatus.PARTIALLY_REFUNDED, PaymentStatus.PARTIALLY_REFUNDED
    words = " and ".join(sorted("draft" if kind == _T.RESERVED else str(kind) for kind in kinds))
    raise Rejected(
        f"Tickets of this purchase are {words}, and one order cannot hold them together. "
        "Give those of each kind a purchase_reference of their own, or write 'refunded' for money given back."
    )


def purchase_of(row: Row) -> str:
    """Return the purchase a ticket belongs to: as told, else by customer, event and moment."""
    if row["purchase_reference"]:
        return row["purchase_reference"]
    parts = (
        email_key(values.email(row, "customer_email")),
        str(values.identifier(row, "event")),
        values.required_moment(row, "purchased_at").isoformat(),
    )
    return "together:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()


def read_purchase(rows: Sequence[Row]) -> OldOrder:
    """Return the order of tickets that were bought together, since the earliest of them."""
    agree_on(rows, ("customer_email", "currency"))
    first = rows[0]
    tickets = tuple(_ticket(row) for row in rows)
    status, payment_status = state_of({ticket.status for ticket in tickets})
    reference = first["purchase_reference"]
    return OldOrder(
        purchase=purchase_of(first),
        label=f"purchase {reference}" if reference else f"ticket {tickets[0].reference}",
        lines=tuple(row.line for row in rows),
        fingerprint=fingerprint(rows, REQUIRED + OPTIONAL),
        customer=Customer(
            email=values.email(first, "customer_email"),
            first_name=tickets[0].first_name,
            last_name=tickets[0].last_name,
        ),
        currency=values.currency(first),
        created_at=min(values.required_moment(row, "purchased_at") for row in rows),
        status=status,
        payment_status=payment_status,
        hold_ends=True,
        tickets=tickets,
        coupon=_coupon(rows),
        references={"purchase_reference": reference} if reference else {},
    )


def _ticket(row: Row) -> OldTicket:
    if row["quantity"] not in ("", "1"):
        raise Rejected(f"It is for {row['quantity']} tickets. Export one row for each ticket.", line=row.line)
    code = values.currency(row)
    price = values.required_amount(row, "price", code)
    base_price = values.amount(row, "base_price", code)
    if base_price is not None and base_price < price:
        raise Rejected("'base_price' is the price before the discount; it is below 'price'.", line=row.line)
    values.required(row, "ticket_reference")
    return OldTicket(
        line=row.line,
        event=values.identifier(row, "event"),
        ticket_type=values.identifier(row, "ticket_type"),
        seat=values.text(row, "seat", 120),
        base_price=price if base_price is None else base_price,
        price=price,
        status=values.choice(row, "status", STATUSES),
        reference=values.text(row, "ticket_reference", 200),
        first_name=values.name(row, "first_name", 120),
        last_name=values.name(row, "last_name", 120),
    )


def _coupon(rows: Sequence[Row]) -> str | None:
    """Return the one coupon of a purchase: used for each ticket there, once for the order here."""
    codes = {row["coupon"].upper(): row for row in rows if row["coupon"]}
    if len(codes) > 1:
        raise Rejected(
            f"This purchase used the coupons {' and '.join(sorted(codes))}; an order takes one.",
            line=max(row.line for row in codes.values()),
        )
    return next((values.text(row, "coupon", 60) for row in codes.values()), None)


TICKETS = Format(
    name="tickets",
    required=REQUIRED,
    optional=(*OPTIONAL, "quantity"),
    aliases={},
    unique="ticket_reference",
    purchase=purchase_of,
    read=read_purchase,
    amounts=("price", "base_price"),
    moments=("purchased_at",),
)
