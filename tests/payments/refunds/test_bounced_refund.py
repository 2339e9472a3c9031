"""Refunds that were done and come back to the provider, as from a closed card."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest

from kassa.core.command_context import CommandContext
from kassa.integrations.demo_bank.models import DemoWebhook
from kassa.orders.models import Order
from kassa.payments.domain.refunds.progress import mark_refunded
from kassa.payments.domain.refunds.retry import retry_refund
from kassa.payments.models import Refund, RefundPart, Transaction, WebhookEvent
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


def give_all_back(till: Till, order: Order) -> DemoWebhook:
    """Return the bank's message that the money is back."""
    till.refund_all(order)
    till.send_refunds()
    message = DemoWebhook.objects.of(till.id).filter(type="refund.succeeded").last()
    assert message is not None
    till.deliver_all()
    till.settle()
    return message


def tell(till: Till, message: DemoWebhook, **changed: Any) -> tuple[str, str]:
    """Let the bank say something else of the refund, and return what became of the message."""
    body = orjson.loads(message.body)
    count = WebhookEvent.objects.of(till.id).count()
    message.body = orjson.dumps(
        {**body, "id": f"again-{count}", "refund": {**body["refund"], **changed}}
    ).decode()
    till.deliver(message)
    till.settle()
    last = WebhookEvent.objects.of(till.id).order_by("id").last()
    assert last is not None
    return last.status, last.outcome


def test_a_refund_that_comes_back_is_owed_again(till: Till, order: Order) -> None:
    message = give_all_back(till, order)
    done = till.order(order.id)
    assert (done.payment_status, done.refunded_amount) == ("refunded", 90)

    assert tell(till, message, state="refused", error="The card is closed.") == (
        "settled",
        "refund_returned",
    )

    part = RefundPart.objects.of(till.id).get()
    assert (part.status, part.provider_reference, part.next_try_at) == ("pending", None, None)
    assert "The card is closed." in part.error
    refund = Refund.objects.of(till.id).get()
    assert (refund.status, refund.completed_at) == ("pending", None)
    again = till.order(order.id)
    assert (again.status, again.payment_status) == ("refunded", "paid")
    assert (again.refunded_amount, again.refunding_amount) == (0, 90)
    movement = Transaction.objects.of(till.id).get(type="refund")
    assert (movement.status, movement.error_message) == ("pending", part.error)
    assert balances(till, order)["refunds_due"] == -90
    assert_books_balance(till.id)


def test_staff_pay_what_came_back_another_way(till: Till, order: Order) -> None:
    message = give_all_back(till, order)
    tell(till, message, state="refused")

    till.pass_time(hours=30)
    till.send_refunds()  # It is not sent by itself.
    assert RefundPart.objects.of(till.id).get().status == "pending"
    refund = Refund.objects.of(till.id).get()
    mark_refunded(till.context(now=till.now), order.id, refund.id, reference="cash")

    assert till.order(order.id).payment_status == "refunded"
    assert_books_balance(till.id)


def test_what_came_back_is_sent_again_when_staff_say_so(till: Till, order: Order) -> None:
    message = give_all_back(till, order)
    first = RefundPart.objects.of(till.id).get().provider_reference
    tell(till, message, state="refused")

    retry_refund(CommandContext.system(till.id, now=till.now), order.id, Refund.objects.of(till.id).get().id)

    part = RefundPart.objects.of(till.id).get()
    assert part.next_try_at is not None
    assert (part.refusals, first is None) == (1, False)


def test_what_is_told_again_of_a_refund_that_came_back_changes_nothing(till: Till, order: Order) -> None:
    message = give_all_back(till, order)
    tell(till, message, state="refused")

    assert tell(till, message, state="succeeded") == ("settled", "known")
    assert tell(till, message, state="refused") == ("settled", "known")

    part = RefundPart.objects.of(till.id).get()
    assert (part.status, part.refusals) == ("pending", 1)
    assert_books_balance(till.id)


def test_a_refusal_of_another_try_leaves_what_is_done(till: Till, order: Order) -> None:
    message = give_all_back(till, order)

    assert tell(till, message, state="refused", reference="an-earlier-try") == ("settled", "known")

    assert RefundPart.objects.of(till.id).get().status == "succeeded"
    assert till.order(order.id).payment_status == "refunded"


def test_a_part_that_comes_back_leaves_the_other_parts(till: Till, order: Order) -> None:
    till.refund_share(order, Decimal("0.5"))
    till.send_refunds()
    till.deliver_all()
    till.settle()
    message = give_all_back(till, order)

    tell(till, message, state="refused")

    again = till.order(order.id)
    assert (again.payment_status, again.refunded_amount, again.refunding_amount) == (
        "partially_refunded",
        45,
        45,
    )
    assert_books_balance(till.id)
