"""``/security-events``: the log as an organisation reads it, and the refusals in it."""

from __future__ import annotations

import pytest

from kassa.core.permissions import Permission
from kassa.identity.models import SecurityEvent
from tests.support.api_client import ApiClient
from tests.support.factories import make_key, make_organization

pytestmark = pytest.mark.django_db
EVENTS = "/api/v1/security-events"


def test_key_that_is_made_and_revoked_stands_there_with_its_maker() -> None:
    organization = make_organization()
    api = ApiClient(make_key(organization))
    made = api.post("/api/v1/api-keys", {"name": "Web", "scopes": ["offer:read"]}).json()
    api.delete(f"/api/v1/api-keys/{made['id']}")

    revoked, created = api.get(EVENTS).json()["items"][:2]

    assert (revoked["kind"], created["kind"]) == ("api_key.revoked", "api_key.created")
    assert created["details"] == {"role": None, "scopes": ["offer:read"]}
    assert created["subject"] == revoked["subject"] == made["id"]
    assert created["actor"]["name"] == "Tests"
    assert created["actor"]["kind"] == "api_key"
    assert created["address"] == "127.0.0.1"


def test_refused_request_is_recorded_once_with_what_was_missing() -> None:
    organization = make_organization()
    weak, owner = (
        ApiClient(make_key(organization, frozenset({Permission.OFFER_READ}))),
        ApiClient(make_key(organization)),
    )
    for _ in range(3):
        assert weak.get("/api/v1/orders").status_code == 403

    [refusal] = owner.get(f"{EVENTS}?kind=request.forbidden").json()["items"]

    assert refusal["details"] == {
        "code": "permission_missing",
        "operation": "GET /api/v1/orders",
        "permission": "order:read",
    }
    assert refusal["actor"]["name"] == "Tests"


def test_filters() -> None:
    organization = make_organization()
    first, second = ApiClient(make_key(organization)), ApiClient(make_key(organization))
    first.post("/api/v1/api-keys", {"name": "A", "scopes": []})
    second.post("/api/v1/api-keys", {"name": "B", "scopes": []})
    actor = SecurityEvent.objects.of(organization.id).order_by("-id")[0].actor_id

    found = first.get(f"{EVENTS}?actor={actor}&kind=api_key.created").json()["items"]

    assert [one["actor"]["id"] for one in found] == [str(actor)]
    assert first.get(f"{EVENTS}?kind=nothing").status_code == 422


def test_log_of_another_organisation_is_not_seen() -> None:
    theirs = make_organization()
    ApiClient(make_key(theirs)).post("/api/v1/api-keys", {"name": "A", "scopes": []})
    ours = make_organization()

    items = ApiClient(make_key(ours)).get(EVENTS).json()["items"]

    assert [one["kind"] for one in items] == ["api_key.created"]
