"""Bookings of courses (course-booking.md): one place for one user, each an order of its own."""

from __future__ import annotations

from collections.abc import Sequence

from kassa.importers import values
from kassa.importers.errors import Rejected
from kassa.importers.old import Format, OldOrder, OldTicket, fingerprint
from kassa.importers.rows import Row
from kassa.orders.enums import OrderStatus, PaymentStatus, TicketStatus
from kassa.sales.domain.request import Customer

_O, _P, _T = OrderStatus, PaymentStatus, TicketStatus

STATUSES = {
    "pending": (_O.PENDING, _P.PENDING, _T.RESERVED),
    "failed": (_O.PENDING, _P.FAILED, _T.RESERVED),
    "paid": (_O.CONFIRMED, _P.PAID, _T.VALID),
    "cancelled": (_O.CANCELLED, _P.CANCELLED, _T.CANCELLED),
    "refunded": (_O.REFUNDED, _P.REFUNDED, _T.REFUNDED),
}
"""What each payment status of a booking makes of the order, its payment and its ticket."""
STRIPE = ("stripe_payment_intent_id", "stripe_session_id")
REQUIRED = ("user_id", "course", "payment_status", "amount", "currency", "created_at")
OPTIONAL = ("booking_id", "ticket_type", "email", "first_name", "last_name", *STRIPE)


def purchase_of(row: Row) -> str:
    """Return what tells a booking from others: its id, else the user and the course."""
    if row["booking_id"]:
        return row["booking_id"]
    return f"{values.required(row, 'user_id')}:{values.identifier(row, 'course')}"


def read_booking(rows: Sequence[Row]) -> OldOrder:
    """Return the order of a booking."""
    row = rows[0]
    if len(rows) > 1:
        raise Rejected(f"This booking stands on line {row.line} already.", line=rows[1].line)
    status, payment_status, ticket_status = values.choice(row, "payment_status", STATUSES)
    code = values.currency(row)
    price = values.minor_units(row, "amount", code)
    values.required(row, "user_id")
    first_name, last_name = (values.name(row, column, 120) for column in ("first_name", "last_name"))
    ticket = OldTicket(
        line=row.line,
        event=values.identifier(row, "course"),
        ticket_type=values.identifier(row, "ticket_type") if row["ticket_type"] else None,
        seat="",
        base_price=price,
        price=price,
        status=ticket_status,
        first_name=first_name,
        last_name=last_name,
    )
    kept = {column: values.text(row, column, 255) for column in ("booking_id", *STRIPE)}
    return OldOrder(
        purchase=purchase_of(row),
        label=f"booking {kept['booking_id'] or row['user_id']}",
        lines=(row.line,),
        fingerprint=fingerprint(rows, BOOKINGS.columns),
        customer=Customer(
            email=values.email(row, "email", optional=True),
            first_name=first_name,
            last_name=last_name,
            reference=values.text(row, "user_id", 200),
        ),
        currency=code,
        created_at=values.required_moment(row, "created_at"),
        status=status,
        payment_status=payment_status,
        hold_ends=True,
        tickets=(ticket,),
        references={column: value for column, value in kept.items() if value},
    )


BOOKINGS = Format(
    name="bookings",
    required=REQUIRED,
    optional=OPTIONAL,
    aliases={"id": "booking_id", "course_id": "course", "event": "course", "customer_email": "email"},
    unique=None,
    purchase=purchase_of,
    read=read_booking,
    moments=("created_at",),
)
