"""What all nouns have in common: made, read, listed, changed, deleted, and nobody else's."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from kassa.core.models import IdempotentAnswer
from kassa.core.permissions import Permission
from tests.api.nouns import PATHS
from tests.api.shop import NOBODYS, Answer, Shop, new_key, open_shop

pytestmark = pytest.mark.django_db

Noun = tuple[str, Callable[..., Answer], dict[str, Any]]
NO_DELETE = {"/quotas"}


@pytest.fixture(params=list(PATHS))
def noun(request: pytest.FixtureRequest) -> Noun:
    return request.param, *PATHS[request.param]


def list_path(path: str, made: Answer) -> str:
    return f"/events/{made.body['event']}/ticket-types" if path == "/ticket-types" else path


def test_it_is_made_read_listed_changed_and_deleted(shop: Shop, noun: Noun) -> None:
    path, make, changes = noun
    made = make(shop)
    assert made.status == (200 if path == "/members" else 201)
    one = f"{path}/{made.body['id']}"
    assert shop.get(one).body == made.body
    assert made.body in shop.get(list_path(path, made)).body["items"]
    changed = shop.patch(one, changes)
    assert changed.status == 200
    assert {name: changed.body[name] for name in changes} == changes
    kept = {"updated_at", "updated_by", "permissions", *changes}
    assert {k: v for k, v in changed.body.items() if k not in kept} == {
        k: v for k, v in made.body.items() if k not in kept
    }
    assert shop.get(one).body == changed.body
    if path in NO_DELETE:
        return
    gone = shop.delete(one)
    assert (gone.status, gone.body) == (204, None)
    assert shop.get(one).status == 404
    assert shop.delete(one).status == 404
    assert shop.patch(one, changes).status == 404


def test_it_is_nobody_elses(shop: Shop, other: Shop, noun: Noun) -> None:
    path, make, changes = noun
    made = make(other)
    for wanted in (made.body["id"], NOBODYS):
        one = f"{path}/{wanted}"
        answers = [shop.get(one), shop.patch(one, changes)]
        if path not in NO_DELETE:
            answers.append(shop.delete(one))
        assert [(answer.status, answer.code) for answer in answers] == [(404, "not_found")] * len(answers)
    if path != "/ticket-types":
        assert shop.get(path).body == {"items": [], "next": None}
    assert other.get(f"{path}/{made.body['id']}").body == made.body


def test_an_empty_change_changes_nothing_but_the_time(shop: Shop, noun: Noun) -> None:
    path, make, _ = noun
    made = make(shop)
    changed = shop.patch(f"{path}/{made.body['id']}", {})
    assert changed.status == 200
    kept = {"updated_at", "updated_by"}
    assert {k: v for k, v in changed.body.items() if k not in kept} == {
        k: v for k, v in made.body.items() if k not in kept
    }


def test_null_is_refused_where_something_must_be(shop: Shop, noun: Noun) -> None:
    path, make, changes = noun
    one = f"{path}/{make(shop).body['id']}"
    field = next(iter(changes))
    refused = shop.patch(one, {field: None})
    assert (refused.status, refused.fields) == (422, [field])


def test_a_field_that_does_not_exist_is_refused(shop: Shop, noun: Noun) -> None:
    path, make, _ = noun
    one = f"{path}/{make(shop).body['id']}"
    assert shop.patch(one, {"colour": "red"}).fields == ["colour"]


def test_a_repeated_key_has_one_effect_and_one_answer(shop: Shop, noun: Noun) -> None:
    path, make, _ = noun
    if path in {"/ticket-types", "/products", "/coupons", "/members"}:
        made = make(shop)
        body = {
            "/ticket-types": {"name": "Late", "price": "9.50"},
            "/products": {"sku": "ONCE", "name": "Shirt", "price": "25.00"},
            "/coupons": {"code": "ONCE", "discount_type": "percentage", "discount_value": "10"},
            "/members": {"email": "once@example.org", "role": "support"},
        }[path]
        target = list_path(path, made)
        first, second = (shop.post(target, body, key="k1") for _ in range(2))
    else:
        target = path
        first, second = (make(shop, key="k1") for _ in range(2))
    assert first.status == (202 if path == "/members" else 201)
    assert (second.status, second.body) == (first.status, first.body)
    assert second.headers["Idempotent-Replayed"] == "true"
    listed = "/invitations" if path == "/members" else target
    ids = [item["id"] for item in shop.get(listed).body["items"]]
    assert ids.count(first.body["id"]) == 1
    assert shop.post(target, {}, key="k1").code == "idempotency_key_reused"


def test_each_call_needs_its_right(shop: Shop, noun: Noun) -> None:
    path, make, changes = noun
    made = make(shop)
    one = f"{path}/{made.body['id']}"
    stranger = Shop(shop.organization_id, new_key(shop.organization_id, [Permission.ORDER_PLACE]))
    answers = [stranger.get(one), stranger.get(list_path(path, made)), stranger.patch(one, changes)]
    answers.append(stranger.post(list_path(path, made), {}))
    assert [(answer.status, answer.code) for answer in answers] == [(403, "permission_missing")] * 4
    without = Shop(shop.organization_id, "")
    assert without.get(one).code == "key_missing"


def test_the_answer_of_a_key_is_not_repeated_to_another_one(shop: Shop) -> None:
    body = {"name": "VAT", "rate": "19"}
    assert shop.post("/tax-rules", body, key="k1").status == 201
    reader = Shop(shop.organization_id, new_key(shop.organization_id, [Permission.OFFER_READ]))
    assert reader.post("/tax-rules", body, key="k1").code == "idempotency_key_reused"


def test_a_refusal_is_not_kept(shop: Shop) -> None:
    assert shop.post("/tax-rules", {"name": "VAT", "rate": "101"}, key="k1").status == 422
    assert not IdempotentAnswer.objects.of(shop.organization_id).exists()
    assert shop.post("/tax-rules", {"name": "VAT", "rate": "19"}, key="k1").status == 201


def test_two_organisations_may_have_the_same_key(shop: Shop, other: Shop) -> None:
    body = {"name": "VAT", "rate": "19"}
    first, second = (one.post("/tax-rules", body, key="k1") for one in (shop, other))
    assert (first.status, second.status) == (201, 201)
    assert first.body["id"] != second.body["id"]


def test_pages_go_on_where_the_last_one_ended(shop: Shop, noun: Noun) -> None:
    path, make, _ = noun
    if path == "/ticket-types":
        path = list_path(path, first := make(shop))
        made = [first.body["id"]]
        made += [shop.post(path, {"name": str(n), "price": "1"}).body["id"] for n in range(2)]
        in_event = shop.get(path).body["items"]
        expected = sorted((item["id"] for item in in_event), reverse=True)
    else:
        expected = [make(shop).body["id"] for _ in range(3)][::-1]
        if path == "/quotas":
            path = "/quotas?kind=shared"
    seen: list[str] = []
    after = ""
    while True:
        page = shop.get(f"{path}{'&' if '?' in path else '?'}limit=2{after}").body
        assert len(page["items"]) <= 2
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen[: len(expected)] == expected
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_asks_as_often_for_three_as_for_one(
    noun: Noun,
    rows: int,
    django_assert_num_queries: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kassa.identity.domain.api_keys.CACHE_SECONDS", 3600)
    path, make, _ = noun
    shop = open_shop()
    made = [make(shop) for _ in range(rows)][-1]
    path = list_path(path, made)
    if path.endswith("/ticket-types"):
        for number in range(rows):
            shop.post(path, {"name": str(number), "is_free": True})
    elif path == "/events":
        for _ in range(rows):
            make(shop, capacity=5, ticket_types=[{"name": "Free", "is_free": True}])
    shop.get(path)
    expected = {"/events": 6, "/products": 2, "/tax-rules": 1, "/quotas": 1, "/coupons": 2, "/members": 1}
    with django_assert_num_queries(expected.get(path, 6)):
        assert shop.get(path).status == 200


def test_every_operation_is_described(shop: Shop) -> None:
    document = shop.get("/openapi.json").body
    mine = [path for path in document["paths"] if any(path.startswith(f"/api/v1{noun}") for noun in PATHS)]
    assert len(mine) >= 18
    for path in mine:
        for operation in document["paths"][path].values():
            assert operation["summary"]
            assert operation["tags"]
            assert {"401", "403", "422"} <= {str(status) for status in operation["responses"]}
            if re.search(r"\{\w+\}", path):
                assert "404" in {str(status) for status in operation["responses"]}
