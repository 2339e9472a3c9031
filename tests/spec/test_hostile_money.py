"""Every field of the endpoints of money wrong in turn, and everything of others: named, never a fault."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tests.spec.shop import BACK, DEMO, STOP, Shop, books

LONG = "x" * 2001
NOT_A_TEXT: tuple[Any, ...] = (None, 1, True, [], {}, "a\x00b")
NOT_AN_AMOUNT: tuple[Any, ...] = (
    "0",
    "-1",
    "1.0001",
    "999999999999",
    "NaN",
    "Infinity",
    "one",
    [],
    {},
    True,
    "1e999",
)
NOT_A_URL: tuple[Any, ...] = (
    "javascript:alert(1)",
    "//evil.example",
    "https://a b",
    f"https://{LONG}",
    1,
    [],
    {},
)
NOT_A_NAME = ("", LONG, *NOT_A_TEXT)
NOT_A_BOOLEAN: tuple[Any, ...] = ("perhaps", 2, [], {})
RECEIPT = {"amount": "45.00", "currency": "EUR", "reference": "Line 4"}
PAYOUT = {"provider": "demo", "currency": "EUR", "reference": "June"}
TICKET = "01935d6e-0000-7000-8000-000000000001"

FIELDS: list[tuple[str, str, dict[str, Any], dict[str, tuple[Any, ...]]]] = [
    (
        "POST",
        "/orders/{order}/payments",
        DEMO,
        {"provider": NOT_A_NAME, "return_url": (None, *NOT_A_URL), "cancel_url": (None, *NOT_A_URL)},
    ),
    (
        "POST",
        "/orders/{order}/retry-payment",
        {},
        {
            "provider": tuple(value for value in NOT_A_NAME if value is not None),
            "return_url": NOT_A_URL,
            "cancel_url": NOT_A_URL,
        },
    ),
    (
        "POST",
        "/orders/{order}/receipts",
        RECEIPT,
        {
            "amount": (None, *NOT_AN_AMOUNT),
            "currency": ("euro", "eur", "", "XQX", None, 1, [], {}),
            "reference": NOT_A_NAME,
            "received_at": ("yesterday", "2027-06-12T18:00:00", "0001-01-01T00:00:00Z", [], {}, True),
        },
    ),
    (
        "POST",
        "/orders/{order}/refunds",
        {"everything": False},
        {
            "tickets": ([], ["x"], [None], "x", {}, 1, [TICKET] * 1001),
            "amount": NOT_AN_AMOUNT,
            "everything": (None, *NOT_A_BOOLEAN),
            "reason": NOT_A_TEXT,
            "fees": NOT_A_BOOLEAN,
            "shipping": NOT_A_BOOLEAN,
            "dry_run": (None, *NOT_A_BOOLEAN),
        },
    ),
    ("POST", "/orders/{order}/refunds/{refund}/paid", {}, {"reference": (LONG, *NOT_A_TEXT)}),
    ("POST", "/events/{event}/refunds", {}, {"reason": (LONG, *NOT_A_TEXT)}),
    (
        "POST",
        "/payouts",
        PAYOUT,
        {
            "provider": NOT_A_NAME,
            "currency": ("euro", "XQX", None, 1),
            "reference": NOT_A_NAME,
            "amount": NOT_AN_AMOUNT,
        },
    ),
    (
        "PUT",
        "/payment-providers/manual",
        {},
        {
            "is_enabled": (None, *NOT_A_BOOLEAN),
            "configuration": (None, [], 1, "x", {"a": "\x00"}, {"a": 2**70}, {"a": "x" * 20_001}),
            "secrets": (None, [], 1, "x", {"a": 1}, {"a": "\x00"}),
        },
    ),
]
"""Method, address, a body, and by field what is wrong there."""


@pytest.fixture(scope="module")
def world(database: None) -> dict[str, Any]:
    """One organisation with an order that waits and one that was paid and refunded in part."""
    shop = Shop()
    paid = shop.paid(shop.standing, 2)
    refund = shop.refund(paid, amount="1.00")
    return {
        "shop": shop,
        "order": paid["id"],
        "refund": refund["id"],
        "event": str(shop.event.id),
        "attempt": shop.money_of(paid)["attempts"][0]["id"],
        "transaction": shop.get("/transactions?limit=1")["items"][0]["id"],
        "webhook": shop.get("/webhook-events?limit=1")["items"][0]["id"],
    }


@pytest.mark.parametrize(
    "case",
    [(*endpoint[:3], name, wrong) for endpoint in FIELDS for name, wrong in endpoint[3].items()],
    ids=lambda case: f"{case[0]} {case[1].rpartition('/')[2]} {case[3]}",
)
def test_wrong_field_is_named(world: dict[str, Any], case: tuple[Any, ...]) -> None:
    """Bad input: 422 as problem+json that names the field, and nothing is written."""
    method, path, body, field, wrong = case
    shop = world["shop"]
    path = f"/api/v1{path.format(**world)}"
    before = books()

    for value in wrong:
        answer = shop.api.call(method, path, {**body, field: value})
        shown = (field, value if len(str(value)) < 80 else "…", answer.content)
        assert answer.status_code == 422, shown
        assert answer["Content-Type"] == "application/problem+json", shown
        named = {error["field"].partition(".")[0] for error in answer.json().get("errors", [])}
        assert field in named, shown
    assert books() == before


@pytest.mark.parametrize("endpoint", FIELDS, ids=lambda endpoint: endpoint[1])
def test_field_that_does_not_exist_is_named(world: dict[str, Any], endpoint: tuple[Any, ...]) -> None:
    """Bad input: a misspelt field does not pass in silence."""
    method, path, body, _ = endpoint

    problem = world["shop"].ask(method, path.format(**world), {**body, "amout": "1"}, expect=422)

    assert "amout" in [error["field"] for error in problem["errors"]]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 5000, b'{"amount": 1e400}', b"{}"]
)
@pytest.mark.parametrize("path", ["/orders/{order}/payments", "/orders/{order}/refunds", "/payouts"])
def test_body_that_is_no_object_is_no_fault(world: dict[str, Any], path: str, body: bytes) -> None:
    """Bad input: whatever is sent, the answer says that it is the sender's."""
    answer = post_raw(world["shop"], path.format(**world), body)

    assert answer.status_code in (400, 422), answer.content
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "tickets"),
        ({"tickets": [TICKET], "everything": True}, "everything"),
        ({"tickets": [TICKET], "amount": "1"}, "amount"),
        ({"amount": "1", "everything": True}, "everything"),
        ({"amount": "1", "fees": True}, "fees"),
        ({"everything": True, "shipping": False}, "shipping"),
        ({"amount": "1.001"}, "amount"),
    ],
)
def test_refund_asks_for_one_thing(world: dict[str, Any], body: dict[str, Any], field: str) -> None:
    """POST refunds: one of tickets, amount and everything, exact to the cent."""
    problem = world["shop"].ask("POST", f"/orders/{world['order']}/refunds", body, expect=422)

    assert [error["field"] for error in problem["errors"]] == [field]


