"""The demo bank's job, and what several do to it at the same moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.integrations.demo_bank.domain import deliver_webhooks, pay
from kassa.integrations.demo_bank.domain.pay import SLOW
from kassa.integrations.demo_bank.enums import Speed
from kassa.integrations.demo_bank.models import DemoPayment, DemoRefund
from kassa.integrations.demo_bank.tasks import run_demo_bank, wake_demo_bank
from kassa.organizations.models import Organization
from kassa.payments.domain.accounts import configure_provider
from kassa.payments.models import WebhookEvent
from kassa.payments.providers.protocol import PaymentRequest, RefundRequest
from tests.integrations.demo import NOW, PROVIDER, credentials, opened, payment_request, refund_request
from tests.support.factories import make_organization
from tests.support.job_context import JOB

CROWD = 4


def shop() -> Organization:
    organization = make_organization()
    configure_provider(
        CommandContext.system(organization.id, now=NOW), "demo", configuration={}, secrets={}, is_enabled=True
    )
    return organization


def at_once(work: Callable[[Any], str], values: list[Any]) -> Counter[str]:
    """Do the work for every value, each on a thread of its own, and count what came of it."""
    start = Barrier(len(values), timeout=20)

    def run(value: Any) -> str:
        start.wait()
        try:
            return work(value)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(values)) as threads:
        return Counter(threads.map(run, values))


@pytest.mark.django_db
def test_the_job_decides_what_is_slow_and_tells_it() -> None:
    organization = shop()
    pay(opened(organization, now=utc_now() - 2 * SLOW).reference, speed=Speed.SLOW, now=utc_now() - SLOW)

    run_demo_bank(JOB, timestamp=0)

    assert DemoPayment.objects.of(organization.id).get().status == "succeeded"
    kinds = WebhookEvent.objects.of(organization.id).values_list("type", flat=True)
    assert sorted(kinds) == ["payment.processing", "payment.succeeded"]


@pytest.mark.django_db
def test_a_bank_that_is_woken_twice_works_once() -> None:
    wake_demo_bank()
    wake_demo_bank()

    assert ProcrastinateJob.objects.filter(task_name="kassa.run_demo_bank").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_several_workers_one_sends_a_webhook() -> None:
    organization = shop()
    for _ in range(3):
        pay(opened(organization).reference, now=NOW)

    sent = at_once(lambda _: str(deliver_webhooks(now=NOW)), [None] * CROWD)

    assert sum(int(count) * times for count, times in sent.items()) == 3
    assert WebhookEvent.objects.of(organization.id).count() == 3


@pytest.mark.django_db(transaction=True)
def test_one_key_opens_one_page_however_many_ask_at_once() -> None:
    organization = make_organization()

    def open_it(request: PaymentRequest) -> str:
        return PROVIDER.open(credentials(organization), request).reference

    assert len(at_once(open_it, [payment_request()] * CROWD)) == 1
    assert DemoPayment.objects.of(organization.id).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("keys", "outcomes"),
    [("same", {"succeeded": CROWD}), ("own", {"succeeded": 1, "refused": CROWD - 1})],
)
def test_refunds_at_once_give_the_money_back_once(keys: str, outcomes: dict[str, int]) -> None:
    payment = pay(opened().reference, now=NOW)

    def give_back(request: RefundRequest) -> str:
        return PROVIDER.refund(credentials(payment.organization), request).state

    one = refund_request(payment, "45.00")
    requests = [one] * CROWD if keys == "same" else [refund_request(payment, "45.00") for _ in range(CROWD)]

    assert at_once(give_back, requests) == outcomes
    payment.refresh_from_db()
    assert payment.refunded_amount == payment.amount
    done = DemoRefund.objects.of(payment.organization_id).filter(status="succeeded")
    assert done.count() == 1
