"""event-platform.md: the Transaction, with its fields, types and statuses."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest

from kassa.core.clock import utc_now
from kassa.integrations.demo_bank.domain.disputes import decide_dispute, open_dispute
from tests.spec.shop import Shop, make_user
from tests.support.factories import moment

SPEC_FIELDS = {
    "id": "id",
    "orderId": "order",
    "userId": "user",
    "type": "type",
    "amount": "amount",
    "currency": "currency",
    "paymentMethod": "payment_method",
    "paymentMethodId": "payment_method_id",
    "paymentIntentId": "payment_intent_id",
    "status": "status",
    "gatewayFee": "gateway_fee",
    "platformFee": "platform_fee",
    "metadata": "metadata",
    "errorMessage": "error_message",
    "createdAt": "created_at",
    "updatedAt": "updated_at",
}
"""The Transaction's fields and what the API calls them; organizationId is whose key it is."""


def transactions(shop: Shop, **filters: str) -> list[dict[str, Any]]:
    """Return movements of money, oldest first."""
    return list(reversed(shop.get(f"/transactions?{urlencode(filters)}")["items"]))


def the(shop: Shop, kind: str) -> dict[str, Any]:
    """Return the only movement of a type."""
    [found] = transactions(shop, type=kind)
    return found


def payment_of(shop: Shop, order: dict[str, Any]) -> dict[str, Any]:
    [payment] = shop.money_of(order)["payments"]
    return dict(payment)


def disputed(shop: Shop, order: dict[str, Any]) -> str:
    """Let the buyer's bank take the money back; return what it calls that."""
    reference = payment_of(shop, order)["provider_reference"]
    dispute = open_dispute(reference, Decimal(order["total"]), utc_now())
    shop.hear()
    return dispute.reference


# The fields


def test_purchase_has_every_field(shop: Shop) -> None:
    """Transaction: every field of the document, for a purchase."""
    ada = make_user("Ada")
    order = shop.paid(shop.standing, 2, user=ada.id)
    payment = payment_of(shop, order)

    purchase = the(shop, "purchase")

    assert set(SPEC_FIELDS.values()) <= set(purchase)
    assert {name: purchase[name] for name in SPEC_FIELDS.values()} == {
        "id": purchase["id"],
        "order": order["id"],
        "user": str(ada.id),
        "type": "purchase",
        "amount": "90.00",
        "currency": "EUR",
        "payment_method": "card",
        "payment_method_id": payment["provider_reference"],
        "payment_intent_id": payment["provider_reference"],
        "status": "completed",
        "gateway_fee": "1.51",
        "platform_fee": "0.00",
        "metadata": {},
        "error_message": "",
        "created_at": purchase["created_at"],
        "updated_at": purchase["updated_at"],
    }
    assert moment(purchase["created_at"]) >= moment(order["created_at"])
    assert purchase["payment"] == payment["id"]
    assert shop.get(f"/transactions/{purchase['id']}") == purchase


def test_guests_purchase_names_no_user(shop: Shop) -> None:
    """Transaction.userId: optional for guest checkout."""
    shop.paid(shop.standing)

    assert the(shop, "purchase")["user"] is None


def test_transactions_of_another_organisation_are_not_seen(shop: Shop, other: Shop) -> None:
    """Transaction.organizationId: a movement belongs to one organisation."""
    shop.paid(shop.standing)
    purchase = the(shop, "purchase")

    assert transactions(other) == []
    assert other.refused("GET", f"/transactions/{purchase['id']}", status=404) == "not_found"


# Types and statuses


def test_refund_is_pending_until_the_money_is_back(shop: Shop) -> None:
    """Transaction: refund, pending → completed, with the provider's own id of it."""
    order = shop.paid(shop.standing)
    payment = payment_of(shop, order)
    shop.refund(order, amount="20.00")
    promised = the(shop, "refund")

    shop.send_refunds()

    done = the(shop, "refund")
    [part] = shop.get(f"/orders/{order['id']}/refunds")[0]["parts"]
    assert (promised["status"], promised["payment_method_id"]) == ("pending", "")
    assert (done["status"], done["payment_method_id"]) == ("completed", part["provider_reference"])
    assert (done["id"], done["amount"], done["refund_part"]) == (promised["id"], "20.00", part["id"])
    assert done["payment_intent_id"] == payment["provider_reference"]


