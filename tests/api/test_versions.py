"""``ETag`` and ``If-Match``: nobody overwrites what they have not seen."""

from __future__ import annotations

import pytest

from kassa.core.models import LogEntry
from tests.api import nouns
from tests.api.shop import Shop

pytestmark = pytest.mark.django_db

VERSIONED = ["/coupons", "/events", "/members", "/products", "/quotas", "/tax-rules", "/ticket-types"]


@pytest.fixture(params=VERSIONED)
def path(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_change_names_the_version_that_was_read(shop: Shop, path: str) -> None:
    make, changes = nouns.PATHS[path]
    made = make(shop)
    one = f"{path}/{made.body['id']}"
    first = shop.get(one).headers["ETag"]

    changed = shop.patch(one, changes, If_Match=first)
    assert changed.status == 200
    assert changed.headers["ETag"] == shop.get(one).headers["ETag"] != first

    late = shop.patch(one, changes, If_Match=first)
    assert (late.status, late.body["code"]) == (412, "changed_meanwhile")
    assert shop.get(one).body == changed.body
    again = shop.patch(one, changes, If_Match="*")
    assert again.status == 200
    assert shop.patch(one, changes, If_Match=again.headers["ETag"]).status == 200


def test_what_is_no_entity_tag_of_ours_is_refused(shop: Shop, path: str) -> None:
    make, changes = nouns.PATHS[path]
    one = f"{path}/{make(shop).body['id']}"

    for given in ("abc", 'W/"1"', '"1", "2"', '"' + "9" * 18 + '"'):
        refused = shop.patch(one, changes, If_Match=given)
        assert (refused.status, refused.body["errors"][0]["field"]) == (422, "If-Match")


def test_each_change_stands_in_the_activity_log(shop: Shop, path: str) -> None:
    make, changes = nouns.PATHS[path]
    made = make(shop)
    one = f"{path}/{made.body['id']}"
    shop.patch(one, changes)
    shop.delete(one)

    entries = LogEntry.objects.of(shop.organization_id).filter(subject_id=made.body["id"])
    created, changed, *rest = entries.order_by("id")
    assert created.action.partition(".")[2] in ("created", "joined")
    assert changed.action.endswith(".changed")
    assert changed.actor_kind == "api_key"
    assert changed.actor_id is not None
    assert changed.request_id is not None
    assert changed.address == "127.0.0.1"
    assert set(changes) <= set(changed.changes)
    assert [entry.action.partition(".")[2] for entry in rest] in ([], ["deleted"], ["removed"])
