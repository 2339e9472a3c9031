"""course-booking.md: its payment flow data, its validation rules, its audit trail and its access control."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from kassa.catalog.models import TicketType
from kassa.core.clock import utc_now
from kassa.orders.models import Order
from tests.spec.courses import CLERK_USER, STATES, a_course, book, failed, paid, payment_status
from tests.spec.shop import DEMO, Shop, changes_of, order_body
from tests.support.factories import moment

# Payment flow data


def test_session_id_is_kept_from_the_start_and_intent_id_once_it_is_paid(
    shop: Shop, course: TicketType
) -> None:
    """Payment flow 1 and 2: the provider's session id and payment intent id are stored."""
    booking = book(shop, course)
    attempt = shop.open(booking)
    session = urlsplit(attempt["checkout_url"]).path.rpartition("/")[2]
    assert (attempt["provider_reference"], attempt["payment_reference"]) == (session, None)

    shop.visit(attempt)
    shop.hear()

    money = shop.money_of(booking)
    [[attempt], [payment]] = [money["attempts"], money["payments"]]
    [purchase] = shop.get(f"/transactions?order={booking['id']}")["items"]
    assert payment["attempt"] == attempt["id"]
    assert attempt["provider_reference"] == session
    assert payment["provider_reference"] == attempt["payment_reference"] == purchase["payment_intent_id"]


def test_booking_keeps_amount_and_currency_of_the_course_at_booking_time(
    shop: Shop, course: TicketType
) -> None:
    """Booking validation: the amount matches the course's price at booking time, whatever it is later."""
    booking = book(shop, course)
    shop.ask("PATCH", f"/ticket-types/{course.id}", {"price": "149.00"}, expect=200)

    after = shop.pay(booking)

    assert (after["total"], after["currency"]) == ("99.00", "USD")
    assert [payment["amount"] for payment in shop.money_of(booking)["payments"]] == ["99.00"]


@pytest.mark.parametrize(
    ("told", "outcome"),
    [({"amount": "98.99"}, "wrong_amount"), ({"currency": "EUR"}, "wrong_currency")],
)
def test_payment_of_another_amount_is_not_booked_and_staff_see_it(
    shop: Shop, course: TicketType, told: dict[str, str], outcome: str
) -> None:
    """Booking validation: a message whose amount or currency does not match pays for nothing."""
    booking = book(shop, course)
    shop.visit(shop.open(booking), webhook="late")
    before = shop.read(booking)

    shop.tell_again(**told)

    assert shop.last_outcome() == ("dead", outcome)
    assert shop.read(booking) == before
    assert shop.money_of(booking)["payments"] == []


def test_message_that_is_not_signed_is_not_believed(shop: Shop, course: TicketType) -> None:
    """Payment flow 2: only the provider itself can say that something was paid."""
    booking = book(shop, course)
    shop.open(booking)

    answer = shop.api.call("POST", f"/webhooks/demo/{shop.id}", {"id": "evt_1", "type": "payment.succeeded"})

    assert (answer.status_code, answer.json()["code"]) == (400, "webhook_refused")
    assert shop.get("/webhook-events")["items"] == []
    assert payment_status(shop, booking) == "pending"


# One booking per user and course


def test_user_books_a_course_once_and_others_do_too(shop: Shop, course: TicketType) -> None:
    """Unique constraint: one booking per user per course; other users and other courses are free."""
    book(shop, course)

    code = shop.refused("POST", "/orders", order_body(course, reference=CLERK_USER))
    book(shop, course, "user_clerk_456", email="bob@example.com")
    book(shop, a_course(shop))

    assert code == "already_booked"


def test_booking_takes_one_place(shop: Shop, course: TicketType) -> None:
    """Unique constraint: two places in one booking would be two bookings."""
    code = shop.refused("POST", "/orders", order_body(course, 2, reference=CLERK_USER))

    assert code == "limit_per_order"


