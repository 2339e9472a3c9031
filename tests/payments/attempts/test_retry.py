"""Trying to pay again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kassa.core.errors import NotFound
from kassa.core.ids import new_id
from kassa.payments.domain.attempts.retry import RetryRequest, retry_payment
from kassa.payments.errors import AttemptsExhausted, NothingToRetry, PaymentRefused
from kassa.payments.providers.protocol import PaymentState
from tests.payments.cashier import BACK, CANCEL, Cashier
from tests.payments.providers import Bank


def fail(cashier: Cashier, bank: Bank) -> None:
    """Let every session fail, and let Kassa hear of it."""
    for reference in bank.sessions:
        bank.tell(reference, PaymentState.FAILED, error="The card was declined.")
    cashier.later += timedelta(minutes=2)
    cashier.reconcile()


def test_a_failed_payment_is_pending_again(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    first = cashier.open(order)
    fail(cashier, bank)
    assert cashier.states(order) == ("pending", "failed")

    second = cashier.retry(order)

    assert cashier.states(order) == ("pending", "pending")
    assert (second.provider, second.return_url, second.cancel_url) == ("memory", BACK, CANCEL)
    assert cashier.statuses(order) == ["failed", "open"]
    assert cashier.attempts(order)[0].error == "The card was declined."
    assert bank.opened == [first.id, second.id]
    assert [change.to_payment_status for change in cashier.history(order)][-2:] == ["failed", "pending"]


def test_a_retry_may_go_another_way(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    cashier.open(order)

    second = cashier.retry(order, provider="other", return_url="https://elsewhere.example")

    assert (second.provider, second.return_url) == ("other", "https://elsewhere.example")
    assert cashier.statuses(order) == ["cancelled", "open"]


def test_what_can_still_be_paid_is_what_is_meant(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    first = cashier.open(order)

    assert cashier.retry(order).id == first.id
    assert cashier.retry(order, idempotency_key="new").id == first.id
    assert bank.closed == []


def test_the_same_key_retries_once(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    cashier.cancel(cashier.open(order))
    second = cashier.retry(order, idempotency_key="again")
    cashier.cancel(second)

    assert cashier.retry(order, idempotency_key="again").id == second.id
    assert len(bank.opened) == 2


def test_there_is_nothing_to_retry_before_the_first(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()

    with pytest.raises(NothingToRetry):
        cashier.retry(order)
    with pytest.raises(NotFound):
        retry_payment(cashier.context(), new_id(), request=RetryRequest())

    assert cashier.states(order) == ("draft", "pending")


def test_retries_count_as_attempts(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    bank.refuses = "no"
    with pytest.raises(PaymentRefused):
        cashier.open(order)
    for _ in range(2):
        with pytest.raises(PaymentRefused):
            cashier.retry(order)

    with pytest.raises(AttemptsExhausted):
        cashier.retry(order)

    assert cashier.statuses(order) == ["failed"] * 3
