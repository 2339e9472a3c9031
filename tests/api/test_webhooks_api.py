"""What payment providers send, and what staff see of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
import psycopg
import pytest
from django.db import connections
from django.test import Client

from kassa.api.breaker import forget_failure
from kassa.core.clock import utc_now
from kassa.core.ids import new_id
from kassa.core.permissions import Permission
from kassa.integrations.demo_bank.models import DemoWebhook
from kassa.integrations.demo_bank.signing import sign
from kassa.payments.models import WebhookEvent
from tests.api.shop import NOBODYS, Shop, new_key, open_shop
from tests.api.till import Till, open_till

pytestmark = pytest.mark.django_db(transaction=True)

PROBLEM = "application/problem+json"


@pytest.fixture
def till() -> Till:
    return open_till(open_shop())


def message(till: Till, order: dict[str, Any]) -> bytes:
    """Pay an order at the bank, which tells nobody; return what it would have told."""
    client = Client()
    client.post(till.open(order)["checkout_url"], {"action": "pay", "webhook": "late"})
    late = DemoWebhook.objects.of(till.shop.organization_id).order_by("id").last()
    assert late is not None
    return late.body.encode()


def send(body: bytes, *, to: UUID | None = None, signed_for: UUID | None, provider: str = "demo") -> Any:
    headers = {} if signed_for is None else {"Demo-Signature": sign(signed_for, body, now=utc_now())}
    address = f"/webhooks/{provider}" + (f"/{to}" if to else "")
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    return client.post(address, body, content_type="application/json", headers=headers)


@pytest.mark.parametrize("names_organization", [True, False])
def test_a_webhook_is_stored_once_and_settled(till: Till, *, names_organization: bool) -> None:
    order = till.order()
    body = message(till, order)
    mine = till.shop.organization_id
    first, second = (send(body, to=mine if names_organization else None, signed_for=mine) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["id"] == second.json()["id"]
    [shown] = till.shop.get("/webhook-events").body["items"]
    assert (shown["id"], shown["status"], "body" in shown) == (first.json()["id"], "received", False)
    assert till.read(order)["status"] == "pending"

    till.work()

    assert till.read(order)["status"] == "confirmed"
    settled = till.shop.get(f"/webhook-events/{shown['id']}").body
    assert (settled["status"], settled["order"]) == ("settled", order["id"])
    assert orjson.loads(settled["body"]) == orjson.loads(body)


def test_who_reads_payments_does_not_read_what_stands_in_a_webhook(till: Till) -> None:
    mine = till.shop.organization_id
    webhook = send(message(till, till.order()), to=mine, signed_for=mine).json()["id"]
    reader = Shop(mine, new_key(mine, [Permission.PAYMENT_READ]))

    assert reader.get("/webhook-events").status == 200
    refused = reader.get(f"/webhook-events/{webhook}")

    assert (refused.status, refused.body["permission"]) == (403, "payment:manage")


def test_a_webhook_that_nobody_signed_is_not_kept(till: Till) -> None:
    body = message(till, till.order())
    mine = till.shop.organization_id
    for answer in (
        send(body, to=mine, signed_for=None),
        send(body, to=mine, signed_for=open_shop().organization_id),
        send(body, to=NOBODYS, signed_for=mine),
        send(body + b" ", to=open_shop().organization_id, signed_for=mine),
        send(b"", signed_for=mine),
        send(b"{", signed_for=mine),
        send(body, to=mine, signed_for=mine, provider="manual"),
    ):
        assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
        assert answer.json()["code"] == "webhook_refused"
    assert not WebhookEvent.objects.of(mine).exists()


def test_webhooks_of_nobody(till: Till) -> None:
    mine = till.shop.organization_id
    unknown = send(b"{}", signed_for=mine, provider="coins")
    assert (unknown.status_code, unknown["Content-Type"], unknown.json()["code"]) == (
        404,
        PROBLEM,
        "not_found",
    )
    for address in ("/webhooks", "/webhooks/", "/webhooks/demo/", "/webhooks/demo/x", "/webhooks/demo/x/y"):
        answer = Client().post(address, b"{}", content_type="application/json")
        assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
def test_webhooks_are_posted(till: Till, method: str) -> None:
    answer = Client().generic(method, f"/webhooks/demo/{till.shop.organization_id}")
    assert (answer.status_code, answer["Content-Type"]) == (405, PROBLEM)
    assert answer["Allow"] == "OPTIONS, POST"


def test_a_webhook_has_its_length(till: Till) -> None:
    mine = till.shop.organization_id
    long = send(b" " * (1024 * 1024 + 1), to=mine, signed_for=mine)
    assert (long.status_code, long.json()["code"]) == (413, "body_too_large")
    longest = send(b" " * (1024 * 1024), to=mine, signed_for=mine)
    assert (longest.status_code, longest.json()["code"]) == (400, "webhook_refused")


def test_a_database_that_does_not_answer_has_the_provider_repeat(till: Till) -> None:
    body = message(till, till.order())
    mine = till.shop.organization_id

    def fail(execute: Any, *arguments: Any) -> Any:
        raise psycopg.OperationalError

    with connections["default"].execute_wrapper(fail):
        away = send(body, to=mine, signed_for=mine)
    forget_failure()
    assert (away.status_code, away["Content-Type"], away.json()["code"]) == (503, PROBLEM, "busy")
    assert int(away["Retry-After"]) > 0
    assert send(body, to=mine, signed_for=mine).status_code == 200


def test_staff_replay_what_could_not_be_settled(till: Till) -> None:
    order = till.order()
    body = orjson.loads(message(till, order))
    mine = till.shop.organization_id
    wrong = orjson.dumps({**body, "id": str(new_id()), "payment": {**body["payment"], "amount": "1.00"}})
    assert send(wrong, to=mine, signed_for=mine).status_code == 200
    till.work()
    [dead] = till.shop.get("/webhook-events?status=dead&provider=demo").body["items"]
    assert dead["error"]
    assert till.shop.get("/webhook-events?status=settled").body["items"] == []
    assert till.read(order)["status"] == "pending"

    replayed = till.shop.post(f"/webhook-events/{dead['id']}/replay")

    assert (replayed.status, replayed.body["status"], replayed.body["tries"]) == (200, "received", 0)
    twice = till.shop.post(f"/webhook-events/{dead['id']}/replay")
    assert (twice.status, twice.code) == (409, "webhook_not_dead")
    till.work()
    assert till.shop.get(f"/webhook-events/{dead['id']}").body["status"] == "dead"
    assert till.shop.post(f"/webhook-events/{NOBODYS}/replay").status == 404
