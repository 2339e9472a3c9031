"""A shop whose buyers pay at the demo bank, through HTTP alone; jobs are run by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.test import Client

from kassa.core.clock import utc_now
from kassa.integrations.demo_bank.domain.deliver import deliver_webhooks
from kassa.payments.domain.refunds.event_refunds import continue_event_refund
from kassa.payments.domain.refunds.send import send_due_refunds
from kassa.payments.domain.webhooks.settle import settle_webhooks
from tests.api.nouns import EVENT
from tests.api.shop import Answer, Shop

BACK = "https://shop.example/thanks"
GIVEN_UP = "https://shop.example/basket"
PAYMENT = {"provider": "demo", "return_url": BACK, "cancel_url": GIVEN_UP}
CUSTOMER = {"email": "ada@example.com"}
BANK_ACCOUNT = {"account_holder": "Harbour Hall", "iban": "DE89370400440532013000"}


@dataclass(frozen=True)
class Till:
    """A shop, one event of it, and short words for what is done with its money."""

    shop: Shop
    event: dict[str, Any]

    def order(self, quantity: int = 2, **more: Any) -> dict[str, Any]:
        """Place an order of 20.00 for each place."""
        line = {"ticket_type": self.event["ticket_types"][0]["id"], "quantity": quantity}
        placed = self.shop.post("/orders", {"lines": [line], "customer": CUSTOMER, **more})
        assert placed.status == 201, placed.body
        return dict(placed.body)

    def read(self, order: dict[str, Any], path: str = "") -> Any:
        answer = self.shop.get(f"/orders/{order['id']}{path}")
        assert answer.status == 200, answer.body
        return answer.body

    def post(self, order: dict[str, Any], path: str, body: Any = None, *, key: str | None = None) -> Answer:
        return self.shop.post(f"/orders/{order['id']}{path}", body, key=key)

    def open(self, order: dict[str, Any], **more: Any) -> dict[str, Any]:
        opened = self.post(order, "/payments", {**PAYMENT, **more})
        assert opened.status == 201, opened.body
        return dict(opened.body)

    def paid(self, quantity: int = 2, **more: Any) -> dict[str, Any]:
        """Place an order, pay it on the bank's page and let its webhook arrive; return the order."""
        order = self.order(quantity, **more)
        self.act(self.open(order), "pay")
        return dict(self.read(order))

    def act(self, attempt: dict[str, Any], action: str, **choices: str) -> None:
        """Do what the buyer does on the bank's page, and let the bank's webhooks arrive."""
        answer = Client().post(attempt["checkout_url"], {"action": action, **choices})
        assert answer.status_code == 303
        self.work()

    def work(self, later: timedelta = timedelta()) -> None:
        """Run the jobs that are due."""
        now = utc_now() + later
        deliver_webhooks(now=now)
        settle_webhooks(self.shop.organization_id, now=now)
        send_due_refunds(self.shop.organization_id, now=now)

    def refund_event(self, run_id: str) -> None:
        while continue_event_refund(self.shop.organization_id, UUID(run_id), now=utc_now()):
            pass
        self.work()


def open_till(shop: Shop) -> Till:
    """Let customers of a shop pay at the demo bank and by transfer."""
    for name, configuration in (("demo", {}), ("manual", BANK_ACCOUNT)):
        answer = shop.call("PUT", f"/payment-providers/{name}", {"configuration": configuration})
        assert answer.status == 200, answer.body
    event = shop.post("/events", {**EVENT, "ticket_types": [{**EVENT["ticket_types"][0], "quantity": 50}]})
    published = shop.post(f"/events/{event.body['id']}/publish")
    return Till(shop, published.body)
