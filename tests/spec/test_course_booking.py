"""course-booking.md: its state diagram, edge by edge."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from kassa.catalog.models import TicketType
from tests.spec.courses import CLERK_USER, STATES, Booking, book, failed, paid, payment_status, pending
from tests.spec.shop import DEMO, Shop


@pytest.mark.parametrize("state", STATES)
def test_every_state_of_the_diagram_is_reached(shop: Shop, course: TicketType, state: str) -> None:
    """State diagram: each of its states, as the booking shows it."""
    booking = STATES[state](shop, course)

    assert payment_status(shop, booking) == state
    assert len(shop.get(f"/orders?payment_status={state}")["items"]) == 1


# The edges of the diagram


def test_booking_begins_pending_when_its_user_initiates_it(shop: Shop, course: TicketType) -> None:
    """Edge: start → pending."""
    booking = book(shop, course)

    assert booking["payment_status"] == "pending"
    assert booking["customer"]["reference"] == CLERK_USER


def test_webhook_of_the_payment_makes_a_pending_booking_paid(shop: Shop, course: TicketType) -> None:
    """Edge: pending → paid, by the webhook and not by the buyer's way back."""
    booking = book(shop, course)
    shop.visit(shop.open(booking))
    before = payment_status(shop, booking)

    shop.hear()

    assert (before, payment_status(shop, booking)) == ("pending", "paid")
    assert shop.read(booking)["tickets"][0]["status"] == "valid"


def test_declined_payment_makes_a_pending_booking_failed(shop: Shop, course: TicketType) -> None:
    """Edge: pending → failed."""
    booking = pending(shop, course)
    [attempt] = shop.money_of(booking)["attempts"]

    shop.visit(attempt, "decline")
    shop.hear()

    assert payment_status(shop, booking) == "failed"
    [attempt] = shop.money_of(booking)["attempts"]
    assert (attempt["status"], attempt["error"]) == ("failed", "The bank declined the payment.")


def test_user_cancels_a_pending_booking_before_payment(shop: Shop, course: TicketType) -> None:
    """Edge: pending → cancelled; the page at the bank is ended too."""
    booking = pending(shop, course)

    shop.cancel_order(booking, "I cannot come.")
    shop.close_ended()

    assert shop.states(booking) == ("cancelled", "cancelled")
    assert [attempt["status"] for attempt in shop.money_of(booking)["attempts"]] == ["cancelled"]


def test_user_retries_a_failed_payment_with_a_new_session(shop: Shop, course: TicketType) -> None:
    """Edge: failed → pending, by a new session at the provider."""
    booking = failed(shop, course)

    again = shop.retry(booking)

    assert payment_status(shop, booking) == "pending"
    first, second = shop.money_of(booking)["attempts"]
    assert second["id"] == again["id"]
    assert first["checkout_url"] != second["checkout_url"]
    assert [first["number"], second["number"]] == [1, 2]


def test_admin_refunds_a_paid_booking(shop: Shop, course: TicketType) -> None:
    """Edge: paid → refunded, once the money is back."""
    booking = paid(shop, course)

    shop.refund(booking, everything=True, reason="The course is too far away.")
    before = payment_status(shop, booking)
    shop.send_refunds()

    assert (before, payment_status(shop, booking)) == ("paid", "refunded")


# All that is no edge of the diagram


def try_to_open(shop: Shop, booking: Booking) -> str:
    return shop.refused("POST", f"/orders/{booking['id']}/payments", DEMO)


def try_to_retry(shop: Shop, booking: Booking) -> str:
    return shop.refused("POST", f"/orders/{booking['id']}/retry-payment")


def try_to_refund(shop: Shop, booking: Booking) -> str:
    return shop.refused("POST", f"/orders/{booking['id']}/refunds", {"everything": True})


def try_to_cancel(shop: Shop, booking: Booking) -> str:
    return shop.refused("POST", f"/orders/{booking['id']}/cancel")


def tell_that_it_failed(shop: Shop, booking: Booking) -> str:
    shop.tell_again(state="failed", error="The bank has changed its mind.")
    return shop.last_outcome()[1]


def tell_that_it_was_paid(shop: Shop, booking: Booking) -> str:
    shop.tell_again()
    return shop.last_outcome()[1]


Edge = tuple[str, str, Callable[[Shop, Booking], str], str]
ILLEGAL: list[Edge] = [
    ("pending", "refunded", try_to_refund, "nothing_to_refund"),
    ("failed", "refunded", try_to_refund, "nothing_to_refund"),
    ("paid", "pending", try_to_retry, "nothing_to_pay"),
    ("paid", "pending", try_to_open, "nothing_to_pay"),
    ("paid", "failed", tell_that_it_failed, "payment_failed"),
    ("paid", "paid", tell_that_it_was_paid, "known"),
    ("cancelled", "pending", try_to_open, "nothing_to_pay"),
    ("cancelled", "pending", try_to_retry, "nothing_to_pay"),
    ("cancelled", "refunded", try_to_refund, "nothing_to_refund"),
    ("refunded", "pending", try_to_open, "nothing_to_pay"),
    ("refunded", "pending", try_to_retry, "nothing_to_pay"),
    ("refunded", "failed", tell_that_it_failed, "payment_failed"),
    ("refunded", "paid", tell_that_it_was_paid, "known"),
    ("refunded", "cancelled", try_to_cancel, "illegal_move"),
    ("refunded", "refunded", try_to_refund, "nothing_to_refund"),
]
"""From where, to where, what would lead there, and what is said to it."""


@pytest.mark.parametrize("edge", ILLEGAL, ids=lambda edge: f"{edge[0]}-{edge[2].__name__}")
def test_what_is_no_edge_of_the_diagram_changes_nothing(shop: Shop, course: TicketType, edge: Edge) -> None:
    """State diagram: what would lead along an edge that is not there is refused, or told in vain."""
    start, _, act, said = edge
    booking = STATES[start](shop, course)
    before = shop.read(booking), shop.money_of(booking), shop.history_of(booking)

    assert act(shop, booking) == said

    assert (shop.read(booking), shop.money_of(booking), shop.history_of(booking)) == before


@pytest.mark.parametrize("state", ["cancelled", "failed"])
def test_money_that_arrives_against_the_diagram_is_not_kept_for_nothing(
    shop: Shop, course: TicketType, state: str
) -> None:
    """State diagram: a cancelled booking's late money goes back; a failed one's pays for it after all."""
    booking = book(shop, course)
    attempt = shop.open(booking)
    if state == "cancelled":
        shop.visit(attempt)
        shop.cancel_order(booking)
        shop.hear()
    else:
        shop.visit(attempt, "decline")
        shop.hear()
        shop.tell_again(state="succeeded", payment_reference=f"pi_{uuid4().hex}", gateway_fee="1.64")
    shop.send_refunds()

    money = shop.money_of(booking)
    expected = ("cancelled", "0.00", "99.00") if state == "cancelled" else ("confirmed", "99.00", "0.00")
    kept = "0.00" if money["refunded"] == money["received"] else money["received"]
    assert (shop.states(booking)[0], kept, money["refunded"]) == expected
