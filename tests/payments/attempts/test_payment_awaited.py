"""An order that somebody may be paying keeps its places until its provider was asked, for a bounded time."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest

from kassa.core.ttl_cache import clear_caches
from kassa.orders.domain.payment import LONGEST_AWAITED
from kassa.orders.models import Order
from kassa.payments.domain.attempts.reconcile import has_attempts_to_reconcile, organizations_to_reconcile
from kassa.payments.domain.attempts.silent_providers import PATIENCE, find_silent_providers
from kassa.payments.providers.protocol import PaymentState
from kassa.sales.availability import availability_of
from kassa.sales.domain.expire import release_all_overdue
from tests.payments.cashier import Cashier
from tests.payments.providers import Bank
from tests.support.books import assert_books_balance

OVER = timedelta(minutes=31)
"""When the hold of half an hour has ended."""


def release(cashier: Cashier) -> int:
    return release_all_overdue(now=cashier.now)


def left(cashier: Cashier) -> int:
    """Return how many of the standing places a shop shows as free."""
    clear_caches()
    found = availability_of(cashier.id, cashier.event.id, seats=False, now=cashier.now)
    places: int = orjson.loads(found.body)["ticket_types"][0]["left"]
    return places


@pytest.fixture
def paying(cashier: Cashier, bank: Bank) -> Order:
    """An order whose buyer is at the provider's page, and whose hold is over."""
    order = cashier.place()
    cashier.open(order)
    cashier.later = OVER
    return order


def test_one_that_was_paid_is_found_before_its_places_are_given_up(
    cashier: Cashier, bank: Bank, paying: Order
) -> None:
    """Whatever was told of it has been lost, and no worker has asked for as long as the hold."""
    bank.pay(f"session-{cashier.attempts(paying)[0].id}")

    assert release(cashier) == 0
    assert organizations_to_reconcile(now=cashier.now) == [cashier.id]
    cashier.reconcile()

    assert cashier.states(paying) == ("confirmed", "paid")
    assert cashier.moves(paying) == [(None, "draft"), ("draft", "pending"), ("pending", "confirmed")]
    assert_books_balance()


def test_one_that_is_not_paid_expires_as_soon_as_its_provider_was_asked(
    cashier: Cashier, bank: Bank, paying: Order
) -> None:
    assert (release(cashier), left(cashier)) == (0, 8)

    assert cashier.reconcile() == 1

    assert left(cashier) == 10
    assert release(cashier) == 1
    assert cashier.states(paying) == ("expired", "cancelled")
    assert_books_balance()


def test_one_that_the_bank_works_on_keeps_its_places_until_it_is_paid(
    cashier: Cashier, bank: Bank, paying: Order
) -> None:
    bank.tell(f"session-{cashier.attempts(paying)[0].id}", PaymentState.PROCESSING)

    assert cashier.reconcile() == 1

    assert (release(cashier), left(cashier)) == (0, 8)
    bank.pay(f"session-{cashier.attempts(paying)[0].id}")
    cashier.later += timedelta(minutes=1)
    assert organizations_to_reconcile(now=cashier.now) == [cashier.id]
    cashier.reconcile()
    assert cashier.states(paying) == ("confirmed", "paid")
    assert cashier.moves(paying) == [(None, "draft"), ("draft", "pending"), ("pending", "confirmed")]
    assert_books_balance()


def test_one_that_the_bank_works_on_is_asked_about_once_a_minute(
    cashier: Cashier, bank: Bank, paying: Order
) -> None:
    """A job that is followed by another while something is left to ask would not end otherwise."""
    bank.tell(f"session-{cashier.attempts(paying)[0].id}", PaymentState.PROCESSING)

    for asked in range(1, 4):
        assert has_attempts_to_reconcile(cashier.id, now=cashier.now)
        cashier.reconcile()
        assert not has_attempts_to_reconcile(cashier.id, now=cashier.now)
        assert (cashier.reconcile(), len(bank.looked_up)) == (0, asked)
        cashier.later += timedelta(minutes=1)


def test_the_bank_works_on_one_for_a_bounded_time(cashier: Cashier, bank: Bank, paying: Order) -> None:
    bank.tell(f"session-{cashier.attempts(paying)[0].id}", PaymentState.PROCESSING)
    cashier.reconcile()

    cashier.later += LONGEST_AWAITED

    assert (release(cashier), left(cashier)) == (1, 10)
    assert cashier.states(paying) == ("expired", "cancelled")


