"""Killed between every two steps: once Kassa runs again, the bank says the same as Kassa, nothing twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from kassa.catalog.models import Event
from kassa.integrations.demo_bank.models import DemoPayment, DemoRefund, DemoWebhook
from kassa.payments.domain.refunds.event_refunds import continue_event_refund, start_event_refund
from kassa.payments.models import EventRefund, Payment, PaymentAttempt, Refund, WebhookEvent
from kassa.payments.providers.registry import providers
from tests.concurrency.deadly import CLASS, KILLED_AT, NAME
from tests.payments import scales
from tests.payments.till import Till
from tests.support.books import assert_books_balance
from tests.support.factories import line
from tests.support.kassa_process import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
SCRIPT = "import django; django.setup(); from tests.concurrency.deadly import main; main()"
SECONDS = 60


@pytest.fixture
def till(settings: Any, transactional_db: None) -> Iterator[Till]:
    settings.PAYMENT_PROVIDERS = [*settings.PAYMENT_PROVIDERS, CLASS]
    providers.cache_clear()
    till = Till(provider=NAME)
    yield till
    assert_books_balance(till.id)
    till.bring_all_to_its_end()
    assert_books_balance(till.id)
    scales.assert_accounts_say_what_is_open(till.id)
    scales.assert_bank_agrees(till.id, provider=NAME)
    scales.assert_nothing_is_under_way(till.id)
    scales.assert_money_and_tickets_belong_together(till.id)
    providers.cache_clear()


def killed(database_url: str, till: Till, step: str, moment: str, **given: Any) -> None:
    """Let another process do a step, and see that it was killed at the moment."""
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "kassa.settings",
        "KASSA_PAYMENT_PROVIDERS": CLASS,
        KILLED_AT: moment,
    }
    arguments = json.dumps({"organization": str(till.id), **{name: str(one) for name, one in given.items()}})
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, step, arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def page(till: Till) -> DemoPayment:
    """Return the only page that was ever opened."""
    return DemoPayment.objects.of(till.id).get()


@pytest.mark.parametrize("moment", ["before opening", "after opening"])
@pytest.mark.parametrize("again", ["by the buyer", "by the job"])
def test_an_attempt_is_opened_once_however_often_it_is_tried(
    database_url: str, till: Till, moment: str, again: str
) -> None:
    order = till.place()
    killed(database_url, till, "pay", moment, order=order.id, key="mine")
    assert PaymentAttempt.objects.of(till.id).get().status == "opening"
    assert DemoPayment.objects.of(till.id).count() == (1 if moment == "after opening" else 0)

    if again == "by the buyer":
        till.open_at(order, idempotency_key="mine")
    else:
        till.pass_time(minutes=2)
        till.reconcile()

    attempt = PaymentAttempt.objects.of(till.id).get()
    assert (attempt.status, attempt.provider_reference) == ("open", page(till).reference)
    till.pay_page(page(till))
    till.deliver_all()
    till.settle()
    assert till.order(order.id).status == "confirmed"


def test_what_was_opened_for_an_order_that_has_ended_meanwhile_is_closed(
    database_url: str, till: Till
) -> None:
    order = till.place()
    killed(database_url, till, "pay", "after opening", order=order.id, key="mine")
    till.pass_time(minutes=60)
    till.expire()

    till.close_ended()
    till.reconcile()

    assert page(till).status == "cancelled"
    assert PaymentAttempt.objects.of(till.id).get().status == "expired"


@pytest.mark.parametrize("moment", ["before closing", "after closing"])
def test_an_attempt_whose_end_was_not_written_down_ends(database_url: str, till: Till, moment: str) -> None:
    order = till.place()
    attempt = till.open_at(order)
    killed(database_url, till, "cancel_attempt", moment, order=order.id, attempt=attempt.id)
    assert PaymentAttempt.objects.of(till.id).get().status == "open"

    if moment == "after closing":
        till.pass_time(minutes=2)
        till.reconcile()
    else:
        till.cancel_attempt(attempt)

    assert PaymentAttempt.objects.of(till.id).get().status == "cancelled"
    assert page(till).status == "cancelled"
    till.pay(order)
    till.deliver_all()
    till.settle()
    assert till.order(order.id).status == "confirmed"


@pytest.mark.parametrize(
    "moment",
    [
        "webhook stored",
        "webhook claimed",
        "order confirmed, not committed",
        "payment received, message not marked",
    ],
)
def test_a_payment_is_booked_once_wherever_settling_it_broke_off(
    database_url: str, till: Till, moment: str
) -> None:
    order = till.place()
    till.pay(order)
    body = DemoWebhook.objects.of(till.id).get().body
    killed(database_url, till, "hear", moment, body=body)
    was_received = moment == "payment received, message not marked"
    assert Payment.objects.of(till.id).count() == (1 if was_received else 0)
    assert WebhookEvent.objects.of(till.id).get().status == "received"
    assert_books_balance(till.id)

    till.pass_time(minutes=2)
    till.settle()

    message = WebhookEvent.objects.of(till.id).get()
    assert (message.status, message.outcome) == ("settled", "known" if was_received else "confirmed")
    assert Payment.objects.of(till.id).get().amount == 90
    assert till.tickets(order) == ["valid", "valid"]


def test_a_payment_that_was_looked_up_and_not_written_down_is_booked(database_url: str, till: Till) -> None:
    order = till.place()
    till.pay(order, webhook="never")
    killed(database_url, till, "reconcile", "after looking up")
    assert till.order(order.id).status == "pending"

    till.pass_time(minutes=5)
    till.reconcile()

    assert till.order(order.id).status == "confirmed"


@pytest.mark.parametrize("moment", ["refund claimed", "before refunding", "after refunding"])
def test_a_refund_is_made_once_wherever_sending_it_broke_off(
    database_url: str, till: Till, moment: str
) -> None:
    order = till.paid(till.place())
    till.refund_all(order)
    killed(database_url, till, "send_refunds", moment)
    assert Refund.objects.of(till.id).get().status == "pending"
    assert DemoRefund.objects.of(till.id).count() == (1 if moment == "after refunding" else 0)
    assert_books_balance(till.id)

    till.pass_time(minutes=5)
    till.send_refunds()

    assert DemoRefund.objects.of(till.id).get().amount == 90
    assert Refund.objects.of(till.id).get().status == "succeeded"
    assert till.order(order.id).payment_status == "refunded"


@pytest.mark.parametrize(
    ("moment", "refunded"), [("first orders refunded", 2), ("next orders refunded, not committed", 2)]
)
def test_the_refund_of_an_event_goes_on_where_it_stopped(
    database_url: str, till: Till, moment: str, refunded: int
) -> None:
    orders = [till.paid(till.place(line(till.standing))) for _ in range(5)]
    Event.objects.of(till.id).filter(id=till.event.id).update(status="cancelled")
    context = till.context(now=till.now)
    run = start_event_refund(context, till.event.id, reason="Cancelled.")
    killed(database_url, till, "refund_event", moment, run=run.id)
    assert Refund.objects.of(till.id).count() == refunded
    assert_books_balance(till.id)

    while continue_event_refund(till.id, run.id, now=till.now):
        pass

    run = EventRefund.objects.of(till.id).get()
    assert (run.status, run.orders_done, run.orders_failed) == ("done", 5, 0)
    assert Refund.objects.of(till.id).count() == 5
    assert {till.order(order.id).status for order in orders} == {"refunded"}
