"""One way to make each noun over HTTP, for tests that go through all of them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from kassa.identity.enums import Role
from tests.api.shop import SOON, Answer, Shop
from tests.support.members import join

_numbers = count(1)

EVENT: dict[str, Any] = {
    "title": "The Tempest",
    "starts_at": SOON,
    "ticket_types": [{"name": "Standard", "price": "20.00", "quantity": 10}],
}


def event(shop: Shop, key: str | None = None, **more: Any) -> Answer:
    return shop.post("/events", {**EVENT, **more}, key=key)


def ticket_type(shop: Shop, key: str | None = None) -> Answer:
    path = f"/events/{event(shop).body['id']}/ticket-types"
    return shop.post(path, {"name": "Late", "price": "9.50", "quantity": 3}, key=key)


def product(shop: Shop, key: str | None = None) -> Answer:
    given = {"sku": f"A-{next(_numbers)}", "name": "Shirt", "price": "25.00", "stock": 5}
    return shop.post("/products", given, key=key)


def tax_rule(shop: Shop, key: str | None = None) -> Answer:
    return shop.post("/tax-rules", {"name": "VAT", "rate": "19"}, key=key)


def quota(shop: Shop, key: str | None = None) -> Answer:
    return shop.post("/quotas", {"name": "Room", "capacity": 100}, key=key)


def coupon(shop: Shop, key: str | None = None) -> Answer:
    given = {"code": f"C{next(_numbers)}", "discount_type": "percentage", "discount_value": "10"}
    return shop.post("/coupons", {**given, "events": [event(shop).body["id"]]}, key=key)


def member(shop: Shop, key: str | None = None) -> Answer:
    """Let somebody join, who is read as a member; there is no call that makes one at once."""
    made = join(shop.organization_id, f"ada{next(_numbers)}@example.org", Role.SUPPORT)
    return shop.get(f"/members/{made.id}")


PATHS: dict[str, tuple[Callable[..., Answer], dict[str, Any]]] = {
    "/events": (event, {"title": "Hamlet"}),
    "/ticket-types": (ticket_type, {"name": "Later"}),
    "/products": (product, {"name": "Poster"}),
    "/tax-rules": (tax_rule, {"name": "GST"}),
    "/quotas": (quota, {"name": "Hall"}),
    "/coupons": (coupon, {"is_active": False}),
    "/members": (member, {"role": "analyst"}),
}
"""By path: how one is made, and a change of it."""
