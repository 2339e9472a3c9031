"""Reading all money of an order."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kassa.core.errors import NotFound
from kassa.payments.domain.documents import attempt_document
from kassa.payments.domain.receipts.incoming_payment import IncomingPayment
from kassa.payments.domain.receipts.record_payments import record_payments
from kassa.payments.queries import payments_of_order
from tests.payments.cashier import Cashier
from tests.payments.providers import Bank


def pay(cashier: Cashier, order_id: object, amount: int, reference: str) -> None:
    receipt = IncomingPayment(
        order_id=order_id,  # type: ignore[arg-type]
        provider="manual",
        provider_reference=reference,
        amount=Decimal(amount),
        currency="EUR",
        received_at=cashier.now,
    )
    record_payments(cashier.id, [receipt], now=cashier.now)


def test_an_order_that_was_not_tried_to_pay_owes_everything(cashier: Cashier) -> None:
    order = cashier.place()

    shown = payments_of_order(cashier.id, order.id, now=cashier.now)

    assert [shown[name] for name in ("total", "received", "outstanding", "refunded", "refunding")] == [
        "90.00",
        "0.00",
        "90.00",
        "0.00",
        "0.00",
    ]
    assert [shown[name] for name in ("attempts", "payments", "refunds", "disputes")] == [[], [], [], []]


def test_the_rest_of_an_order_is_what_the_next_attempt_is_for(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    pay(cashier, order.id, 30, "first")

    attempt = cashier.open(order)

    assert attempt.amount == Decimal(60)
    shown = payments_of_order(cashier.id, order.id, now=cashier.now)
    assert (shown["received"], shown["outstanding"]) == ("30.00", "60.00")
    assert shown["attempts"] == [attempt_document(attempt)]


def test_a_paid_order_owes_nothing_and_the_surplus_goes_back(cashier: Cashier) -> None:
    order = cashier.place()
    pay(cashier, order.id, 100, "first")

    shown = payments_of_order(cashier.id, order.id, now=cashier.now)

    assert [shown[name] for name in ("received", "outstanding", "refunded", "refunding")] == [
        "100.00",
        "0.00",
        "0.00",
        "10.00",
    ]
    [refund] = shown["refunds"]
    assert (refund["kind"], refund["amount"], len(refund["parts"])) == ("surplus", "10.00", 1)


def test_it_takes_as_many_queries_for_three_as_for_one(cashier: Cashier, bank: Bank) -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            payments_of_order(cashier.id, order.id, now=cashier.now)
        return len(queries)

    order = cashier.place()
    cashier.cancel(cashier.open(order))
    pay(cashier, order.id, 10, "first")
    with_one = count()
    for reference in ("second", "third"):
        cashier.cancel(cashier.open(order))
        pay(cashier, order.id, 10, reference)

    assert count() == with_one == 6


def test_an_order_of_another_organisation_is_not_seen(cashier: Cashier) -> None:
    order = cashier.place()

    with pytest.raises(NotFound):
        payments_of_order(Cashier().id, order.id, now=cashier.now)
