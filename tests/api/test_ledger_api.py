"""The books, disputes, payouts and providers over HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from kassa.payments.models import ProviderAccount
from tests.api.shop import NOBODYS, open_shop
from tests.api.till import BANK_ACCOUNT, Till, open_till

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def till() -> Till:
    return open_till(open_shop())


def test_every_movement_is_a_transaction(till: Till) -> None:
    order = till.paid()
    till.post(order, "/refunds", {"amount": "5"})
    till.order()
    refund, purchase = till.shop.get("/transactions").body["items"]
    assert (purchase["type"], purchase["status"], purchase["amount"]) == ("purchase", "completed", "40.00")
    assert (refund["type"], refund["status"], refund["amount"]) == ("refund", "pending", "5.00")
    assert purchase["order"] == refund["order"] == order["id"]
    assert refund["payment"] == purchase["payment"]
    assert till.shop.get(f"/transactions/{purchase['id']}").body == purchase
    assert till.shop.get(f"/transactions/{NOBODYS}").status == 404


@pytest.mark.parametrize(
    ("question", "types"),
    [
        ("type=refund", ["refund"]),
        ("status=completed", ["purchase"]),
        ("order={order}", ["refund", "purchase"]),
        (f"order={NOBODYS}", []),
        ("payment_method={provider}", ["refund", "purchase"]),
        ("payment_method=coins", []),
        ("created_from=2001-01-01T00:00:00Z", ["refund", "purchase"]),
        ("created_before=2001-01-01T00:00:00Z", []),
        ("limit=1", ["refund"]),
    ],
)
def test_transactions_are_filtered(till: Till, question: str, types: list[str]) -> None:
    order = till.order()
    till.post(order, "/receipts", {"amount": "40", "currency": "EUR", "reference": "line 1"})
    till.post(order, "/refunds", {"amount": "5"})
    asked = question.format(order=order["id"], provider=_method(till))
    assert [one["type"] for one in till.shop.get(f"/transactions?{asked}").body["items"]] == types


def _method(till: Till) -> str:
    found: str = till.shop.get("/transactions?limit=1").body["items"][0]["payment_method"]
    return found


def test_the_balances_add_up_to_zero(till: Till) -> None:
    order = till.paid()
    till.post(order, "/refunds", {"amount": "5"})
    balances = till.shop.get("/ledger/balances").body
    assert sum(Decimal(one["balance"]) for one in balances) == 0
    by_account = {one["account"]: one["balance"] for one in balances}
    assert (by_account["sales"], by_account["refunds_due"]) == ("-35.00", "-5.00")
    postings = till.read(order, "/ledger")
    assert postings[0]["kind"] == "payment_received"
    assert all(sum(Decimal(entry["amount"]) for entry in one["entries"]) == 0 for one in postings)
    assert till.shop.get(f"/orders/{NOBODYS}/ledger").status == 404


def test_a_payout_is_noted_once(till: Till) -> None:
    till.paid()
    given = {"provider": "demo", "currency": "EUR", "reference": "June"}
    first, second = (till.shop.post("/payouts", given, key=key) for key in ("k1", "k2"))
    assert (first.status, second.status) == (201, 201)
    assert first.body == second.body
    assert till.shop.get("/payouts").body["items"] == [first.body]
    assert Decimal(first.body["amount"]) + Decimal(first.body["gateway_fee"]) == 40
    nothing = till.shop.post("/payouts", {**given, "reference": "July"})
    assert (nothing.status, nothing.code) == (409, "nothing_to_pay_out")
    assert till.shop.post("/payouts", {**given, "amount": "0.001"}).fields == ["amount"]
    assert till.shop.post("/payouts", {**given, "currency": "ZZZ", "amount": "1"}).fields == ["currency"]
    assert till.shop.post("/payouts", {**given, "provider": "coins"}).code == "payment_provider_unknown"


def test_providers_are_set_up_and_removed(till: Till) -> None:
    shown = {one["name"]: one for one in till.shop.get("/payment-providers").body["items"]}
    assert {name for name, one in shown.items() if one["is_offered"]} == {"demo", "manual", "free"}
    assert shown["manual"]["configuration"] == BANK_ACCOUNT
    assert shown["manual"]["can_refund"] is False
    organization = till.shop.organization_id
    assert shown["demo"]["webhook_url"].endswith(f"/webhooks/demo/{organization}")
    off = {"is_enabled": False, "configuration": BANK_ACCOUNT}
    assert till.shop.call("PUT", "/payment-providers/manual", off).body["is_offered"] is False
    assert till.post(till.order(), "/payments", {"provider": "manual"}).status == 409
    assert till.shop.delete("/payment-providers/manual").status == 204
    assert till.shop.delete("/payment-providers/manual").status == 404
    for method in ("PUT", "DELETE"):
        unknown = till.shop.call(method, "/payment-providers/coins", {} if method == "PUT" else None)
        assert (unknown.status, unknown.code) == (404, "not_found")


def test_a_provider_with_money_under_way_stays(till: Till) -> None:
    till.open(till.order())
    refused = till.shop.delete("/payment-providers/demo")
    assert (refused.status, refused.code) == (409, "still_in_use")


STRIPE: dict[str, Any] = {"secret_key": "sk_test_0123456789", "webhook_secret": "whsec_0123456789"}


def test_secrets_never_come_back(till: Till) -> None:
    made = till.shop.call("PUT", "/payment-providers/stripe", {"secrets": STRIPE})
    assert (made.status, made.body["secrets_set"]) == (200, ["secret_key", "webhook_secret"])
    stored = ProviderAccount.objects.of(till.shop.organization_id).get(provider="stripe")
    for text in (str(made.body), str(till.shop.get("/payment-providers").body), stored.secrets):
        assert not any(secret in text for secret in STRIPE.values())
    kept = till.shop.call("PUT", "/payment-providers/stripe", {"is_enabled": False})
    assert (kept.body["secrets_set"], kept.body["is_enabled"]) == (["secret_key", "webhook_secret"], False)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"configuration": {**BANK_ACCOUNT, "iban": "DE00"}}, "iban"),
        ({"configuration": {"iban": BANK_ACCOUNT["iban"]}}, "account_holder"),
        ({"configuration": {**BANK_ACCOUNT, "colour": "red"}}, "colour"),
        ({"configuration": BANK_ACCOUNT, "secrets": {"iban": "x"}}, "iban"),
        ({"configuration": {"iban": "x" * 20_001}}, "configuration"),
        ({"is_enabled": None}, "is_enabled"),
        ({"secrets": {"a": "\u0000"}}, "secrets.a"),
    ],
)
def test_what_a_provider_is_not_set_up_with(till: Till, body: dict[str, Any], field: str) -> None:
    refused = till.shop.call("PUT", "/payment-providers/manual", body)
    assert (refused.status, refused.code, refused.fields) == (422, "invalid_input", [field])
    shown = {one["name"]: one for one in till.shop.get("/payment-providers").body["items"]}
    assert shown["manual"]["configuration"] == BANK_ACCOUNT


def test_providers_are_read_in_one_query(
    till: Till, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kassa.identity.domain.api_keys.CACHE_SECONDS", 3600)
    till.shop.get("/payment-providers")
    with django_assert_num_queries(1):
        assert till.shop.get("/payment-providers").status == 200
