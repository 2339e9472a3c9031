"""An organisation as its own programs see it: over HTTP, with the demo bank's page and its webhooks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import orjson
from django.db import connection, connections
from django.test import Client
from procrastinate.contrib.django import app

from kassa.catalog.models import Product
from kassa.core.clock import utc_now
from kassa.core.models import OutboxEvent
from kassa.identity.models import User
from kassa.integrations.demo_bank.models import DemoWebhook
from kassa.integrations.demo_bank.signing import sign
from kassa.orders.models import Order
from kassa.payments.models import PaymentAttempt
from kassa.sales.tasks import release_overdue_holds
from tests.support.factories import enable_provider
from tests.support.job_context import JOB, JobContext
from tests.support.sale_world import World

BACK = "https://shop.example/back"
STOP = "https://shop.example/stop"
DEMO = {"provider": "demo", "return_url": BACK, "cancel_url": STOP}
PATIENCE = 30.0
BOOKS = (
    "core",
    "coupons",
    "demo_bank",
    "inventory",
    "orders",
    "payments",
    "procrastinate_jobs",
    "sales",
    "seating",
)
"""The tables that a sale or its money could write, by the beginning of their names."""


@dataclass
class Shop(World):
    """Short words for calls of the API; each answers with the JSON of an answer that was expected."""

    def __post_init__(self) -> None:
        enable_provider(self.organization, "demo")
        enable_provider(self.organization, "manual")
        assert self.api  # its key is made, and logged, before books are compared

    @property
    def id(self) -> UUID:
        return self.organization.id

    def ask(self, method: str, path: str, body: Any = None, *, expect: int, key: str | None = None) -> Any:
        response = self.api.call(method, f"/api/v1{path}", body, key=key)
        assert response.status_code == expect, (response.status_code, response.content)
        return response.json()

    def get(self, path: str) -> Any:
        return self.ask("GET", path, expect=200)

    def refused(self, method: str, path: str, body: Any = None, *, status: int = 409) -> str:
        """Return the code of a refusal."""
        problem = self.ask(method, path, body, expect=status)
        assert problem["status"] == status
        return str(problem["code"])

    # Orders

    def buy(self, item: Any, quantity: int = 1, **fields: Any) -> dict[str, Any]:
        """Place an order of so many of one ticket type or product."""
        body = order_body(item, quantity, **fields)
        return dict(self.ask("POST", "/orders", body, expect=201))

    def read(self, order: dict[str, Any]) -> dict[str, Any]:
        """Return an order as it is now."""
        return dict(self.get(f"/orders/{order['id']}"))

    def states(self, order: dict[str, Any]) -> tuple[str, str]:
        """Return the status of an order and of its payment."""
        present = self.read(order)
        return present["status"], present["payment_status"]

    def put_status(self, order: dict[str, Any], status: str, *, expect: int = 200, **fields: Any) -> Any:
        return self.ask("PUT", f"/orders/{order['id']}/status", {"status": status, **fields}, expect=expect)

    def cancel_order(self, order: dict[str, Any], reason: str = "", *, expect: int = 200) -> Any:
        return self.ask("POST", f"/orders/{order['id']}/cancel", {"reason": reason}, expect=expect)

    def history_of(self, order: dict[str, Any]) -> list[dict[str, Any]]:
        return list(self.get(f"/orders/{order['id']}/history"))

    def told_of(self, order: dict[str, Any]) -> list[str]:
        """Return what is told to the outside of an order itself, in its order."""
        events = OutboxEvent.objects.of(self.id).filter(subject=f"orders/{order['id']}")
        return list(events.order_by("position").values_list("type", flat=True))

    # Payments

    def open(self, order: dict[str, Any], *, key: str | None = None, **fields: Any) -> dict[str, Any]:
        """Open a payment at the demo bank."""
        path = f"/orders/{order['id']}/payments"
        return dict(self.ask("POST", path, {**DEMO, **fields}, expect=201, key=key))

    def retry(self, order: dict[str, Any]) -> dict[str, Any]:
        return dict(self.ask("POST", f"/orders/{order['id']}/retry-payment", expect=201))

    def money_of(self, order: dict[str, Any]) -> dict[str, Any]:
        """Return all attempts, payments, refunds and disputes of an order."""
        return dict(self.get(f"/orders/{order['id']}/payments"))

    def visit(self, attempt: dict[str, Any], action: str = "pay", **choices: str) -> None:
        """Go to the bank's page and do something there: ``pay``, ``decline`` or ``cancel``."""
        page = urlsplit(attempt["checkout_url"]).path
        answer = Client().post(page, {"action": action, **choices})
        assert answer.status_code == 303, answer.content

    def hear(self) -> None:
        """Let the bank bring its messages, and the worker settle them."""
        for webhook in DemoWebhook.objects.of(self.id).filter(send_at__isnull=False).order_by("id"):
            for _ in range(webhook.sends_left):
                assert self.tell(webhook.body.encode()).status_code == 200
            DemoWebhook.objects.of(self.id).filter(id=webhook.id).update(send_at=None, sends_left=0)
        self.settle()

    def tell(self, body: bytes) -> Any:
        """Bring a message of the bank, properly signed."""
        signature = sign(self.id, body, now=utc_now())
        return Client().post(
            f"/webhooks/demo/{self.id}",
            body,
            content_type="application/json",
            headers={"Demo-Signature": signature},
        )

    def tell_again(self, **changes: Any) -> None:
        """Bring the bank's last message about a payment once more under a new id, with other contents."""
        webhook = DemoWebhook.objects.of(self.id).filter(type__startswith="payment.").order_by("id").last()
        assert webhook is not None
        body = orjson.loads(webhook.body)
        body["payment"].update(changes)
        body["id"], body["type"] = f"demoevt_{uuid4().hex}", f"payment.{body['payment']['state']}"
        assert self.tell(orjson.dumps(body)).status_code == 200
        self.settle()

    def last_outcome(self) -> tuple[str, str]:
        """Return how the last message stands, and what came of it, as staff see it."""
        event = self.get("/webhook-events?limit=1")["items"][0]
        return event["status"], event["outcome"]

    def pay(self, order: dict[str, Any], **choices: str) -> dict[str, Any]:
        """Open a payment, pay it on the bank's page, hear of it, and return the order."""
        self.visit(self.open(order), **choices)
        self.hear()
        return self.read(order)

    def paid(self, item: Any, quantity: int = 1, **fields: Any) -> dict[str, Any]:
        """Place an order and pay it."""
        order = self.pay(self.buy(item, quantity, **fields))
        assert (order["status"], order["payment_status"]) == ("confirmed", "paid")
        return order

    # Refunds

    def refund(self, order: dict[str, Any], *, key: str | None = None, **body: Any) -> dict[str, Any]:
        """Ask for a refund; nothing is sent yet."""
        return dict(self.ask("POST", f"/orders/{order['id']}/refunds", body, expect=201, key=key))

    # What the worker does

    def settle(self) -> None:
        run_job("kassa.settle_webhooks", JOB, organization_id=str(self.id))

    def send_refunds(self) -> None:
        run_job("kassa.send_refunds", JOB, organization_id=str(self.id))

    def refund_event(self, run: dict[str, Any]) -> None:
        run_job("kassa.refund_event", JOB, organization_id=str(self.id), run_id=run["id"])

    def close_ended(self) -> None:
        run_job("kassa.close_ended_attempts", JOB, organization_id=str(self.id))

    def make_due(self, attempt: dict[str, Any]) -> None:
        """Let it be time to ask the provider about an attempt."""
        moved = PaymentAttempt.objects.of(self.id).filter(id=attempt["id"]).update(check_at=utc_now())
        assert moved == 1

    def reconcile(self) -> None:
        run_job("kassa.reconcile_attempts", JOB, organization_id=str(self.id))

    def let_hold_run_out(self, order: dict[str, Any]) -> None:
        """Let the hold of an order be over, and no worker see it."""
        self.let_hold_end_in(order, timedelta(seconds=-1))

    def let_hold_end_in(self, order: dict[str, Any], rest: timedelta) -> None:
        moved = Order.objects.of(self.id).filter(id=order["id"]).update(expires_at=utc_now() + rest)
        assert moved == 1

    def expire(self, order: dict[str, Any]) -> None:
        """Let the hold of an order be over, and the worker ask its provider and release it."""
        self.let_hold_run_out(order)
        self.reconcile()
        release_overdue_holds(timestamp=0)


