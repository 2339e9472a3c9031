"""Attempts that nothing was heard of are asked about, until they are decided."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kassa.orders.domain.expire import expire_orders
from kassa.payments.domain.attempts.fail import attempts_seen
from kassa.payments.domain.attempts.reconcile import organizations_to_reconcile, reconcile_attempts
from kassa.payments.models import PaymentAttempt, ProviderAccount
from kassa.payments.providers.protocol import PaymentSeen, PaymentState
from tests.payments.attempts.test_close import killed_while_opening
from tests.payments.cashier import Cashier
from tests.payments.providers import Bank
from tests.support.books import assert_books_balance

MINUTE = timedelta(minutes=1)


def test_one_killed_between_opening_and_writing_is_found_again(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    killed_while_opening(cashier, bank, order)
    [attempt] = cashier.attempts(order)
    assert attempt.status == "opening"
    cashier.later = 2 * MINUTE

    assert cashier.reconcile() == 1

    [found] = cashier.attempts(order)
    assert (found.status, found.provider_reference) == ("open", f"session-{attempt.id}")
    assert len(bank.sessions) == 1
    assert cashier.payment_events() == ["payment.opened"]


def test_one_killed_and_expired_is_opened_and_ended(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    killed_while_opening(cashier, bank, order)
    cashier.later = timedelta(minutes=31)
    expire_orders(cashier.id, now=cashier.now)

    cashier.reconcile()

    assert cashier.statuses(order) == ["expired"]
    assert [seen.state for seen in bank.sessions.values()] == [PaymentState.EXPIRED]


def test_one_that_is_refused_when_it_is_opened_again_has_failed(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    killed_while_opening(cashier, bank, order)
    bank.refuses = "too_late"
    cashier.later = 2 * MINUTE

    cashier.reconcile()

    assert cashier.statuses(order) == ["failed"]
    assert cashier.states(order) == ("pending", "failed")


def test_a_key_that_the_provider_may_have_forgotten_is_not_used_again(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    killed_while_opening(cashier, bank, order)
    cashier.later = timedelta(hours=21)

    cashier.reconcile()

    assert cashier.statuses(order) == ["failed"]
    assert len(bank.opened) == 1


def test_a_payment_whose_webhook_never_came_is_received(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    attempt = cashier.open(order)
    bank.pay(f"session-{attempt.id}")
    cashier.later = 2 * MINUTE
    assert organizations_to_reconcile(now=cashier.now) == [cashier.id]

    cashier.reconcile()

    assert cashier.states(order) == ("confirmed", "paid")
    assert cashier.statuses(order) == ["succeeded"]
    assert organizations_to_reconcile(now=cashier.now + timedelta(days=1)) == []
    assert_books_balance()


def test_receiving_it_twice_changes_nothing(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    attempt = cashier.open(order)
    bank.pay(f"session-{attempt.id}")
    PaymentAttempt.objects.of(cashier.id).update(check_at=cashier.now)
    cashier.reconcile()
    # As if the process had been killed before the attempt was written.
    PaymentAttempt.objects.of(cashier.id).update(check_at=cashier.now, status="open")

    cashier.reconcile()

    assert cashier.statuses(order) == ["succeeded"]
    assert_books_balance()


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (PaymentState.FAILED, "failed"),
        (PaymentState.EXPIRED, "expired"),
        (PaymentState.CANCELLED, "cancelled"),
        (PaymentState.UNKNOWN, "failed"),
    ],
)
def test_what_ended_without_money_has_failed(
    cashier: Cashier, bank: Bank, state: PaymentState, status: str
) -> None:
    order = cashier.place()
    attempt = cashier.open(order)
    bank.tell(f"session-{attempt.id}", state)
    cashier.later = 2 * MINUTE

    cashier.reconcile()

    assert cashier.statuses(order) == [status]
    assert cashier.states(order) == ("pending", "failed")
    assert cashier.payment_events() == ["payment.opened", f"payment.{status}"]
    assert cashier.attempts(order)[0].check_at is None


def test_one_that_stays_open_is_asked_about_ever_more_rarely(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    cashier.open(order)
    distances = []
    for _ in range(6):
        due = cashier.attempts(order)[0].check_at
        assert due is not None
        reconcile_attempts(cashier.id, now=due)
        then = cashier.attempts(order)[0].check_at
        assert then is not None
        distances.append((then - due) // MINUTE)

    assert distances == [1, 2, 5, 15, 60, 60]
    assert len(bank.looked_up) == 6


def test_one_that_outlives_its_own_end_is_ended(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    attempt = cashier.open(order)
    assert attempt.expires_at is not None

    reconcile_attempts(cashier.id, now=attempt.expires_at + timedelta(minutes=59))
    assert cashier.statuses(order) == ["open"]
    PaymentAttempt.objects.of(cashier.id).update(check_at=cashier.now)
    reconcile_attempts(cashier.id, now=attempt.expires_at + timedelta(minutes=60))

    assert cashier.statuses(order) == ["expired"]
    assert bank.closed == [attempt.provider_reference]


def test_one_that_the_bank_decides_is_asked_about_for_as_long_as_it_takes(
    cashier: Cashier, bank: Bank
) -> None:
    order = cashier.place()
    attempt = cashier.open(order)
    bank.tell(f"session-{attempt.id}", PaymentState.PROCESSING)
    for _ in range(8):
        due = cashier.attempts(order)[0].check_at
        assert due is not None
        reconcile_attempts(cashier.id, now=due + timedelta(days=1))
        assert cashier.statuses(order) == ["processing"]
    bank.pay(f"session-{attempt.id}")
    cashier.later = timedelta(days=30)

    cashier.reconcile()

    assert cashier.states(order) == ("confirmed", "paid")
    assert_books_balance()


def test_money_that_is_not_what_was_asked_for_is_not_booked(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    attempt = cashier.open(order)
    bank.pay(f"session-{attempt.id}", amount=attempt.amount - 1)
    cashier.later = 2 * MINUTE

    cashier.reconcile()

    assert cashier.states(order) == ("pending", "pending")
    [shown] = cashier.attempts(order)
    assert (shown.status, shown.error) == ("open", "89.000 was paid, 90.000 was asked for.")
    assert cashier.reconcile() == 0
    assert_books_balance()


def test_a_dead_provider_is_asked_once_and_the_others_are_not_kept_waiting(
    cashier: Cashier, bank: Bank
) -> None:
    orders = [cashier.place() for _ in range(3)]
    for order in orders:
        cashier.open(order)
    by_transfer = cashier.place()
    cashier.open(by_transfer, "manual")
    PaymentAttempt.objects.of(cashier.id).update(check_at=cashier.now)
    bank.dead_for.add(cashier.id)

    assert cashier.reconcile() == 1

    assert bank.looked_up == []
    assert PaymentAttempt.objects.of(cashier.id).filter(provider="memory", checks=1).count() == 1


def test_an_attempt_whose_account_is_gone_is_put_off(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    cashier.open(order)
    ProviderAccount.objects.of(cashier.id).filter(provider="memory").delete()
    cashier.later = 2 * MINUTE

    assert cashier.reconcile() == 0

    [attempt] = cashier.attempts(order)
    assert (attempt.status, attempt.checks) == ("open", 1)


def test_a_round_ends_when_it_should(cashier: Cashier, bank: Bank) -> None:
    cashier.open(cashier.place())
    cashier.later = 2 * MINUTE

    assert reconcile_attempts(cashier.id, now=cashier.now, should_stop=lambda: True) == 0
    assert bank.looked_up == []


def test_what_comes_out_of_order_changes_nothing(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    attempt = cashier.open(order)
    reference = f"session-{attempt.id}"

    def told(state: PaymentState, error: str = "") -> int:
        seen = PaymentSeen(state, reference, error=error)
        return attempts_seen(cashier.id, [(attempt.id, seen)], now=cashier.now)

    assert told(PaymentState.OPEN, "The card was declined.") == 1
    assert told(PaymentState.OPEN) == 0
    assert told(PaymentState.PROCESSING) == 1
    assert told(PaymentState.PROCESSING) == 0
    assert told(PaymentState.CANCELLED) == 1
    assert told(PaymentState.FAILED) == told(PaymentState.PROCESSING) == told(PaymentState.OPEN, "x") == 0
    assert cashier.statuses(order) == ["cancelled"]
    assert cashier.payment_events() == ["payment.opened", "payment.cancelled"]
    with pytest.raises(ValueError, match="received"):
        told(PaymentState.SUCCEEDED)


def test_sightings_of_another_organisation_change_nothing(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    attempt = cashier.open(order)
    seen = PaymentSeen(PaymentState.FAILED, "")

    assert attempts_seen(Cashier().id, [(attempt.id, seen)], now=cashier.now) == 0
    assert cashier.statuses(order) == ["open"]


def test_an_old_attempt_that_fails_late_leaves_the_new_one_alone(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    first = cashier.open(order)
    cashier.open(order, "other")

    attempts_seen(cashier.id, [(first.id, PaymentSeen(PaymentState.FAILED, ""))], now=cashier.now)

    assert cashier.statuses(order) == ["cancelled", "open"]
    assert cashier.states(order) == ("pending", "pending")
