"""order-drafts.md: drafts that expire, and payments that come late."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from kassa.sales.tasks import release_overdue_holds
from tests.spec.shop import DEMO, Shop
from tests.support.factories import make_ticket_type, moment, places

SECONDS = timedelta(seconds=20)
"""What a moment in an answer may be away from the one that the test expects."""


# Expiry


def test_draft_holds_its_places_for_half_an_hour(shop: Shop) -> None:
    """DRAFT_EXPIRY_TIME: 30 minutes from its creation."""
    order = shop.buy(shop.standing)

    assert order["status"] == "draft"
    assert moment(order["expires_at"]) - moment(order["created_at"]) == timedelta(minutes=30)
    assert not order["expiring_soon"]


@pytest.mark.parametrize(
    ("left", "is_soon"),
    [(timedelta(minutes=5, seconds=30), False), (timedelta(minutes=5), True), (SECONDS, True)],
)
def test_buyer_is_warned_five_minutes_before_the_end(shop: Shop, left: timedelta, is_soon: bool) -> None:
    """expiring_soon?: from five minutes before the hold is over."""
    order = shop.buy(shop.standing)

    shop.let_hold_end_in(order, left)

    assert shop.read(order)["expiring_soon"] is is_soon
    assert shop.read(order)["status"] == "draft"


@pytest.mark.parametrize("is_released", [False, True], ids=["worker-is-late", "released"])
def test_draft_expires_and_gives_its_places_back(shop: Shop, is_released: bool) -> None:
    """expire_if_overdue!: the order and its tickets are expired from that moment, worker or none."""
    order = shop.buy(shop.standing, 2)

    shop.let_hold_run_out(order)
    if is_released:
        release_overdue_holds(timestamp=0)

    now = shop.read(order)
    assert (now["status"], now["payment_status"]) == ("expired", "cancelled")
    assert {ticket["status"] for ticket in now["tickets"]} == {"expired"}
    assert (now["can_retry_payment"], now["expiring_soon"]) == (False, False)
    assert shop.get(f"/ticket-types/{shop.standing.id}")["available"] == 10
    release_overdue_holds(timestamp=0)
    assert places(shop.standing.quota_id) == (0, 0)


def test_order_that_is_not_overdue_does_not_expire(shop: Shop) -> None:
    """expire_if_overdue!: nothing happens before the time, nor to an order that was paid."""
    waiting, paid = shop.buy(shop.standing), shop.paid(shop.standing)

    release_overdue_holds(timestamp=0)

    assert shop.read(waiting) == waiting
    assert shop.read(paid) == paid


@pytest.mark.parametrize("is_released", [False, True], ids=["worker-is-late", "released"])
@pytest.mark.parametrize("way", ["payments", "retry-payment", "confirm", "cancel"])
def test_expired_order_can_neither_be_paid_nor_moved(shop: Shop, way: str, is_released: bool) -> None:
    """Checkout of an expired order: refused with the reason, and no attempt is counted."""
    order = shop.buy(shop.standing)
    shop.visit(shop.open(order), "decline")
    shop.hear()
    shop.let_hold_run_out(order)
    if is_released:
        release_overdue_holds(timestamp=0)
    path = f"/orders/{order['id']}"

    code = {
        "payments": partial(shop.refused, "POST", f"{path}/payments", DEMO),
        "retry-payment": partial(shop.refused, "POST", f"{path}/retry-payment"),
        "confirm": partial(shop.refused, "PUT", f"{path}/status", {"status": "confirmed"}),
        "cancel": partial(shop.refused, "POST", f"{path}/cancel"),
    }[way]()

    assert code == "order_expired"
    assert shop.read(order)["payment_attempts"] == 1
    assert len(shop.money_of(order)["attempts"]) == 1


# Payments that come late


@pytest.mark.parametrize("is_released", [False, True], ids=["worker-is-late", "released"])
def test_late_payment_takes_the_places_again(shop: Shop, is_released: bool) -> None:
    """A payment after expiry: the buyer gets the places that are still free."""
    order = shop.buy(shop.standing, 2)
    attempt = shop.open(order)
    shop.let_hold_run_out(order)
    if is_released:
        release_overdue_holds(timestamp=0)

    shop.visit(attempt)
    shop.hear()

    now = shop.read(order)
    assert (now["status"], now["payment_status"], now["expires_at"]) == ("confirmed", "paid", None)
    assert {ticket["status"] for ticket in now["tickets"]} == {"valid"}
    assert places(shop.standing.quota_id) == (0, 2)
    assert shop.money_of(order)["refunds"] == []


def test_late_payment_goes_back_when_the_places_are_gone(shop: Shop) -> None:
    """A payment after expiry: money is never kept without a ticket, and the buyer can see it go back."""
    scarce = make_ticket_type(shop.event, quantity=2)
    order = shop.buy(scarce, 2)
    attempt = shop.open(order)
    shop.expire(order)
    shop.paid(scarce, email="bob@example.com")

    shop.visit(attempt)
    shop.hear()
    [promised] = shop.money_of(order)["refunds"]
    shop.send_refunds()

    money = shop.money_of(order)
    assert (promised["kind"], promised["status"], promised["amount"]) == ("late", "pending", "90.00")
    assert (money["received"], money["refunded"], money["refunding"]) == ("90.00", "90.00", "0.00")
    assert shop.read(order)["status"] == "expired"
    assert {ticket["status"] for ticket in shop.read(order)["tickets"]} == {"expired"}
    assert places(scarce.quota_id) == (0, 1)


def test_page_of_an_expired_order_is_closed_at_the_bank(shop: Shop) -> None:
    """Expiry: an open session at the provider is ended, so that nobody pays for nothing."""
    order = shop.buy(shop.standing)
    attempt = shop.open(order)
    shop.expire(order)

    shop.close_ended()

    shop.visit(attempt)
    shop.hear()
    assert [one["status"] for one in shop.money_of(order)["attempts"]] == ["expired"]
    assert shop.money_of(order)["payments"] == []
    assert shop.states(order) == ("expired", "cancelled")


def test_payment_whose_webhook_never_came_is_found(shop: Shop) -> None:
    """Payment failures: what the provider never tells is asked for."""
    order = shop.buy(shop.standing)
    attempt = shop.open(order)
    shop.visit(attempt, webhook="never")
    shop.hear()
    assert shop.states(order) == ("pending", "pending")

    shop.make_due(attempt)
    shop.reconcile()

    assert shop.states(order) == ("confirmed", "paid")