@pytest.mark.parametrize(
    "query",
    ["type=gift", "status=maybe", "order=x", "created_from=today", "limit=0", "limit=x", "after=x"],
)
def test_wrong_filter_of_transactions_is_named(world: dict[str, Any], query: str) -> None:
    """GET transactions: a filter that means nothing is named."""
    problem = world["shop"].ask("GET", f"/transactions?{query}", expect=422)

    assert [error["field"] for error in problem["errors"]] == [query.partition("=")[0]]


OF_OTHERS: list[tuple[str, str, Any]] = [
    ("GET", "/orders/{order}/payments", None),
    ("POST", "/orders/{order}/payments", {"provider": "demo", "return_url": BACK, "cancel_url": STOP}),
    ("POST", "/orders/{order}/retry-payment", None),
    ("POST", "/orders/{order}/payments/{attempt}/cancel", None),
    ("POST", "/orders/{order}/receipts", RECEIPT),
    ("GET", "/orders/{order}/refunds", None),
    ("POST", "/orders/{order}/refunds", {"everything": True}),
    ("POST", "/orders/{order}/refunds", {"everything": True, "dry_run": True}),
    ("POST", "/orders/{order}/refunds", {"amount": "1.00"}),
    ("GET", "/orders/{order}/refunds/{refund}", None),
    ("POST", "/orders/{order}/refunds/{refund}/paid", None),
    ("POST", "/orders/{order}/refunds/{refund}/retry", None),
    ("GET", "/orders/{order}/ledger", None),
    ("GET", "/events/{event}/refunds", None),
    ("POST", "/events/{event}/refunds", None),
    ("GET", "/transactions/{transaction}", None),
    ("GET", "/webhook-events/{webhook}", None),
    ("POST", "/webhook-events/{webhook}/replay", None),
]


@pytest.mark.parametrize("case", OF_OTHERS, ids=lambda case: f"{case[0]} {case[1]}")
def test_what_belongs_to_others_is_not_there(
    world: dict[str, Any], other: Shop, case: tuple[str, str, Any]
) -> None:
    """Other tenants' orders, attempts and refunds are 404, as what never was, and nothing is written."""
    method, path, body = case
    nobodys = {name: uuid4() for name in world}
    before = books()

    theirs = other.ask(method, path.format(**world), body, expect=404)
    never = other.ask(method, path.format(**nobodys), body, expect=404)

    assert theirs == never
    assert theirs["code"] == "not_found"
    assert books() == before


@pytest.mark.parametrize("own", ["attempt", "refund", "ticket"])
def test_part_of_another_order_of_ones_own_is_not_there(world: dict[str, Any], own: str) -> None:
    """An attempt, refund or ticket is only there under its own order."""
    shop = world["shop"]
    order = shop.buy(shop.standing, email="bob@example.com")
    another = shop.paid(shop.standing, email="eve@example.com")
    path = f"/orders/{another['id']}"
    before = books()

    if own == "attempt":
        shop.refused("POST", f"{path}/payments/{world['attempt']}/cancel", status=404)
    elif own == "refund":
        shop.refused("GET", f"{path}/refunds/{world['refund']}", status=404)
        shop.refused("POST", f"{path}/refunds/{world['refund']}/paid", status=404)
        shop.refused("POST", f"{path}/refunds/{world['refund']}/retry", status=404)
    else:
        body = {"tickets": [order["tickets"][0]["id"]]}
        shop.refused("POST", f"{path}/refunds", body, status=404)
    assert books() == before


def post_raw(shop: Shop, path: str, body: bytes) -> Any:
    return Client().generic(
        "POST",
        f"/api/v1{path}",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {shop.api.secret}"},
    )
