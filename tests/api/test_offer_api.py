"""What single nouns have of their own: filters, conflicts, references of other organisations."""

from __future__ import annotations

from typing import Any

import pytest

from kassa.catalog.models import Product
from kassa.core.permissions import Permission
from kassa.coupons.models import Coupon
from kassa.identity.enums import Role
from kassa.identity.permissions import ROLE_PERMISSIONS
from tests.api import nouns
from tests.api.shop import NOBODYS, Shop, new_key, take
from tests.support.members import join

pytestmark = pytest.mark.django_db


def test_a_ticket_type_changes_all_its_fields(shop: Shop) -> None:
    rule = nouns.tax_rule(shop).body["id"]
    room = nouns.quota(shop).body["id"]
    one = f"/ticket-types/{nouns.ticket_type(shop).body['id']}"
    changes: dict[str, Any] = {
        "name": "Early",
        "description": "First come",
        "price": "12.34",
        "quantity": 7,
        "min_per_order": 2,
        "max_per_order": 4,
        "is_hidden": True,
        "requires_approval": True,
        "sort_order": -3,
        "seat_category": "stalls",
        "tax_rule": rule,
        "shared_quotas": [room],
        "metadata": {"a": 1},
    }
    changed = shop.patch(one, changes)
    assert {name: changed.body[name] for name in changes} == changes
    nulls = dict.fromkeys(("quantity", "max_per_order", "sales_start_at", "seat_category", "tax_rule"))
    changed = shop.patch(one, nulls)
    assert {name: changed.body[name] for name in nulls} == nulls
    assert changed.body["available"] == 100


def test_products_are_narrowed(shop: Shop) -> None:
    event = nouns.event(shop).body["id"]
    first, second = (nouns.product(shop).body for _ in range(2))
    shop.patch(f"/products/{first['id']}", {"event": event, "status": "inactive"})
    for asked, found in (
        (f"sku={second['sku']}", [second["id"]]),
        ("status=inactive", [first["id"]]),
        (f"event={event}", [first["id"]]),
        ("sku=nothing", []),
    ):
        assert [item["id"] for item in shop.get(f"/products?{asked}").body["items"]] == found


def test_a_product_with_a_taken_sku_is_a_conflict(shop: Shop) -> None:
    body = {"sku": "ONCE", "name": "Shirt", "price": "25.00"}
    assert shop.post("/products", body).status == 201
    assert shop.post("/products", body).code == "already_exists"


def test_a_stock_below_what_is_taken_is_a_conflict(shop: Shop) -> None:
    made = nouns.product(shop).body
    take(Product.objects.of(shop.organization_id).get().quota_id, reserved=1, sold=2)
    one = f"/products/{made['id']}"
    assert shop.patch(one, {"stock": 2}).code == "capacity_below_taken"
    shown = shop.patch(one, {"stock": 4}).body
    assert [shown[name] for name in ("stock", "reserved", "sold", "available")] == [4, 1, 2, 1]


@pytest.mark.parametrize("field", ["event", "tax_rule"])
def test_a_product_refers_to_nobody_elses_things(shop: Shop, other: Shop, field: str) -> None:
    theirs = {"event": nouns.event, "tax_rule": nouns.tax_rule}[field](other).body["id"]
    mine = nouns.product(shop).body["id"]
    for wanted in (theirs, NOBODYS):
        assert shop.patch(f"/products/{mine}", {field: wanted}).fields == [field]
        body = {"sku": "B", "name": "B", "price": "1", field: wanted}
        assert shop.post("/products", body).fields == [field]


def test_coupons_are_narrowed(shop: Shop) -> None:
    first, second = (nouns.coupon(shop).body for _ in range(2))
    shop.patch(f"/coupons/{first['id']}", {"is_active": False})
    for asked, found in (
        (f"code={second['code'].lower()}", [second["id"]]),
        ("is_active=false", [first["id"]]),
        ("is_active=true", [second["id"]]),
        ("code=nothing", []),
    ):
        assert [item["id"] for item in shop.get(f"/coupons?{asked}").body["items"]] == found


def test_a_coupon_shows_its_amounts_in_its_currency(shop: Shop) -> None:
    body = {"code": "TEN", "discount_type": "amount", "discount_value": "10", "min_purchase_amount": "50"}
    made = shop.post("/coupons", body).body
    assert (made["discount_value"], made["min_purchase_amount"], made["currency"]) == (
        "10.00",
        "50.00",
        "EUR",
    )
    percentage = shop.post(
        "/coupons", {"code": "PER", "discount_type": "percentage", "discount_value": "12.500"}
    )
    assert percentage.body["discount_value"] == "12.5"


def test_a_coupon_limit_below_its_uses_is_a_conflict(shop: Shop) -> None:
    made = nouns.coupon(shop).body
    Coupon.objects.of(shop.organization_id).update(current_usage_count=3)
    refused = shop.patch(f"/coupons/{made['id']}", {"max_usage_total": 2})
    assert (refused.status, refused.code, refused.body["used"]) == (409, "usage_below_count", 3)


def test_a_coupon_for_nobody_elses_event(shop: Shop, other: Shop) -> None:
    theirs = nouns.event(other).body["id"]
    mine = nouns.coupon(shop).body["id"]
    assert shop.patch(f"/coupons/{mine}", {"events": [theirs]}).fields == ["events"]


def test_quotas_are_narrowed_by_kind(shop: Shop) -> None:
    nouns.event(shop, capacity=5)
    room = nouns.quota(shop).body
    assert shop.get("/quotas?kind=shared").body["items"] == [room]
    assert len(shop.get("/quotas").body["items"]) == 3
    own = shop.get("/quotas?kind=event").body["items"][0]["id"]
    assert shop.patch(f"/quotas/{own}", {"capacity": 9}).status == 404


def test_a_tax_rule_in_use_is_a_conflict(shop: Shop) -> None:
    rule = nouns.tax_rule(shop).body["id"]
    nouns.event(shop, ticket_types=[{"name": "A", "price": "5", "tax_rule": rule}])
    assert shop.delete(f"/tax-rules/{rule}").code == "still_in_use"


def test_a_key_grants_no_more_than_it_may(shop: Shop) -> None:
    admin = Shop(shop.organization_id, new_key(shop.organization_id, sorted(ROLE_PERMISSIONS[Role.ADMIN])))
    refused = admin.post("/members", {"email": "ada@example.org", "role": "owner"})
    assert (refused.status, refused.code, refused.body["permissions"]) == (
        403,
        "rights_beyond_own",
        [Permission.API_KEY_WRITE],
    )
    made = admin.post("/members", {"email": "ada@example.org", "role": "admin"})
    assert (made.status, made.body["status"], made.body["name"]) == (202, "open", "")
    assert admin.post("/members", {"email": "ADA@example.org", "role": "admin"}).code == "already_exists"
    grace = join(shop.organization_id, "grace@example.org", Role.ADMIN).id
    assert admin.patch(f"/members/{grace}", {"role": "owner"}).code == "rights_beyond_own"
    assert admin.post("/members", {"email": "GRACE@example.org", "role": "admin"}).code == "already_exists"


def test_the_last_owner_stays(shop: Shop) -> None:
    made = join(shop.organization_id, "ada@example.org", Role.OWNER).id
    assert shop.patch(f"/members/{made}", {"role": "admin"}).code == "last_owner"
    assert shop.delete(f"/members/{made}").code == "last_owner"
