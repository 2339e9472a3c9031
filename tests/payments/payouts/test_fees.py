"""What providers keep is asked for until they say it, and each payment gets its turn."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from kassa.payments.domain.payouts import fees
from kassa.payments.domain.payouts.fees import ask_for_fees, organizations_without_fees
from kassa.payments.models import Payment, ProviderAccount
from tests.payments.cashier import Cashier
from tests.payments.money import paid_order, receipt_for, receive
from tests.payments.providers import Bank
from tests.support.books import assert_books_balance

pytestmark = pytest.mark.django_db(transaction=True)


def paid_without_fee(cashier: Cashier, bank: Bank, provider: str = "memory") -> str:
    """Let an order be paid at a provider that does not say yet what it keeps; return the session."""
    attempt = cashier.open(cashier.place(), provider)
    reference = str(attempt.provider_reference)
    bank.pay(reference, gateway_fee=None)
    later = timedelta(minutes=2)
    cashier.later += later
    cashier.reconcile()
    cashier.later -= later
    bank.looked_up.clear()
    return reference


def say(bank: Bank, reference: str) -> None:
    bank.pay(reference, gateway_fee=Decimal("0.30"))


def unknown(cashier: Cashier) -> int:
    return Payment.objects.of(cashier.id).filter(gateway_fee=None).count()


def test_one_that_is_never_told_keeps_no_other_from_its_turn(
    cashier: Cashier, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fees, "LIMIT", 1)
    first, second, third = (paid_without_fee(cashier, bank) for _ in range(3))
    say(bank, first)
    cashier.later = timedelta(minutes=3)

    rounds = [ask_for_fees(cashier.id, now=cashier.now) for _ in range(4)]

    assert (rounds, bank.looked_up) == ([1, 0, 0, 0], [first, second, third])
    assert_books_balance()


def test_it_is_asked_ever_less_often_and_in_the_end_never(cashier: Cashier, bank: Bank) -> None:
    paid_without_fee(cashier, bank)
    for _ in range(7 * 24):
        cashier.later += timedelta(hours=1)
        ask_for_fees(cashier.id, now=cashier.now)

    assert 5 <= len(bank.looked_up) <= 12
    cashier.later += timedelta(days=9)
    assert organizations_without_fees(now=cashier.now) == []
    assert Payment.objects.of(cashier.id).get().fee_check_at is None


def test_a_provider_that_is_gone_or_silent_keeps_no_other_from_being_asked(
    cashier: Cashier, bank: Bank
) -> None:
    paid_without_fee(cashier, bank, "other")
    reference = paid_without_fee(cashier, bank)
    say(bank, reference)
    ProviderAccount.objects.of(cashier.id).filter(provider="other").delete()
    cashier.later = timedelta(minutes=3)
    assert organizations_without_fees(now=cashier.now) == [cashier.id]

    assert ask_for_fees(cashier.id, now=cashier.now) == 1

    assert unknown(cashier) == 1
    assert organizations_without_fees(now=cashier.now) == []  # until later
    assert_books_balance()


def test_nobody_is_asked_about_money_without_an_attempt(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    receive(cashier, receipt_for(order, gateway_fee=None, provider="imported"))
    paid_order(cashier)
    cashier.later = timedelta(minutes=1)

    assert unknown(cashier) == 1
    assert organizations_without_fees(now=cashier.now) == []
    assert ask_for_fees(cashier.id, now=cashier.now) == 0
