"""Refunds that were made on the provider's own pages."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kassa.integrations.demo_bank.models import DemoRefund
from kassa.orders.models import Order
from kassa.payments.domain.refunds.settle import settle_refund
from kassa.payments.domain.webhooks.outcomes import Settled, Unsettled
from kassa.payments.models import Payment, RefundedTicket, RefundPart
from kassa.payments.providers.protocol import RefundSeen, RefundState
from tests.payments.money import balances
from tests.payments.till import Till
from tests.support.books import assert_books_balance

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def till() -> Till:
    return Till()


@pytest.fixture
def order(till: Till) -> Order:
    return till.paid(till.place())


def tell(till: Till, amount: str, reference: str = "re_1") -> Settled | Unsettled:
    payment = Payment.objects.of(till.id).get()
    seen = RefundSeen(
        RefundState.SUCCEEDED,
        reference,
        payment_reference=payment.provider_reference,
        amount=Decimal(amount),
        currency="eur",
    )
    return settle_refund(till.id, seen, provider="demo", now=till.now)


def test_a_part_given_back_elsewhere_is_booked_once_and_not_sent(till: Till, order: Order) -> None:
    assert tell(till, "30").outcome == "refund_made_elsewhere"
    assert tell(till, "30").outcome == "known"

    till.pass_time(hours=1)
    till.send_refunds()
    assert not DemoRefund.objects.of(till.id).exists()
    part = RefundPart.objects.of(till.id).get()
    assert (part.status, part.provider_reference) == ("succeeded", "re_1")
    again = till.order(order.id)
    assert (again.status, again.payment_status) == ("partially_refunded", "partially_refunded")
    assert (again.refunded_amount, again.refunding_amount) == (30, 0)
    assert till.tickets(order) == ["valid", "valid"]
    assert not RefundedTicket.objects.of(till.id).exists()
    assert balances(till, order)["sales"] == -60
    assert_books_balance(till.id)


def test_all_given_back_elsewhere_ends_the_tickets(till: Till, order: Order) -> None:
    tell(till, "30")

    assert tell(till, "60", "re_2").outcome == "refund_made_elsewhere"

    again = till.order(order.id)
    assert (again.status, again.payment_status, again.refunded_amount) == ("refunded", "refunded", 90)
    assert till.tickets(order) == ["refunded", "refunded"]
    assert_books_balance(till.id)


def test_more_than_is_left_is_seen_by_staff(till: Till, order: Order) -> None:
    till.refund_share(order, Decimal("0.5"))

    told = tell(till, "60")

    assert isinstance(told, Unsettled)
    assert (told.outcome, told.is_final, told.order_id) == ("refund_unknown", True, order.id)
    assert RefundPart.objects.of(till.id).get().status == "pending"
    assert_books_balance(till.id)


def test_what_may_be_a_refund_of_ours_without_an_answer_waits(till: Till, order: Order) -> None:
    till.refund_share(order, Decimal("0.25"))
    till.bank_answers({"refund": "lost"})
    till.send_refunds()

    told = tell(till, "22.5")

    assert isinstance(told, Unsettled)
    assert (told.outcome, told.is_final) == ("refund_unknown", False)
    assert RefundPart.objects.of(till.id).count() == 1