@pytest.mark.parametrize("end", ["cancelled", "expired", "refunded"])
def test_course_can_be_booked_again_once_the_booking_has_ended(
    shop: Shop, course: TicketType, end: str
) -> None:
    """Unique constraint: freed by cancel, expiry or refund."""
    if end == "expired":
        shop.expire(book(shop, course))
    else:
        STATES[end](shop, course)

    assert book(shop, course)["payment_status"] == "pending"


def test_course_that_is_full_takes_nobody_else(shop: Shop) -> None:
    """Course model: the capacity is a limit, and a cancelled booking gives its place back."""
    course = a_course(shop, quantity=1)
    first = book(shop, course)

    full = shop.refused("POST", "/orders", order_body(course, reference="user_clerk_456"))
    shop.cancel_order(first)

    assert full == "sold_out"
    assert book(shop, course, "user_clerk_456")["status"] == "draft"


# Audit trail


def test_every_change_of_the_payment_status_is_logged_with_its_time(shop: Shop, course: TicketType) -> None:
    """Audit trail: all payment status changes, with timestamps, and who made them."""
    booking = failed(shop, course)
    shop.visit(shop.retry(booking))
    shop.hear()
    shop.refund(booking, everything=True, reason="Too far away.")
    shop.send_refunds()

    history = shop.history_of(booking)

    assert changes_of(history, "payment_status") == [
        (None, "pending"),
        ("pending", "failed"),
        ("failed", "pending"),
        ("pending", "paid"),
        ("paid", "refunded"),
    ]
    times = [moment(entry["created_at"]) for entry in history]
    assert times == sorted(times)
    assert utc_now() - timedelta(minutes=5) < times[0] <= times[-1] <= utc_now()
    kinds = {
        (entry["from_payment_status"], entry["to_payment_status"]): entry["changed_by_kind"]
        for entry in history
    }
    assert kinds["failed", "pending"] == "api_key"
    assert kinds["pending", "paid"] == "system"


# Access control


def test_user_sees_only_the_own_bookings(shop: Shop, course: TicketType) -> None:
    """User isolation: a list for one user names nobody else's bookings."""
    own = shop.buy(course, email="ada@example.com", reference=CLERK_USER)
    shop.buy(course, email="bob@example.com", reference="user_clerk_456")
    shop.buy(course, email="eve@example.com")

    for mark in (f"reference={CLERK_USER}", "email=ada@example.com"):
        listed = shop.get(f"/orders?{mark}")["items"]
        assert [booking["id"] for booking in listed] == [own["id"]]
    assert shop.get("/orders?reference=user_clerk_789")["items"] == []


@pytest.mark.parametrize(
    "call",
    [
        ("GET", "", None),
        ("GET", "/history", None),
        ("GET", "/payments", None),
        ("GET", "/refunds", None),
        ("POST", "/payments", DEMO),
        ("POST", "/retry-payment", None),
        ("POST", "/cancel", None),
        ("POST", "/refunds", {"everything": True}),
    ],
)
def test_bookings_of_others_are_not_there_at_all(
    shop: Shop, other: Shop, course: TicketType, call: tuple[str, str, Any]
) -> None:
    """User isolation: whoever has no part in a booking can neither read, pay, cancel nor refund it."""
    method, path, body = call
    booking = paid(shop, course)

    code = other.refused(method, f"/orders/{booking['id']}{path}", body, status=404)

    assert code == "not_found"
    assert shop.read(booking) == booking
    assert Order.objects.of(other.id).count() == 0


def test_no_card_data_is_taken(shop: Shop, course: TicketType) -> None:
    """Data protection: a card number sent to Kassa is turned away, and kept nowhere."""
    booking = book(shop, course)
    body = {**DEMO, "card": {"number": "4242424242424242", "cvc": "123"}}

    problem = shop.ask("POST", f"/orders/{booking['id']}/payments", body, expect=422)

    assert [error["field"] for error in problem["errors"]] == ["card"]
    assert "4242" not in str(problem)
    assert shop.read(booking) == booking
