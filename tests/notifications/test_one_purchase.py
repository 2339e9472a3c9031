"""One message for one purchase, however it is paid, and for one that stops half-way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kassa.core.clock import utc_now
from kassa.notifications.domain.occasions import PAYING_TAKES
from kassa.notifications.domain.read_feed import read_events
from kassa.notifications.models import Message
from kassa.orders.enums import OrderStatus
from kassa.orders.models import Order
from kassa.payments.domain.attempts.fail import attempts_seen
from kassa.payments.domain.attempts.open import AttemptRequest, open_attempt
from kassa.payments.domain.manual_status import change_status
from kassa.payments.providers.protocol import PaymentSeen, PaymentState
from kassa.sales.domain.outcome import Placed
from tests.notifications.office import Office
from tests.sales.carts import a_cart, convert
from tests.support.factories import enable_provider, line


@pytest.fixture
def office(office: Office) -> Office:
    office.forget()
    return office


def order_on_a_page(office: Office) -> Order:
    cart_id = a_cart(office.organization, line(office.standing), now=office.now)
    outcome = convert(office.actor, cart_id, now=office.now)
    assert isinstance(outcome, Placed)
    return office.order(outcome.order_id)


def begin_to_pay(office: Office, order: Order, provider: str) -> Any:
    enable_provider(office.organization, provider)
    request = AttemptRequest(
        provider=provider, return_url="https://a.example", cancel_url="https://a.example"
    )
    return open_attempt(office.context(now=office.now), order.id, request=request)


def work(office: Office, later: timedelta = timedelta()) -> list[tuple[str, str]]:
    """Let the worker do what is due by then; return the kinds of the messages and what became of them."""
    read_events(now=utc_now())
    office.send(utc_now() + later)
    return sorted(Message.unscoped.values_list("kind", "status"))


def test_one_smooth_purchase_is_one_message(office: Office) -> None:
    order = order_on_a_page(office)
    begin_to_pay(office, order, "demo")
    read_events(now=utc_now())
    change_status(office.by_staff(), order.id, to_status=OrderStatus.CONFIRMED)

    found = work(office, PAYING_TAKES)

    assert found == [("order_confirmed", "kept"), ("order_placed", "skipped")]


def test_whoever_stops_half_way_reads_how_to_go_on(office: Office) -> None:
    order = order_on_a_page(office)
    begin_to_pay(office, order, "demo")

    assert work(office) == [("order_placed", "pending")]
    assert work(office, PAYING_TAKES) == [("order_placed", "kept")]


def test_a_short_hold_is_written_about_well_before_its_end(office: Office) -> None:
    order = order_on_a_page(office)
    assert order.expires_at is not None
    read_events(now=utc_now())

    [due] = Message.unscoped.values_list("next_try_at", flat=True)

    assert due is not None
    assert due - order.created_at <= PAYING_TAKES
    assert due < order.expires_at


def test_a_transfer_is_written_about_at_once(office: Office) -> None:
    order = order_on_a_page(office)
    assert work(office) == [("order_placed", "pending")]

    begin_to_pay(office, order, "manual")

    assert work(office) == [("order_placed", "kept")]


def test_a_payment_that_fails_is_one_message_too(office: Office) -> None:
    order = order_on_a_page(office)
    attempt = begin_to_pay(office, order, "demo")
    read_events(now=utc_now())
    seen = PaymentSeen(PaymentState.FAILED, "", error="The card was declined.")
    attempts_seen(office.id, [(attempt.id, seen)], now=utc_now())

    found = work(office, PAYING_TAKES)

    assert found == [("order_placed", "skipped"), ("payment_failed", "kept")]


def test_an_order_over_the_api_is_written_about_at_once(office: Office) -> None:
    """Nobody says that its buyer is on the way to pay."""
    office.place(line(office.standing))

    assert work(office) == [("order_placed", "kept")]


def test_the_page_of_a_request_that_waits_for_the_organiser_is_written_about_at_once(office: Office) -> None:
    office.standing.requires_approval = True
    office.standing.save()
    order_on_a_page(office)

    assert work(office) == [("order_placed", "kept")]
