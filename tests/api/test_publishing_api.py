"""Publishing over HTTP: what is refused, and what staff are warned of."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.nouns import EVENT, event
from tests.api.shop import Shop
from tests.api.till import BANK_ACCOUNT

pytestmark = pytest.mark.django_db

FREE = [{"name": "Free", "is_free": True}]


def publish(shop: Shop, **more: Any) -> Any:
    return shop.post(f"/events/{event(shop, **more).body['id']}/publish")


def test_empty_event_is_refused(shop: Shop) -> None:
    made = shop.post("/events", {"title": "Empty", "starts_at": EVENT["starts_at"]}).body

    answer = shop.post(f"/events/{made['id']}/publish")

    assert (answer.status, answer.code) == (409, "nothing_to_buy")
    assert shop.get(f"/events/{made['id']}").body["status"] == "draft"


def test_no_way_to_pay_is_warned_of(shop: Shop) -> None:
    answer = publish(shop)

    assert (answer.status, answer.body["status"]) == (200, "published")
    [warning] = answer.body["warnings"]
    assert warning["code"] == "no_way_to_pay"
    assert "payment provider" in warning["detail"]


@pytest.mark.parametrize("is_enabled", [True, False])
def test_way_to_pay_is_one_that_is_switched_on(shop: Shop, is_enabled: bool) -> None:
    account = {"configuration": BANK_ACCOUNT, "is_enabled": is_enabled}
    assert shop.call("PUT", "/payment-providers/manual", account).status == 200

    codes = [warning["code"] for warning in publish(shop).body["warnings"]]

    assert codes == ([] if is_enabled else ["no_way_to_pay"])


def test_what_is_free_needs_no_way_to_pay(shop: Shop) -> None:
    assert publish(shop, ticket_types=FREE).body["warnings"] == []


def test_goods_beside_a_free_event_need_a_way_to_pay(shop: Shop) -> None:
    made = event(shop, ticket_types=FREE).body
    shop.post("/products", {"sku": "A", "name": "Shirt", "price": "25.00", "event": made["id"]})

    answer = shop.post(f"/events/{made['id']}/publish")

    assert [warning["code"] for warning in answer.body["warnings"]] == ["no_way_to_pay"]


@pytest.mark.parametrize("quantity", [0, -1, True])
def test_quantity_is_at_least_one(shop: Shop, quantity: Any) -> None:
    types = [{"name": "A", "price": "5", "quantity": quantity}]

    made = event(shop, ticket_types=types)

    assert (made.status, made.fields) == (422, ["ticket_types.0.quantity"])
    [only] = event(shop).body["ticket_types"]
    changed = shop.patch(f"/ticket-types/{only['id']}", {"quantity": quantity})
    assert (changed.status, changed.fields) == (422, ["quantity"])
    assert shop.post("/quotas", {"name": "Room", "capacity": quantity}).fields == ["capacity"]
    assert shop.get(f"/ticket-types/{only['id']}").body["quantity"] == 10