def test_one_that_was_paid_otherwise_than_asked_keeps_its_places_for_staff_to_look(
    cashier: Cashier, bank: Bank, paying: Order
) -> None:
    [attempt] = cashier.attempts(paying)
    bank.pay(f"session-{attempt.id}", amount=attempt.amount - 1)

    assert cashier.reconcile() == 1

    assert (release(cashier), left(cashier)) == (0, 8)
    assert not has_attempts_to_reconcile(cashier.id, now=cashier.now)
    cashier.later += LONGEST_AWAITED
    assert release(cashier) == 1


def test_it_is_asked_though_it_was_asked_a_moment_before(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    cashier.open(order)
    cashier.later = timedelta(minutes=29)
    cashier.reconcile()
    assert organizations_to_reconcile(now=cashier.now) == []
    cashier.later = OVER

    assert organizations_to_reconcile(now=cashier.now) == [cashier.id]
    assert cashier.reconcile() == 1
    assert release(cashier) == 1
    assert cashier.states(order) == ("expired", "cancelled")


def test_a_provider_that_never_answers_keeps_the_places_for_a_bounded_time(
    cashier: Cashier, bank: Bank, paying: Order
) -> None:
    """The control: whatever was paid there would come too late, as it did before anybody was asked."""
    bank.dead_for.add(cashier.id)
    bank.pay(f"session-{cashier.attempts(paying)[0].id}")
    cashier.reconcile()
    assert release(cashier) == 0

    cashier.later += LONGEST_AWAITED

    assert release(cashier) == 1
    assert cashier.states(paying) == ("expired", "cancelled")
    bank.dead_for.clear()
    cashier.close_ended()
    assert cashier.states(paying) == ("confirmed", "paid")  # the places were still there
    assert_books_balance()


def test_there_is_nothing_to_ask_about_a_transfer(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    cashier.open(order, "manual")
    cashier.later = timedelta(days=30)

    assert release(cashier) == 1
    assert cashier.states(order) == ("expired", "cancelled")


@pytest.mark.parametrize("state", [PaymentState.FAILED, PaymentState.CANCELLED])
def test_nobody_pays_by_an_attempt_that_has_ended(cashier: Cashier, bank: Bank, state: PaymentState) -> None:
    order = cashier.place()
    attempt = cashier.open(order)
    bank.tell(f"session-{attempt.id}", state)
    cashier.later = timedelta(minutes=2)
    cashier.reconcile()
    cashier.later = OVER

    assert release(cashier) == 1
    assert cashier.states(order) == ("expired", "cancelled")


def test_a_part_that_was_paid_leaves_nothing_to_ask(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    attempt = cashier.open(order)
    Order.objects.of(cashier.id).filter(id=order.id).update(
        approval="awaited"
    )  # paid, and not confirmed by it
    bank.pay(f"session-{attempt.id}")
    cashier.later = timedelta(minutes=2)
    cashier.reconcile()
    cashier.later = OVER

    assert cashier.order(order.id).payment_awaited_until is None
    assert release(cashier) == 1


def test_a_provider_that_does_not_answer_is_told_of(cashier: Cashier, bank: Bank, paying: Order) -> None:
    bank.dead_for.add(cashier.id)
    cashier.reconcile()
    since = cashier.now
    assert find_silent_providers(cashier.id, now=since) == []

    cashier.later += PATIENCE

    [silent] = find_silent_providers(None, now=cashier.now)
    assert (silent.name, silent.attempts, silent.is_asked) == ("memory", 1, True)
    assert "has not answered since" in silent.sentence
    bank.dead_for.clear()
    cashier.reconcile()
    assert find_silent_providers(None, now=cashier.now) == []


def test_a_provider_that_nobody_asks_is_told_of(cashier: Cashier, bank: Bank) -> None:
    cashier.open(cashier.place())
    cashier.later = timedelta(minutes=1) + PATIENCE

    [silent] = find_silent_providers(cashier.id, now=cashier.now)

    assert not silent.is_asked
    assert "start `kassa worker`" in silent.sentence
    cashier.reconcile()
    assert find_silent_providers(cashier.id, now=cashier.now) == []
