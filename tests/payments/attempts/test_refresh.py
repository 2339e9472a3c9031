"""A buyer who comes back from a payment page makes us ask the provider, which never fails."""

from __future__ import annotations

from kassa.orders.models import Order
from kassa.payments.domain.attempts.refresh import refresh_attempt
from kassa.payments.providers.protocol import PaymentState
from tests.payments.cashier import Cashier
from tests.payments.providers import Bank
from tests.support.books import assert_books_balance


def look(cashier: Cashier, order: Order) -> None:
    refresh_attempt(cashier.context(now=cashier.now), order.id)


def reference_of(cashier: Cashier, order: Order) -> str:
    return cashier.open(order).provider_reference or ""


def test_paid_order_is_confirmed_once(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    bank.pay(reference_of(cashier, order))

    look(cashier, order)
    look(cashier, order)

    assert cashier.states(order) == ("confirmed", "paid")
    assert cashier.statuses(order) == ["succeeded"]
    assert len(bank.looked_up) == 1
    assert_books_balance()


def test_failed_payment_is_noted(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    bank.tell(reference_of(cashier, order), PaymentState.FAILED)

    look(cashier, order)

    assert cashier.statuses(order) == ["failed"]
    assert cashier.states(order) == ("pending", "failed")


def test_open_page_stays_open_and_is_asked_about_as_before(cashier: Cashier) -> None:
    order = cashier.place()
    reference_of(cashier, order)
    [before] = cashier.attempts(order)

    look(cashier, order)

    [after] = cashier.attempts(order)
    assert (after.status, after.check_at, after.checks) == ("open", before.check_at, before.checks)


def test_provider_that_does_not_answer_changes_nothing(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    bank.pay(reference_of(cashier, order))
    bank.dead_for.add(cashier.id)

    look(cashier, order)

    assert cashier.statuses(order) == ["open"]


def test_nothing_is_asked_where_there_is_no_page(cashier: Cashier, bank: Bank) -> None:
    untried, transfer = cashier.place(), cashier.place()
    cashier.open(transfer, "manual")

    look(cashier, untried)
    look(cashier, transfer)

    assert bank.looked_up == []
    assert cashier.statuses(transfer) == ["open"]
