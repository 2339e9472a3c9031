"""A world whose orders are paid at the demo bank, with the bank's messages delivered by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from kassa.core.clock import utc_now
from kassa.integrations.demo_bank.domain.deliver import deliver_webhooks
from kassa.integrations.demo_bank.domain.disputes import decide_dispute, open_dispute
from kassa.integrations.demo_bank.domain.pay import decline, pay
from kassa.integrations.demo_bank.enums import WebhookMode
from kassa.integrations.demo_bank.models import DemoPayment, DemoWebhook
from kassa.integrations.demo_bank.signing import HEADER, sign
from kassa.orders.models import Order
from kassa.payments.domain.attempts.open import AttemptRequest, open_attempt
from kassa.payments.domain.refunds.send import send_due_refunds
from kassa.payments.domain.webhooks.receive import receive_webhook
from kassa.payments.domain.webhooks.settle import settle_webhooks
from kassa.payments.models import PaymentAttempt, WebhookEvent
from tests.support.factories import enable_provider
from tests.support.sale_world import World


@dataclass
class DemoShop(World):
    """``later`` is how far its clock is ahead."""

    later: timedelta = field(default_factory=timedelta)

    def __post_init__(self) -> None:
        enable_provider(self.organization, "demo")
        enable_provider(self.organization, "manual")

    @property
    def id(self) -> UUID:
        return self.organization.id

    @property
    def now(self) -> datetime:
        return utc_now() + self.later

    def open(self, order: Order) -> PaymentAttempt:
        request = AttemptRequest("demo", "https://shop.example/back", "https://shop.example/stop")
        return open_attempt(self.context(now=self.now), order.id, request=request)

    def pay(self, order: Order, **fields: Any) -> DemoPayment:
        """Open an attempt and pay it at the bank; its message is not delivered yet."""
        return pay(str(self.open(order).provider_reference), now=self.now, **fields)

    def decline(self, order: Order, webhook: WebhookMode = WebhookMode.AT_ONCE) -> DemoPayment:
        return decline(str(self.open(order).provider_reference), now=self.now, webhook=webhook)

    def deliver(self) -> int:
        """Deliver the bank's messages and settle them."""
        deliver_webhooks(now=self.now)
        return self.settle()

    def settle(self) -> int:
        return settle_webhooks(self.id, now=self.now)

    def paid(self, *lines: Any, **fields: Any) -> Order:
        """Return an order that was placed, paid at the bank and confirmed by its message."""
        order = self.place(*lines, **fields)
        self.pay(order)
        self.deliver()
        order = self.order(order.id)
        assert order.status == "confirmed"
        return order

    def send_refunds(self) -> None:
        send_due_refunds(self.id, now=self.now)

    def dispute(self, order: Order, amount: Decimal | None = None) -> str:
        """Let the buyer's bank take money back, and return what the bank calls it."""
        attempt = PaymentAttempt.objects.of(self.id).get(order_id=order.id, status="succeeded")
        bank = DemoPayment.objects.of(self.id).get(reference=attempt.provider_reference)
        dispute = open_dispute(str(bank.payment_reference), amount or order.total, self.now)
        self.deliver()
        return dispute.reference

    def decide(self, reference: str, *, won: bool) -> None:
        decide_dispute(reference, won, self.now)
        self.deliver()

    def last_message(self) -> dict[str, Any]:
        """Return what the bank wanted to say last."""
        webhook = DemoWebhook.objects.of(self.id).order_by("id").last()
        assert webhook is not None
        body: dict[str, Any] = orjson.loads(webhook.body)
        return body

    def tell(self, body: dict[str, Any]) -> WebhookEvent:
        """Let the bank say something, properly signed."""
        data = orjson.dumps(body)
        headers = {HEADER: sign(self.id, data, now=self.now)}
        return receive_webhook("demo", self.id, headers=headers, body=data, now=self.now)

    def webhooks(self) -> list[tuple[str, str]]:
        """Return how the messages stand, and what came of them."""
        return list(WebhookEvent.objects.of(self.id).order_by("id").values_list("status", "outcome"))
