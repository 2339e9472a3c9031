"""What the sweeps look after is done with afterwards."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kassa.payments.domain.sweeps import refund_all_ended
from kassa.payments.models import Payment
from tests.payments.cashier import Cashier
from tests.payments.money import receipt_for, receive
from tests.payments.providers import Bank

pytestmark = pytest.mark.django_db(transaction=True)


def test_money_of_an_ended_order_of_which_nothing_is_kept_waits_no_more(cashier: Cashier, bank: Bank) -> None:
    order = cashier.place()
    receive(cashier, receipt_for(order, Decimal(40)))
    payments = Payment.objects.of(cashier.id)
    assert payments.get().waits
    payments.update(disputed_amount=Decimal(40))
    type(order).unscoped.filter(id=order.id).update(status="expired", payment_status="cancelled")

    assert refund_all_ended(now=cashier.now) == 0

    assert not payments.get().waits
