"""Courses, and bookings of them in each state of the diagram of course-booking.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kassa.catalog.models import TicketType
from kassa.core.clock import utc_now
from tests.spec.shop import Shop
from tests.support.factories import LATER

CLERK_USER = "user_clerk_123"
Booking = dict[str, Any]


def a_course(shop: Shop, quantity: int = 50) -> TicketType:
    event = shop.ask(
        "POST",
        "/events",
        {
            "kind": "course",
            "title": "Introduction to TypeScript",
            "starts_at": (utc_now() + LATER).isoformat(),
            "currency": "USD",
            "ticket_types": [{"name": "Place", "price": "99.00", "quantity": quantity}],
        },
        expect=201,
    )
    assert event["one_per_customer"]
    shop.ask("POST", f"/events/{event['id']}/publish", expect=200)
    return TicketType.objects.of(shop.id).get(event_id=event["id"])


def book(shop: Shop, course: TicketType, reference: str = CLERK_USER, **fields: Any) -> Booking:
    return shop.buy(course, reference=reference, **fields)


def payment_status(shop: Shop, booking: Booking) -> str:
    return shop.states(booking)[1]


# How a booking comes into each state of the diagram


def pending(shop: Shop, course: TicketType) -> Booking:
    booking = book(shop, course)
    shop.open(booking)
    return booking


def failed(shop: Shop, course: TicketType) -> Booking:
    booking = book(shop, course)
    shop.visit(shop.open(booking), "decline")
    shop.hear()
    return booking


def cancelled(shop: Shop, course: TicketType) -> Booking:
    booking = pending(shop, course)
    shop.cancel_order(booking)
    return booking


def paid(shop: Shop, course: TicketType) -> Booking:
    return shop.pay(book(shop, course))


def refunded(shop: Shop, course: TicketType) -> Booking:
    booking = paid(shop, course)
    shop.refund(booking, everything=True)
    shop.send_refunds()
    return booking


STATES: dict[str, Callable[[Shop, TicketType], Booking]] = {
    "pending": pending,
    "failed": failed,
    "cancelled": cancelled,
    "paid": paid,
    "refunded": refunded,
}
