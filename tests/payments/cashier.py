"""An organisation whose customers pay, and short words for what a test does with their payments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import orjson

from kassa.core.clock import utc_now
from kassa.core.models import OutboxEvent
from kassa.orders.models import Order
from kassa.payments.domain.attempts.close import cancel_attempt, close_ended_attempts
from kassa.payments.domain.attempts.open import AttemptRequest, open_attempt
from kassa.payments.domain.attempts.reconcile import reconcile_attempts
from kassa.payments.domain.attempts.retry import RetryRequest, retry_payment
from kassa.payments.models import PaymentAttempt
from tests.support.factories import enable_provider
from tests.support.sale_world import World

BACK = "https://shop.example/back"
CANCEL = "https://shop.example/cancel"
enable_memory = partial(enable_provider, secrets={"key": "s3cret"}, account="acct_1")


@dataclass
class Cashier(World):
    """A world in which orders are paid; ``later`` is how far its clock is ahead."""

    later: timedelta = field(default_factory=timedelta)

    def __post_init__(self) -> None:
        for name in ("memory", "other"):
            enable_memory(self.organization, name)
        enable_provider(self.organization, "manual")

    @property
    def id(self) -> UUID:
        return self.organization.id

    @property
    def now(self) -> datetime:
        return utc_now() + self.later

    def request(self, provider: str = "memory", **fields: Any) -> AttemptRequest:
        return AttemptRequest(**{"provider": provider, "return_url": BACK, "cancel_url": CANCEL, **fields})

    def open(self, order: Order, provider: str = "memory", **fields: Any) -> PaymentAttempt:
        request = self.request(provider, **fields)
        return open_attempt(self.context(now=self.now), order.id, request=request)

    def retry(self, order: Order, **fields: Any) -> PaymentAttempt:
        context = self.context(now=self.now)
        return retry_payment(context, order.id, request=RetryRequest(**fields))

    def cancel(self, attempt: PaymentAttempt) -> PaymentAttempt:
        return cancel_attempt(self.context(now=self.now), attempt.order_id, attempt.id)

    def reconcile(self) -> int:
        return reconcile_attempts(self.id, now=self.now)

    def close_ended(self) -> int:
        return close_ended_attempts(self.id, now=self.now)

    def attempts(self, order: Order) -> list[PaymentAttempt]:
        return list(PaymentAttempt.objects.of(self.id).filter(order_id=order.id).order_by("number"))

    def statuses(self, order: Order) -> list[str]:
        return [attempt.status for attempt in self.attempts(order)]

    def states(self, order: Order) -> tuple[str, str]:
        """Return the status of an order and of its payment."""
        present = self.order(order.id)
        return present.status, present.payment_status

    def payment_events(self) -> list[str]:
        """Return what the outbox tells of attempts, in its order."""
        events = OutboxEvent.objects.of(self.id).filter(subject__startswith="payments/")
        return list(events.order_by("position").values_list("type", flat=True))

    def last_event(self) -> dict[str, Any]:
        """Return the data of what the outbox told last of an attempt."""
        events = OutboxEvent.objects.of(self.id).filter(subject__startswith="payments/")
        envelope = events.order_by("position").values_list("envelope", flat=True).last()
        data: dict[str, Any] = orjson.loads(envelope or "{}")["data"]
        return data
