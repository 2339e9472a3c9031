"""Attempts are ended: by hand, and because their orders have ended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kassa.core.errors import NotFound
from kassa.orders.domain.change import mark_cancelled
from kassa.orders.domain.expire import expire_orders
from kassa.orders.models import Order
from kassa.payments.domain.attempts.close import organizations_with_ended_attempts
from kassa.payments.errors import AttemptOver, PaymentUnderWay, ProviderDoesNotAnswer
from kassa.payments.models import PaymentAttempt
from kassa.payments.providers.protocol import PaymentState
from tests.payments.cashier import Cashier
from tests.payments.providers import Bank, Killed
from tests.support.books import assert_books_balance
from tests.support.factories import places


def expire(cashier: Cashier) -> None:
    """Let so much time pass that nobody waits for the provider's answer any more."""
    cashier.later += timedelta(minutes=61)
    expire_orders(cashier.id, now=cashier.now)


def test_cancelling_ends_the_session_and_leaves_the_order_to_be_paid(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    attempt = cashier.open(order)

    ended = cashier.cancel(attempt)

    assert ended.status == "cancelled"
    assert bank.sessions[f"session-{attempt.id}"].state == PaymentState.EXPIRED
    assert cashier.states(order) == ("pending", "failed")
    assert cashier.payment_events() == ["payment.opened", "payment.cancelled"]
    assert cashier.history(order)[-1].changed_by == cashier.actor.id


def test_what_is_over_is_not_cancelled(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    attempt = cashier.open(order)
    cashier.cancel(attempt)

    with pytest.raises(AttemptOver):
        cashier.cancel(attempt)
    assert len(bank.closed) == 1


def test_cancelling_what_was_paid_just_now_receives_it(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    attempt = cashier.open(order)
    bank.pay(f"session-{attempt.id}")

    with pytest.raises(AttemptOver):
        cashier.cancel(attempt)

    assert cashier.states(order) == ("confirmed", "paid")
    assert_books_balance()


def test_what_the_bank_decides_is_not_cancelled(cashier: Cashier, bank: Bank) -> None:
    attempt = cashier.open(cashier.place())
    bank.tell(f"session-{attempt.id}", PaymentState.PROCESSING)

    with pytest.raises(PaymentUnderWay):
        cashier.cancel(attempt)


def test_cancelling_needs_an_answer(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    attempt = cashier.open(order)
    bank.dead_for.add(cashier.id)

    with pytest.raises(ProviderDoesNotAnswer):
        cashier.cancel(attempt)

    assert cashier.statuses(order) == ["open"]


def test_an_attempt_belongs_to_its_order(cashier: Cashier, bank: Bank) -> None:
    attempt = cashier.open(cashier.place())
    attempt.order_id = cashier.place().id

    with pytest.raises(NotFound):
        cashier.cancel(attempt)
    assert bank.closed == []


def test_one_that_nobody_knows_of_is_opened_and_ended(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    bank.loses_answers = True
    with pytest.raises(ProviderDoesNotAnswer):
        cashier.open(order)
    bank.loses_answers = False

    ended = cashier.cancel(cashier.attempts(order)[0])

    assert ended.status == "cancelled"
    assert [seen.state for seen in bank.sessions.values()] == [PaymentState.EXPIRED]


def test_expiry_ends_the_session(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    attempt = cashier.open(order)
    expire(cashier)
    assert organizations_with_ended_attempts() == [cashier.id]

    assert cashier.close_ended() == 1

    assert cashier.statuses(order) == ["expired"]
    assert bank.closed == [attempt.provider_reference]
    assert cashier.states(order) == ("expired", "cancelled")
    assert cashier.payment_events() == ["payment.opened", "payment.expired"]
    assert organizations_with_ended_attempts() == []
    assert cashier.close_ended() == 0


def test_cancelling_an_order_ends_its_session(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    cashier.open(order)
    mark_cancelled(cashier.context(), order.id)

    cashier.close_ended()

    assert cashier.statuses(order) == ["cancelled"]
    assert cashier.states(order) == ("cancelled", "cancelled")


def test_attempts_of_orders_that_hold_are_left_alone(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    cashier.open(order)

    assert cashier.close_ended() == 0
    assert cashier.statuses(order) == ["open"]


def test_one_that_was_paid_after_all_takes_its_places_back(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    attempt = cashier.open(order)
    bank.pay(f"session-{attempt.id}")
    expire(cashier)

    cashier.close_ended()

    assert cashier.states(order) == ("confirmed", "paid")
    assert cashier.statuses(order) == ["succeeded"]
    assert places(cashier.standing.quota_id) == (0, 2)
    assert_books_balance()


def test_a_provider_that_does_not_answer_is_asked_again_later(cashier: Cashier, bank: Bank) -> None:
    orders = [cashier.place() for _ in range(2)]
    for order in orders:
        cashier.open(order)
    expire(cashier)
    bank.dead_for.add(cashier.id)

    assert cashier.close_ended() == 0

    assert [cashier.statuses(order) for order in orders] == [["open"], ["open"]]
    [put_off] = PaymentAttempt.objects.of(cashier.id).filter(checks=1)
    assert put_off.check_at is not None
    assert put_off.check_at > cashier.now
    bank.dead_for.clear()
    assert cashier.close_ended() == 2


def test_a_transfer_ends_with_its_order(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    cashier.open(order, "manual")
    mark_cancelled(cashier.context(), order.id)

    cashier.close_ended()

    assert cashier.statuses(order) == ["cancelled"]


@pytest.mark.parametrize("ends_by", ["expiry", "cancelling"])
def test_one_killed_while_opening_leaves_nothing_payable(cashier: Cashier, bank: Bank, ends_by: str) -> None:
    order = cashier.place()
    killed_while_opening(cashier, bank, order)
    if ends_by == "expiry":
        expire(cashier)
    else:
        mark_cancelled(cashier.context(), order.id)

    cashier.close_ended()

    assert cashier.statuses(order) == ["expired" if ends_by == "expiry" else "cancelled"]
    assert [seen.state for seen in bank.sessions.values()] == [PaymentState.EXPIRED]


def killed_while_opening(cashier: Cashier, bank: Bank, order: Order) -> None:
    bank.kills_after_opening = True
    with pytest.raises(Killed):
        cashier.open(order)
    bank.kills_after_opening = False
