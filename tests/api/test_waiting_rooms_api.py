"""Waiting rooms over HTTP: set up, turned, looked at, taken away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kassa.core.clock import utc_now
from kassa.core.ttl_cache import clear_caches
from kassa.waiting.domain.kept import kept_room
from kassa.waiting.models import WaitingRoom
from tests.support.api_client import make_api_client
from tests.support.factories import make_event, make_organization, moment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_kept_rooms() -> None:
    clear_caches()


def test_waiting_room_from_setting_up_to_taking_away() -> None:
    event = make_event(make_organization())
    api, path = make_api_client(event.organization), f"/api/v1/events/{event.id}/waiting-room"
    assert api.get(path).json()["code"] == "not_found"
    starts_at = (utc_now() + timedelta(hours=1)).replace(microsecond=0)

    made = api.put(path, {"starts_at": starts_at.isoformat(), "rate_per_minute": 90})

    assert made.status_code == 200, made.content
    shown = made.json()
    assert shown == api.get(path).json()
    assert moment(shown["starts_at"]) == starts_at
    assert moment(shown["opens_at"]) == starts_at - timedelta(minutes=30)
    assert (shown["state"], shown["rate_per_minute"], shown["is_paused"]) == ("early", 90, False)
    assert shown["url"].endswith(f"/waiting/{event.organization.slug}/{event.id}")
    assert len(shown["commitment"]) == 64

    turned = api.put(path, {"is_paused": True, "rate_per_minute": 30}).json()
    assert (turned["is_paused"], turned["rate_per_minute"], turned["id"]) == (True, 30, shown["id"])
    assert turned["commitment"] == shown["commitment"]

    assert api.get(f"{path}/figures").json() == {
        "event": str(event.id),
        "state": "early",
        "joined": 0,
        "served": 0,
        "waiting": 0,
        "entered": 0,
        "inside": 0,
        "rate_per_minute": 30,
        "estimate_seconds": None,
    }
    assert api.delete(path).status_code == 204
    assert api.get(f"{path}/figures").status_code == 404
    assert api.delete(path).status_code == 404


def test_setting_up_is_refused_with_reasons() -> None:
    event = make_event(make_organization())
    api, path = make_api_client(event.organization), f"/api/v1/events/{event.id}/waiting-room"

    for body, field in (
        ({}, "starts_at"),
        ({"starts_at": "2999-01-01T00:00:00Z", "rate_per_minute": 0}, "rate_per_minute"),
        ({"starts_at": "2999-01-01T00:00:00Z", "ends_at": "2998-01-01T00:00:00Z"}, "ends_at"),
        ({"starts_at": "2999-01-01T00:00:00"}, "starts_at"),
        ({"starts_at": "2999-01-01T00:00:00Z", "colour": "red"}, "colour"),
        ({"starts_at": "2999-01-01T00:00:00Z", "is_paused": None}, "is_paused"),
    ):
        answer = api.put(path, body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
        assert answer.json()["errors"][0]["field"] == field
    assert not WaitingRoom.objects.of(event.organization_id).exists()


def test_start_stays_once_the_places_are_drawn() -> None:
    event = make_event(make_organization())
    api, path = make_api_client(event.organization), f"/api/v1/events/{event.id}/waiting-room"
    now = utc_now()
    api.put(path, {"starts_at": now.isoformat()})
    kept_room(event.organization_id, event.id, now=utc_now())
    answer = api.put(path, {"starts_at": (now + timedelta(hours=1)).isoformat()})

    assert (answer.status_code, answer.json()["code"]) == (409, "waiting_room_drawn")
    assert api.get(path).json()["state"] == "running"


def test_a_change_names_the_version_that_was_read() -> None:
    event = make_event(make_organization())
    api, path = make_api_client(event.organization), f"/api/v1/events/{event.id}/waiting-room"
    made = api.put(path, {"starts_at": "2999-01-01T00:00:00Z"})
    assert made["ETag"] == api.get(path)["ETag"]

    turned = api.call("PUT", path, {"rate_per_minute": 30}, HTTP_IF_MATCH=made["ETag"])
    late = api.call("PUT", path, {"rate_per_minute": 90}, HTTP_IF_MATCH=made["ETag"])

    assert (turned.status_code, turned["ETag"]) == (200, api.get(path)["ETag"])
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert api.get(path).json()["rate_per_minute"] == 30