def test_refund_that_the_provider_refuses_stays_pending_and_says_why(shop: Shop) -> None:
    """Transaction.errorMessage: what the provider said; the refund is tried again until it works."""
    order = shop.pay(shop.buy(shop.standing), refunds="refused_first")
    shop.refund(order, everything=True)
    shop.send_refunds()
    refused = the(shop, "refund")
    customer_sees = shop.states(order), shop.money_of(order)["refunding"]

    [refund] = shop.get(f"/orders/{order['id']}/refunds")
    shop.ask("POST", f"/orders/{order['id']}/refunds/{refund['id']}/retry", expect=200)
    shop.send_refunds()

    done = the(shop, "refund")
    assert (refused["status"], "refuse" in refused["error_message"]) == ("pending", True)
    assert customer_sees == (("refunded", "paid"), "45.00")
    assert (done["status"], done["error_message"]) == ("completed", "")
    assert shop.states(order) == ("refunded", "refunded")


@pytest.mark.parametrize(
    ("won", "status", "states"),
    [(True, "cancelled", ("confirmed", "paid")), (False, "completed", ("refunded", "refunded"))],
)
def test_chargeback_is_pending_until_it_is_decided(
    shop: Shop, won: bool, status: str, states: tuple[str, str]
) -> None:
    """Transaction: chargeback; won it is cancelled, lost it is completed."""
    order = shop.paid(shop.standing)
    reference = disputed(shop, order)
    opened = the(shop, "chargeback")
    frozen = shop.refused("POST", f"/orders/{order['id']}/refunds", {"everything": True})

    decide_dispute(reference, won, utc_now())
    shop.hear()

    decided = the(shop, "chargeback")
    [dispute] = shop.get("/disputes")["items"]
    assert (opened["status"], opened["amount"], opened["payment_method_id"]) == (
        "pending",
        "45.00",
        reference,
    )
    assert frozen == "dispute_open"
    assert (decided["id"], decided["status"]) == (opened["id"], status)
    assert dispute["status"] == ("won" if won else "lost")
    assert shop.states(order) == states


def test_payout_takes_what_the_provider_holds(shop: Shop) -> None:
    """Transaction: payout, of what is left after fees and refunds; it belongs to no order."""
    order = shop.paid(shop.standing, 2)
    shop.refund(order, amount="20.00")
    shop.send_refunds()
    body = {"provider": "demo", "currency": "EUR", "reference": "June"}

    payout = shop.ask("POST", "/payouts", body, expect=201)
    again = shop.ask("POST", "/payouts", body, expect=201)
    nothing_left = shop.refused("POST", "/payouts", {**body, "reference": "July"})

    moved = the(shop, "payout")
    assert (payout["amount"], payout["gateway_fee"], payout["status"]) == ("68.49", "1.51", "paid")
    assert again == payout
    assert nothing_left == "nothing_to_pay_out"
    assert (moved["status"], moved["amount"], moved["order"], moved["user"]) == (
        "completed",
        "68.49",
        None,
        None,
    )
    assert (moved["payment_method"], moved["payment_method_id"]) == ("demo", "June")
    held = {balance["account"]: balance["balance"] for balance in shop.get("/ledger/balances")}
    assert Decimal(held.get("provider", "0")) == 0
    assert held["bank"] == "68.49"


def test_transactions_are_found_by_each_of_their_marks(shop: Shop) -> None:
    """Transaction: lists by type, status, order, method and time."""
    first = shop.paid(shop.standing)
    second = shop.paid(shop.standing, email="bob@example.com")
    shop.refund(first, everything=True)
    later = (utc_now() + timedelta(hours=1)).isoformat()

    found = [
        [(one["type"], one["order"]) for one in transactions(shop, **filters)]
        for filters in (
            {"type": "purchase"},
            {"status": "pending"},
            {"order": second["id"]},
            {"payment_method": "card", "type": "refund"},
            {"payment_method": "demo", "type": "refund"},
            {"payment_method": "manual"},
            {"created_from": later},
        )
    ]

    refund, bought = ("refund", first["id"]), ("purchase", second["id"])
    assert found == [[("purchase", first["id"]), bought], [refund], [bought], [refund], [refund], [], []]
    shop.send_refunds()