def run_job(name: str, *context: JobContext, **arguments: str) -> None:
    """Do a job as the worker would."""
    app.tasks[name].func(*context, **arguments)


def order_body(
    item: Any, quantity: int = 1, *, email: str = "ada@example.com", **fields: Any
) -> dict[str, Any]:
    """Return what is asked for with an order of one line; seats, user and reference find their places."""
    kind = "product" if isinstance(item, Product) else "ticket_type"
    line = {kind: str(item.id), "quantity": quantity}
    for name in ("seats", "attendees", "best_available"):
        if name in fields:
            line[name] = fields.pop(name)
    customer = {"email": email}
    for name in ("user", "reference"):
        if name in fields:
            customer[name] = str(fields.pop(name))
    return {"lines": [line], "customer": customer, **fields}


def make_user(name: str = "Ada") -> User:
    return User.objects.create_user(f"{name.lower()}-{uuid4().hex[:8]}@example.com", name=name)


def changes_of(history: Sequence[dict[str, Any]], axis: str = "status") -> list[tuple[str | None, str]]:
    """Return the moves on one axis that a history tells of: ``status`` or ``payment_status``."""
    moves = [(entry[f"from_{axis}"], entry[f"to_{axis}"]) for entry in history]
    return [(start, end) for start, end in moves if start != end]


def all_at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do things at the same moment, each in a thread with a connection of its own."""
    start = Barrier(len(acts), timeout=PATIENCE)

    def run(act: Callable[[], Any]) -> Any:
        try:
            start.wait()
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts, timeout=PATIENCE))


def books() -> dict[str, str]:
    """Return a fingerprint of every table that a sale or its money writes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = [name for (name,) in cursor.fetchall() if name.startswith(BOOKS)]
        state: dict[str, str] = {}
        for table in tables:
            cursor.execute(
                f"SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') FROM {table} t"
            )
            state[table] = hashlib.sha256(cursor.fetchone()[0].encode()).hexdigest()
    return state
