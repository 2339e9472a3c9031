"""Paying an order over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kassa.api.breaker import forget_failure
from kassa.core.permissions import Permission
from tests.api.shop import NOBODYS, Shop, new_key, open_shop
from tests.api.till import BACK, GIVEN_UP, PAYMENT, Till, open_till
from tests.support.books import assert_books_balance

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def till() -> Till:
    return open_till(open_shop())


def test_an_order_is_paid_at_the_demo_bank(till: Till) -> None:
    order = till.order()
    attempt = till.open(order)
    assert (attempt["status"], attempt["number"], attempt["amount"]) == ("open", 1, "40.00")
    assert (attempt["return_url"], attempt["cancel_url"]) == (BACK, GIVEN_UP)
    assert till.read(order)["status"] == "pending"

    till.act(attempt, "pay")

    paid = till.read(order)
    assert (paid["status"], paid["payment_status"]) == ("confirmed", "paid")
    money = till.read(order, "/payments")
    assert [one["status"] for one in money["attempts"]] == ["succeeded"]
    assert (money["received"], money["outstanding"]) == ("40.00", "0.00")
    assert money["payments"][0]["id"] == paid["payment"]
    assert_books_balance(till.shop.organization_id)


def test_a_repeated_key_opens_one_attempt(till: Till) -> None:
    order = till.order()
    first, second = (till.post(order, "/payments", PAYMENT, key="k1") for _ in range(2))
    assert (first.status, second.status) == (201, 201)
    assert first.body == second.body
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    other = till.post(order, "/payments", {**PAYMENT, "provider": "manual"}, key="k1")
    assert (other.status, other.code) == (422, "attempt_key_reused")
    assert len(till.read(order, "/payments")["attempts"]) == 1


def test_a_failed_payment_is_tried_again(till: Till) -> None:
    order = till.order()
    till.act(till.open(order), "decline")
    failed = till.read(order)
    assert (failed["payment_status"], failed["can_retry_payment"]) == ("failed", True)

    again = till.post(order, "/retry-payment")

    assert again.status == 201
    assert (again.body["number"], again.body["provider"], again.body["return_url"]) == (2, "demo", BACK)
    assert till.read(order)["payment_status"] == "pending"
    till.act(again.body, "pay")
    assert till.read(order)["status"] == "confirmed"


def test_the_last_attempt_is_tried_again_in_another_way(till: Till) -> None:
    order = till.order()
    till.open(order)
    again = till.post(order, "/retry-payment", {"provider": "manual"})
    assert (again.status, again.body["provider"], again.body["checkout_url"]) == (201, "manual", None)
    assert again.body["instructions"]["reference"] == order["number"]
    statuses = [one["status"] for one in till.read(order, "/payments")["attempts"]]
    assert statuses == ["cancelled", "open"]


def test_there_are_three_attempts(till: Till) -> None:
    order = till.order()
    till.act(till.open(order), "decline")
    for _ in range(2):
        till.act(till.post(order, "/retry-payment").body, "decline")
    over = till.post(order, "/retry-payment")
    assert (over.status, over.code) == (409, "payment_attempts_exhausted")
    assert till.read(order)["can_retry_payment"] is False


def test_nothing_is_retried_before_it_was_tried(till: Till) -> None:
    refused = till.post(till.order(), "/retry-payment")
    assert (refused.status, refused.code) == (409, "nothing_to_retry")


def test_an_attempt_is_cancelled_before_it_is_paid(till: Till) -> None:
    order = till.order()
    attempt = till.open(order)
    cancelled = till.post(order, f"/payments/{attempt['id']}/cancel")
    assert (cancelled.status, cancelled.body["status"]) == (200, "cancelled")
    twice = till.post(order, f"/payments/{attempt['id']}/cancel")
    assert (twice.status, twice.code) == (409, "payment_attempt_over")
    assert till.read(order)["status"] == "pending"
    assert till.post(order, f"/payments/{NOBODYS}/cancel").status == 404


def test_what_is_paid_is_not_paid_again(till: Till) -> None:
    order = till.paid()
    refused = till.post(order, "/payments", PAYMENT)
    assert (refused.status, refused.code) == (409, "nothing_to_pay")


def test_a_provider_that_is_not_offered(till: Till) -> None:
    order = till.order()
    unknown = till.post(order, "/payments", {"provider": "coins"})
    assert (unknown.status, unknown.code) == (422, "payment_provider_unknown")
    refused = till.post(order, "/payments", {"provider": "stripe"})
    assert (refused.status, refused.code) == (409, "payment_provider_not_offered")
    assert sorted(refused.body["providers"]) == ["demo", "free", "manual"]
    assert till.read(order, "/payments")["attempts"] == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("return_url", "javascript:alert(1)"),
        ("return_url", "https://a b"),
        ("cancel_url", "ftp://shop.example"),
        ("cancel_url", "https://shop.example/" + "x" * 2000),
        ("return_url", "https://shop.example/\u0000"),
        ("provider", ""),
        ("provider", None),
    ],
)
def test_what_a_payment_is_not_opened_with(till: Till, field: str, value: Any) -> None:
    order = till.order()
    refused = till.post(order, "/payments", {**PAYMENT, field: value})
    assert (refused.status, refused.fields) == (422, [field])
    assert till.read(order)["status"] == "draft"


def test_a_dead_provider_is_told_of_and_repeated(till: Till) -> None:
    setting = till.shop.call("PUT", "/payment-providers/demo", {"configuration": {"open": "dead"}})
    assert setting.status == 200
    order = till.order()
    dead = till.post(order, "/payments", PAYMENT, key="k1")
    assert (dead.status, dead.code) == (503, "payment_provider_unreachable")
    assert dead.headers["Retry-After"] == "5"
    till.shop.call("PUT", "/payment-providers/demo", {"configuration": {}})
    again = till.post(order, "/payments", PAYMENT, key="k1")
    assert (again.status, again.body["number"], again.body["status"]) == (201, 1, "open")


def test_a_transfer_arrives_in_parts(till: Till) -> None:
    order = till.order()
    till.open(order, provider="manual")
    first = till.post(order, "/receipts", {"amount": "15", "currency": "EUR", "reference": "line 1"})
    assert (first.status, first.body["outcome"]) == (200, "partly_paid")
    assert (first.body["received"], first.body["outstanding"]) == ("15.00", "25.00")
    again = till.post(order, "/receipts", {"amount": "15", "currency": "EUR", "reference": "line 1"})
    assert (again.body["outcome"], again.body["received"]) == ("known", "15.00")
    other = till.post(order, "/receipts", {"amount": "16", "currency": "EUR", "reference": "line 1"})
    assert (other.status, other.code) == (409, "payment_known")

    rest = {
        "amount": "30.00",
        "currency": "EUR",
        "reference": "line 2",
        "received_at": "2026-01-02T03:04:05Z",
    }
    last = till.post(order, "/receipts", rest)

    assert (last.body["outcome"], last.body["payment_status"]) == ("confirmed", "paid")
    assert last.body["payments"][1]["received_at"] == "2026-01-02T03:04:05.000000Z"
    assert [(one["kind"], one["amount"]) for one in last.body["refunds"]] == [("surplus", "5.00")]
    assert_books_balance(till.shop.organization_id)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"currency": "USD"}, "wrong_currency", "currency"),
        ({"currency": "XXX"}, "invalid_input", "currency"),
        ({"amount": "1.001"}, "invalid_input", "amount"),
        ({"amount": "0"}, "invalid_input", "amount"),
        ({"amount": "-1"}, "invalid_input", "amount"),
        ({"reference": " "}, "invalid_input", "reference"),
    ],
)
def test_what_is_no_receipt(till: Till, changes: dict[str, str], code: str, field: str) -> None:
    order = till.order()
    receipt = {"amount": "10.00", "currency": "EUR", "reference": "line 1", **changes}
    refused = till.post(order, "/receipts", receipt)
    assert (refused.status, refused.code, refused.fields) == (422, code, [field])
    assert till.read(order, "/payments")["payments"] == []


def test_confirming_by_hand_books_the_payment(till: Till) -> None:
    order = till.order()
    moved = till.shop.call("PUT", f"/orders/{order['id']}/status", {"status": "confirmed"})
    assert (moved.body["status"], moved.body["payment_status"]) == ("confirmed", "paid")
    assert till.read(order, "/payments")["received"] == "40.00"
    assert_books_balance(till.shop.organization_id)


def test_one_of_many_double_clicks_opens_the_attempt(till: Till) -> None:
    order = till.order()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: _post_in_a_thread(till.shop, order["id"]), range(4)))
    assert {status for status, _ in answers} <= {201, 409}
    assert len({attempt for status, attempt in answers if status == 201}) == 1
    assert len(till.read(order, "/payments")["attempts"]) == 1


def _post_in_a_thread(shop: Shop, order_id: str) -> tuple[int, str | None]:
    from django.db import connection  # noqa: PLC0415  # each thread has one of its own

    try:
        answer = Shop(shop.organization_id, shop.secret).post(f"/orders/{order_id}/payments", PAYMENT)
        return answer.status, answer.body.get("id")
    finally:
        connection.close()
        forget_failure()


def test_opening_and_reading_are_different_rights(till: Till) -> None:
    order = till.order()
    opener = Shop(till.shop.organization_id, new_key(till.shop.organization_id, [Permission.PAYMENT_OPEN]))
    assert opener.post(f"/orders/{order['id']}/payments", PAYMENT).status == 201
    assert opener.get(f"/orders/{order['id']}/payments").code == "permission_missing"
    receipt = {"amount": "40.00", "currency": "EUR", "reference": "line 1"}
    assert opener.post(f"/orders/{order['id']}/receipts", receipt).code == "permission_missing"
    assert till.read(order, "/payments")["payments"] == []
