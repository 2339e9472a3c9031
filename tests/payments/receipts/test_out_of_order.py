"""What comes in another order than it happened, or in between: no money moves twice, and none gets lost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from kassa.integrations.demo_bank.enums import RefundMode, WebhookMode
from kassa.integrations.demo_bank.models import DemoPayment, DemoRefund, DemoWebhook
from kassa.payments.errors import DisputeOpen
from kassa.payments.models import Dispute, Payment, Refund, RefundPart, WebhookEvent
from tests.payments import scales
from tests.payments.till import Till
from tests.support.books import assert_books_balance

pytestmark = pytest.mark.django_db(transaction=True)
HALF = Decimal("0.5")


@pytest.fixture
def till() -> Till:
    return Till()


def assert_all_is_right(till: Till) -> None:
    till.bring_all_to_its_end()
    assert_books_balance(till.id)
    scales.assert_accounts_say_what_is_open(till.id)
    scales.assert_bank_agrees(till.id)
    scales.assert_nothing_is_under_way(till.id)
    scales.assert_money_and_tickets_belong_together(till.id)


def messages(till: Till, kind: str) -> list[DemoWebhook]:
    return list(DemoWebhook.objects.of(till.id).filter(type=kind).order_by("id"))


def test_an_old_refusal_does_not_have_the_money_sent_a_second_time(till: Till) -> None:
    order = till.paid(till.place(), refunds=RefundMode.REFUSED_FIRST)
    till.refund_share(order, Decimal("0.25"))
    till.send_refunds()
    assert RefundPart.objects.of(till.id).get().refusals == 1
    till.bank_answers({"refund": "lost"})
    till.pass_time(hours=2)
    till.send_refunds()  # The bank does it, and nobody hears of it.
    till.bank_answers({})

    [refusal] = messages(till, "refund.refused")
    till.deliver(refusal)
    till.settle()
    till.pass_time(hours=2)
    till.send_refunds()

    assert DemoRefund.objects.of(till.id).exclude(status="refused").count() == 1
    assert Refund.objects.of(till.id).get().status == "succeeded"
    assert_all_is_right(till)


def test_a_refund_that_the_bank_works_on_is_not_begun_again_by_an_old_refusal(till: Till) -> None:
    order = till.paid(till.place(), refunds=RefundMode.REFUSED_FIRST)
    till.refund_share(order, Decimal("0.25"))
    till.send_refunds()
    DemoPayment.objects.of(till.id).update(refund_mode=RefundMode.PENDING)
    till.pass_time(hours=2)
    till.send_refunds()
    part = RefundPart.objects.of(till.id).get()
    assert part.provider_reference is not None

    [refusal] = messages(till, "refund.refused")
    till.deliver(refusal)
    till.settle()

    again = RefundPart.objects.of(till.id).get()
    assert (again.refusals, again.provider_reference) == (1, part.provider_reference)
    assert_all_is_right(till)


def test_a_dispute_that_is_told_to_be_won_first_stays_won(till: Till) -> None:
    order = till.paid(till.place())
    dispute = till.open_dispute(DemoPayment.objects.of(till.id).get(), HALF)
    till.decide_dispute(dispute, is_won=True)

    for kind in ("dispute.won", "dispute.open"):
        [message] = messages(till, kind)
        till.deliver(message)
        till.settle()

    assert Dispute.objects.of(till.id).get().status == "won"
    assert till.tickets(order) == ["valid", "valid"]
    assert_all_is_right(till)


def test_a_dispute_that_is_told_before_its_payment_waits_for_it(till: Till) -> None:
    order = till.place()
    till.pay(order, webhook=WebhookMode.NEVER)
    till.open_dispute(DemoPayment.objects.of(till.id).get(), HALF)
    till.deliver_all()
    till.settle()
    assert WebhookEvent.objects.of(till.id).get().status == "received"

    till.pass_time(minutes=5)
    till.reconcile()
    till.settle()

    assert Dispute.objects.of(till.id).get().status == "open"
    assert Payment.objects.of(till.id).get().disputed_amount == 45
    assert_all_is_right(till)


def test_a_dispute_about_a_sale_that_is_not_ours_is_ignored_in_the_end(till: Till) -> None:
    order = till.paid(till.place())
    till.open_dispute(DemoPayment.objects.of(till.id).get(), HALF)
    [message] = messages(till, "dispute.open")
    till.deliver_tampered(message, "unknown")

    for _ in range(10):
        till.pass_time(hours=1)
        till.settle()

    last = WebhookEvent.objects.of(till.id).order_by("id").last()
    assert last is not None
    assert (last.status, last.outcome) == ("ignored", "payment_unknown")
    assert till.order(order.id).status == "confirmed"


def test_an_order_is_not_cancelled_while_a_bank_holds_its_money(till: Till) -> None:
    order = till.paid(till.place())
    dispute = till.open_dispute(DemoPayment.objects.of(till.id).get(), HALF)
    till.deliver_all()
    till.settle()

    with pytest.raises(DisputeOpen):
        till.cancel_order(order)

    assert till.order(order.id).status == "confirmed"
    till.decide_dispute(dispute, is_won=True)
    till.deliver_all()
    till.settle()
    till.cancel_order(order)
    assert_all_is_right(till)


def test_what_came_before_an_order_expired_has_no_part_in_its_later_sale(till: Till) -> None:
    order = till.place()
    page = till.pay(order)  # The bank tells of it late.
    till.mark_as_paid(order, HALF)
    till.later = timedelta(hours=1)
    till.expire()
    till.sweep()
    assert Refund.objects.of(till.id).get().amount == 45

    till.deliver_all()
    till.settle()

    order = till.order(order.id)
    assert (order.status, order.refunded_amount, order.refunding_amount) == ("confirmed", 0, 0)
    assert page.amount == 90
    till.refund_all(order)
    assert Refund.objects.of(till.id).get(kind="everything").amount == 90
    assert_all_is_right(till)
