"""A message that fails in a way nobody thought of keeps no other message from being settled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from procrastinate.contrib.django import app

from kassa.payments.domain.webhooks.outcomes import Unsettled
from kassa.payments.domain.webhooks.settle import (
    FORGET_AFTER,
    MOST_TRIES,
    QUEUE,
    _write,
    forget_webhooks,
    settle_webhooks,
)
from kassa.payments.models import WebhookEvent
from kassa.payments.providers.protocol import Credentials, ProviderEvent
from kassa.payments.providers.registry import providers
from tests.payments.cashier import enable_memory
from tests.payments.demo_shop import DemoShop
from tests.payments.providers import MemoryProvider
from tests.payments.test_tasks import clear_jobs, waiting_jobs
from tests.support.books import assert_books_balance
from tests.support.factories import line
from tests.support.job_context import JOB, STOPPING_JOB

pytestmark = pytest.mark.django_db(transaction=True)


class FaultyProvider(MemoryProvider):
    """Somebody else's code, with a mistake in it."""

    name = "faulty"

    def read_webhook(self, credentials: Credentials, body: bytes) -> ProviderEvent:
        raise RuntimeError("Nobody has thought of this.")


@pytest.fixture
def shop(settings: Any) -> Iterator[DemoShop]:
    kept = settings.PAYMENT_PROVIDERS
    settings.PAYMENT_PROVIDERS = [*kept, f"{__name__}.FaultyProvider"]
    providers.cache_clear()
    yield DemoShop()
    settings.PAYMENT_PROVIDERS = kept
    providers.cache_clear()


def store(shop: DemoShop, **fields: Any) -> WebhookEvent:
    values = {"provider": "faulty", "provider_event_id": "1", "body": "{}", "received_at": shop.now}
    return WebhookEvent.objects.of(shop.id).create(organization_id=shop.id, **{**values, **fields})


def test_a_fault_in_a_provider_is_tried_again_and_dead_in_the_end(shop: DemoShop) -> None:
    enable_memory(shop.organization, "faulty")
    store(shop)
    orders = [shop.place(line(shop.standing)) for _ in range(2)]
    for order in orders:
        shop.pay(order)
    shop.deliver()

    assert shop.webhooks() == [("received", "failed"), ("settled", "confirmed"), ("settled", "confirmed")]
    for _ in range(MOST_TRIES - 1):
        shop.later += timedelta(hours=2)
        shop.settle()
    assert shop.webhooks()[0] == ("dead", "failed")
    assert_books_balance()


def test_what_was_settled_meanwhile_is_not_written_over(shop: DemoShop) -> None:
    message = store(shop)
    rows = QUEUE.claim(shop.id, limit=10, now=shop.now + timedelta(seconds=1))
    WebhookEvent.objects.of(shop.id).filter(id=message.id).update(status="settled", outcome="confirmed")

    _write(shop.id, rows, {message.id: Unsettled("late", "Too late.", is_final=True)}, shop.now)

    assert shop.webhooks() == [("settled", "confirmed")]


def test_settling_stops_when_it_is_told_to(shop: DemoShop) -> None:
    shop.pay(shop.place())
    shop.tell(shop.last_message())

    assert settle_webhooks(shop.id, now=shop.now, should_stop=lambda: True) == 0
    assert shop.webhooks() == [("received", "")]


def test_a_job_that_was_stopped_leaves_the_rest_to_another(shop: DemoShop) -> None:
    shop.pay(shop.place())
    shop.tell(shop.last_message())
    WebhookEvent.objects.of(shop.id).update(next_try_at=shop.now - timedelta(seconds=1))
    clear_jobs()

    app.tasks["kassa.settle_webhooks"].func(STOPPING_JOB, organization_id=str(shop.id))
    assert waiting_jobs("default") == [("default", "kassa.settle_webhooks", str(shop.id))]
    clear_jobs()
    app.tasks["kassa.settle_webhooks"].func(JOB, organization_id=str(shop.id))

    assert shop.webhooks() == [("settled", "confirmed")]
    assert "kassa.settle_webhooks" not in {name for _, name, _ in waiting_jobs("default")}


def test_old_messages_are_forgotten_in_steps(shop: DemoShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kassa.payments.domain.webhooks.settle.FORGET_AT_ONCE", 2)
    long_ago = shop.now - FORGET_AFTER - timedelta(days=1)
    for number in range(5):
        status = "settled" if number % 2 else "ignored"
        store(shop, provider_event_id=f"old-{number}", status=status, received_at=long_ago)
    store(shop, provider_event_id="dead", status="dead", received_at=long_ago)
    store(shop, provider_event_id="new", status="settled")

    assert forget_webhooks(now=shop.now) == 5

    assert sorted(shop.webhooks()) == [("dead", ""), ("settled", "")]
