"""Staff say that they have given money back, while the provider may be doing the same."""

from __future__ import annotations

from decimal import Decimal

import orjson
import pytest

from kassa.integrations.demo_bank.enums import RefundMode
from kassa.integrations.demo_bank.models import DemoRefund, DemoWebhook
from kassa.orders.models import Order
from kassa.payments.domain.refunds.progress import mark_refunded
from kassa.payments.errors import RefundUnderWay
from kassa.payments.models import Refund, RefundPart, WebhookEvent
from tests.payments.till import Till
from tests.support.books import assert_books_balance

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def till() -> Till:
    return Till()


@pytest.fixture
def order(till: Till) -> Order:
    return till.paid(till.place())


def mark(till: Till, order: Order) -> str:
    refund = Refund.objects.of(till.id).get()
    return mark_refunded(till.context(now=till.now), order.id, refund.id, reference="cash").status


def last_outcome(till: Till) -> tuple[str, str]:
    last = WebhookEvent.objects.of(till.id).order_by("id").last()
    assert last is not None
    return last.status, last.outcome


def test_what_the_bank_may_have_sent_is_not_marked(till: Till, order: Order) -> None:
    till.refund_share(order, Decimal("0.25"))
    till.bank_answers({"refund": "lost"})
    till.send_refunds()  # The bank does it, and nobody hears of it.

    with pytest.raises(RefundUnderWay):
        mark(till, order)

    assert RefundPart.objects.of(till.id).get().status == "pending"
    till.deliver_all()
    till.settle()
    assert mark(till, order) == "succeeded"
    assert (
        RefundPart.objects.of(till.id).get().provider_reference
        == DemoRefund.objects.of(till.id).get().reference
    )
    assert_books_balance(till.id)


def test_what_the_bank_works_on_is_not_marked(till: Till) -> None:
    order = till.paid(till.place(), refunds=RefundMode.PENDING)
    till.refund_share(order, Decimal("0.25"))
    till.send_refunds()

    with pytest.raises(RefundUnderWay):
        mark(till, order)


def test_what_was_never_sent_is_taken_from_the_sender(till: Till, order: Order) -> None:
    till.refund_share(order, Decimal("0.25"))

    assert mark(till, order) == "succeeded"

    till.pass_time(hours=1)
    till.send_refunds()
    assert not DemoRefund.objects.of(till.id).exists()
    assert_books_balance(till.id)


def test_what_was_refused_is_marked_and_not_sent_again(till: Till) -> None:
    order = till.paid(till.place(), refunds=RefundMode.REFUSED_FIRST)
    till.refund_share(order, Decimal("0.25"))
    till.bank_answers({"refund": "dead"})
    till.send_refunds()
    till.bank_answers({})
    till.pass_time(hours=1)
    till.send_refunds()
    assert RefundPart.objects.of(till.id).get().refusals == 1

    assert mark(till, order) == "succeeded"

    till.pass_time(hours=2)
    till.send_refunds()
    assert not DemoRefund.objects.of(till.id).exclude(status="refused").exists()
    assert_books_balance(till.id)


def test_money_that_went_back_twice_is_seen_by_staff(till: Till, order: Order) -> None:
    till.refund_share(order, Decimal("0.25"))
    till.send_refunds()
    till.deliver_all()
    till.settle()
    assert last_outcome(till) == ("settled", "known")
    message = DemoWebhook.objects.of(till.id).order_by("id").last()
    assert message is not None

    body = orjson.loads(message.body) | {"id": "another"}
    body["refund"]["reference"] = "another"
    message.body = orjson.dumps(body).decode()
    till.deliver(message)
    till.settle()

    assert last_outcome(till) == ("dead", "refunded_twice")
    assert_books_balance(till.id)
