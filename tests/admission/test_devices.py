"""Phones become devices by a code that works once, and see their own lists only."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from kassa.admission.domain.devices import (
    ENROLMENT_PERIOD,
    change_device,
    create_device,
    enrol_device,
    renew_enrolment,
)
from kassa.admission.domain.door import door_of, lists_by_device
from kassa.admission.domain.lists import change_list, create_list, delete_list
from kassa.admission.errors import EnrolmentOver
from kassa.admission.models import Device
from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import NotFound, PermissionMissing
from kassa.core.models import LogEntry
from kassa.core.permissions import Permission
from kassa.identity.domain.api_keys import authenticate_api_key
from kassa.identity.errors import KeyInvalid
from tests.admission.hall import Hall
from tests.spec.shop import all_at_once
from tests.support.api_client import ApiClient

pytestmark = pytest.mark.django_db

DEVICES = "/api/v1/checkin-devices"
LISTS = "/api/v1/checkin-lists"


def make(hall: Hall, **fields: Any) -> dict[str, Any]:
    answer = hall.api.post(DEVICES, {"name": "Phone 7", "gate": "North", **fields})
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made


def enrol(code: str) -> Any:
    return ApiClient("").call("POST", f"{DEVICES}/enrol", {"code": code})


def test_phone_is_enrolled_once(hall: Hall) -> None:
    made = make(hall, checkin_lists=[str(hall.entrance.id)])
    enrolment = made["enrolment"]
    assert made["status"] == "awaiting"
    assert enrolment["url"].endswith(f"/checkin/#enrol={enrolment['code']}")
    assert enrolment["qr_svg"].startswith("<svg")

    answer = enrol(enrolment["code"])

    assert answer.status_code == 201
    enrolled = answer.json()
    assert enrolled["device"] == {
        "id": made["id"],
        "name": "Phone 7",
        "gate": "North",
        "checkin_lists": [str(hall.entrance.id)],
    }
    assert enrolled["organization"]["id"] == str(hall.id)
    assert ApiClient(enrolled["api_key"]).get(LISTS).json()["items"][0]["id"] == str(hall.entrance.id)
    shown = hall.api.get(f"{DEVICES}/{made['id']}").json()
    assert (shown["status"], shown["enrolment"]) == ("active", None)
    again = enrol(enrolment["code"])
    assert (again.status_code, again.json()["code"]) == (410, "enrolment_over")


def test_code_is_kept_as_a_hash_and_for_an_hour(hall: Hall) -> None:
    made = make(hall)
    code = made["enrolment"]["code"]
    device = Device.objects.of(hall.id).get(id=made["id"])
    assert code.encode() not in bytes(device.enrolment_hash or b"")

    with pytest.raises(EnrolmentOver):
        enrol_device(code, now=utc_now() + ENROLMENT_PERIOD + timedelta(seconds=1))
    with pytest.raises(EnrolmentOver):
        enrol_device(code[:-1], now=utc_now())
    assert enrol_device(code, now=utc_now())


def test_new_code_ends_the_old_one_and_then_the_old_key(hall: Hall) -> None:
    made = make(hall)
    old_key = enrol(made["enrolment"]["code"]).json()["api_key"]
    first = hall.api.post(f"{DEVICES}/{made['id']}/enrolment").json()["enrolment"]["code"]
    second = hall.api.post(f"{DEVICES}/{made['id']}/enrolment").json()["enrolment"]["code"]

    assert enrol(first).status_code == 410
    assert ApiClient(old_key).get(LISTS).status_code == 200
    new_key = enrol(second).json()["api_key"]
    assert ApiClient(old_key).get(LISTS).status_code == 401
    assert ApiClient(new_key).get(LISTS).status_code == 200


def test_former_key_that_is_still_remembered_opens_no_list(hall: Hall) -> None:
    made = make(hall, checkin_lists=[str(hall.entrance.id)])
    other = hall.make_list(name="Backstage")
    _, secret = enrol_device(made["enrolment"]["code"], now=utc_now())
    remembered = authenticate_api_key(secret, now=utc_now())
    assert not door_of(remembered).sees(other.id)

    _, enrolment = renew_enrolment(CommandContext.system(hall.id, now=utc_now()), UUID(made["id"]))
    enrol_device(enrolment.code, now=utc_now())

    with pytest.raises(KeyInvalid):
        door_of(remembered)


@pytest.mark.django_db(transaction=True)
def test_lists_that_are_given_twice_at_once_are_given_once(hall: Hall) -> None:
    device_id, lists = UUID(make(hall)["id"]), [hall.entrance.id]

    all_at_once(
        [partial(change_device, CommandContext.system(hall.id, now=utc_now()), device_id, list_ids=lists)] * 4
    )

    assert lists_by_device(hall.id, [device_id]) == {device_id: lists}


def test_revoked_device_is_over(hall: Hall) -> None:
    made = make(hall)
    key = enrol(made["enrolment"]["code"]).json()["api_key"]
    hall.api.post(f"{DEVICES}/{made['id']}/enrolment")

    revoked = hall.api.post(f"{DEVICES}/{made['id']}/revoke").json()

    assert revoked["status"] == "revoked"
    assert ApiClient(key).get(LISTS).status_code == 401
    again = hall.api.post(f"{DEVICES}/{made['id']}/enrolment")
    assert (again.status_code, again.json()["code"]) == (409, "device_revoked")


def test_device_sees_its_own_lists_and_may_do_nothing_else(hall: Hall) -> None:
    mine, other = hall.entrance, hall.make_list(name="Balcony")
    api = hall.make_guard(mine).api

    assert [one["id"] for one in api.get(LISTS).json()["items"]] == [str(mine.id)]
    for path in ("", "/offline", "/tickets", "/search?q=ada", "/counts"):
        assert api.get(f"{LISTS}/{mine.id}{path}").status_code == 200, path
        assert api.get(f"{LISTS}/{other.id}{path}").status_code == 404, path
    for path in ("orders", "events", "tickets", "checkins", "checkin-devices", "members", "api-keys"):
        assert api.get(f"/api/v1/{path}").status_code == 403, path
    assert api.post(LISTS, {"event": str(hall.event.id), "name": "Mine"}).status_code == 403


def test_lists_of_a_device_change(hall: Hall) -> None:
    made = make(hall)
    api = ApiClient(enrol(made["enrolment"]["code"]).json()["api_key"])
    other = hall.make_list(name="Balcony")
    assert api.get(f"{LISTS}/{hall.entrance.id}").status_code == 200

    changed = hall.api.patch(f"{DEVICES}/{made['id']}", {"checkin_lists": [str(other.id)], "gate": "South"})

    assert (changed.json()["checkin_lists"], changed.json()["gate"]) == ([str(other.id)], "South")
    assert api.get(f"{LISTS}/{hall.entrance.id}").status_code == 404
    hall.api.delete(f"{LISTS}/{other.id}")
    assert api.get(LISTS).json()["items"] == []


def test_list_through_its_life(hall: Hall) -> None:
    body = {"event": str(hall.event.id), "name": "Door", "gates": ["A", "B"], "entry_rule": "after_exit"}
    made = hall.api.post(LISTS, {**body, "exits": True, "ticket_types": [str(hall.free.id)]}).json()
    assert (made["area"], made["gates"], made["exits"]) == ("entrance", ["A", "B"], True)
    assert made["event"]["title"] == hall.event.title
    url = f"{LISTS}/{made['id']}"

    assert hall.api.patch(url, {"ticket_types": [], "area": "hall"}).json()["area"] == "hall"
    hall.scan(hall.ticket(), list_id=UUID(made["id"]))
    refused = hall.api.patch(url, {"area": "bar", "name": "Bar"})
    assert (refused.status_code, refused.json()["code"]) == (409, "list_in_use")
    assert hall.api.get(url).json()["name"] == "Door"
    late = {"doors_open_at": "2027-01-01T18:00:00Z", "doors_close_at": "2027-01-01T17:00:00Z"}
    assert hall.api.patch(url, late).status_code == 422
    assert hall.api.delete(url).status_code == 204
    assert hall.api.get(url).status_code == 404
    assert hall.api.post("/api/v1/checkins", scan_body(made["id"])).status_code == 404


def scan_body(list_id: str) -> dict[str, str]:
    return {"id": str(uuid4()), "list": list_id, "ticket": "NOTHING"}


def test_each_change_of_a_device_stands_in_the_log(hall: Hall) -> None:
    made = make(hall, checkin_lists=[str(hall.entrance.id)])
    one = f"{DEVICES}/{made['id']}"
    enrol(made["enrolment"]["code"])
    hall.api.patch(one, {"gate": "South", "checkin_lists": []})
    hall.api.post(f"{one}/enrolment")
    hall.api.post(f"{one}/revoke")
    hall.api.post(f"{one}/revoke")

    entries = list(LogEntry.objects.of(hall.id).filter(subject_id=made["id"]).order_by("id"))
    assert [entry.action.partition(".")[2] for entry in entries] == [
        "created",
        "enrolled",
        "changed",
        "renewed",
        "revoked",
    ]
    assert entries[0].changes["checkin_lists"] == [None, [str(hall.entrance.id)]]
    assert (entries[1].actor_kind, entries[1].actor_id) == ("device", UUID(made["id"]))
    assert entries[2].actor_kind == "api_key"
    assert entries[2].changes == {
        "gate": [made["gate"], "South"],
        "checkin_lists": [[str(hall.entrance.id)], []],
    }
    assert made["enrolment"]["code"] not in str([entry.changes for entry in entries])


def test_only_the_version_of_a_device_and_a_list_that_was_read_is_changed(hall: Hall) -> None:
    for one in (f"{DEVICES}/{make(hall)['id']}", f"{LISTS}/{hall.entrance.id}"):
        first = hall.api.get(one)["ETag"]
        changed = hall.api.call("PATCH", one, {"name": "North"}, HTTP_IF_MATCH=first)
        late = hall.api.call("PATCH", one, {"name": "South"}, HTTP_IF_MATCH=first)

        assert (changed.status_code, changed["ETag"]) == (200, hall.api.get(one)["ETag"])
        assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
        assert hall.api.get(one).json()["name"] == "North"


def test_each_change_of_a_list_stands_in_the_log(hall: Hall) -> None:
    one = f"{LISTS}/{hall.entrance.id}"
    hall.api.patch(one, {"gates": ["North"], "ticket_types": [str(hall.free.id)]})
    hall.api.delete(one)

    entries = LogEntry.objects.of(hall.id).filter(subject_id=hall.entrance.id)
    created, changed, deleted = entries.order_by("id")
    assert (created.action, created.changes["name"]) == ("checkin_list.created", [None, "Main entrance"])
    assert changed.action == "checkin_list.changed"
    assert changed.changes == {"gates": [[], ["North"]], "ticket_types": [[], [str(hall.free.id)]]}
    assert (deleted.action, deleted.changes["name"]) == ("checkin_list.deleted", ["Main entrance", None])


def test_a_member_limited_to_other_events_knows_of_no_list(hall: Hall) -> None:
    rights = frozenset({Permission.CHECKIN_WRITE})
    limited = Actor.member(hall.id, uuid4(), rights, event_ids=frozenset({uuid4()}))
    context = CommandContext(limited, utc_now())

    with pytest.raises(NotFound):
        create_list(context, hall.event.id, fields={"name": "Back door"})
    with pytest.raises(NotFound):
        change_list(context, hall.entrance.id, changes={"name": "Back door"})
    with pytest.raises(NotFound):
        delete_list(context, hall.entrance.id)

    own = Actor.member(hall.id, uuid4(), rights, event_ids=frozenset({hall.event.id}))
    changed = change_list(CommandContext(own, utc_now()), hall.entrance.id, changes={"name": "Back door"})
    assert changed.name == "Back door"


def test_a_device_is_made_only_by_those_who_may_scan(hall: Hall) -> None:
    writer = Actor.member(hall.id, uuid4(), frozenset({Permission.CHECKIN_WRITE}))

    with pytest.raises(PermissionMissing):
        create_device(CommandContext(writer, utc_now()), name="Phone")

    assert not Device.objects.of(hall.id).exists()
