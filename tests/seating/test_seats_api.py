from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from django.http import HttpResponse
from pytest_django.fixtures import DjangoAssertNumQueries

from kassa.api.routes.seat_layouts import EXAMPLE_PLAN
from kassa.catalog.models import Event
from kassa.core.database import statements
from kassa.core.models import LogEntry
from kassa.core.permissions import Permission
from kassa.seating.domain.drawn import coach_plan, hall_plan
from kassa.seating.domain.hold import move_seats
from kassa.seating.enums import SeatStatus
from kassa.seating.queries import event_seats_of, seat_layouts_of
from tests.seating.factories import Api, api_for, found_organization, ticket_type

HALL_TYPES = [ticket_type(name, name) for name in ("premium", "stalls", "balcony")]


def answer(response: HttpResponse, status: int = 200) -> Any:
    assert response.status_code == status, response.content
    return orjson.loads(response.content) if response.content else None


@pytest.mark.parametrize("plan", [EXAMPLE_PLAN, coach_plan(2), hall_plan()])
def test_layout_comes_back_as_it_was_written(api: Api, plan: Any) -> None:
    made = answer(api.call("POST", "/seat-layouts", {"name": " Great Hall ", "plan": plan}), 201)

    read = answer(api.call("GET", f"/seat-layouts/{made['id']}"))

    assert read == made
    assert (read["name"], read["kind"]) == ("Great Hall", "hall")
    assert read["plan"] == plan


def test_layout_accepts_numbers_as_names_and_drops_nulls(api: Api) -> None:
    rows = [{"name": 1, "count": None, "seats": [{"number": 7, "category": "c", "aisle_after": False}]}]

    made = answer(
        api.call("POST", "/seat-layouts", {"name": "Bus", "plan": {"sections": [{"name": 2, "rows": rows}]}}),
        201,
    )

    assert made["plan"] == {
        "sections": [{"name": "2", "rows": [{"name": "1", "seats": [{"number": "7", "category": "c"}]}]}]
    }


def test_layout_changes_only_what_is_given(api: Api) -> None:
    made = answer(
        api.call("POST", "/seat-layouts", {"name": "Coach", "kind": "coach", "plan": coach_plan()}), 201
    )

    renamed = answer(api.call("PATCH", f"/seat-layouts/{made['id']}", {"name": "Small coach"}))
    redrawn = answer(api.call("PATCH", f"/seat-layouts/{made['id']}", {"plan": coach_plan(4)}))

    assert (renamed["name"], renamed["seat_count"], renamed["plan"]) == ("Small coach", 48, coach_plan())
    assert (redrawn["name"], redrawn["seat_count"], redrawn["plan"]) == ("Small coach", 16, coach_plan(4))
    assert redrawn["updated_at"] > made["updated_at"]


def test_layout_changes_the_version_that_was_read_and_stands_in_the_log(
    api: Api, organization_id: UUID
) -> None:
    made = api.call("POST", "/seat-layouts", {"name": "Coach", "plan": coach_plan()})
    path = f"/seat-layouts/{answer(made, 201)['id']}"
    first = made["ETag"]
    assert api.call("GET", path)["ETag"] == first

    changed = api.call("PATCH", path, {"plan": coach_plan(4)}, If_Match=first)
    late = api.call("PATCH", path, {"name": "Bus"}, If_Match=first)
    assert changed["ETag"] == api.call("GET", path)["ETag"] != first
    assert answer(late, 412)["code"] == "changed_meanwhile"
    assert answer(api.call("GET", path))["name"] == "Coach"
    api.call("DELETE", path)

    entries = LogEntry.objects.of(organization_id).filter(action__startswith="seat_layout.")
    created, redrawn, deleted = entries.order_by("id")
    assert (created.action, created.changes["plan"]) == ("seat_layout.created", [None, "…"])
    assert (redrawn.action, redrawn.changes["plan"]) == ("seat_layout.changed", ["…", "…"])
    assert set(redrawn.changes) == {"plan", "seat_count"}
    assert (deleted.action, deleted.changes["name"]) == ("seat_layout.deleted", ["Coach", None])


def test_layouts_are_listed_newest_first_without_their_plans(
    api: Api, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    api.call("POST", "/seat-layouts", {"name": "One", "plan": coach_plan(1)})
    with django_assert_num_queries(1):
        assert len(answer(api.call("GET", "/seat-layouts"))["items"]) == 1
    api.call("POST", "/seat-layouts", {"name": "Two", "plan": coach_plan(2)})
    api.call("POST", "/seat-layouts", {"name": "Three", "plan": coach_plan(3)})

    with django_assert_num_queries(1):
        first = answer(api.call("GET", "/seat-layouts?limit=2"))
    last = answer(api.call("GET", f"/seat-layouts?limit=2&after={first['next']}"))

    assert [(item["name"], item["seat_count"]) for item in first["items"]] == [("Three", 12), ("Two", 8)]
    assert [item["name"] for item in last["items"]] == ["One"]
    assert last["next"] is None
    assert "plan" not in first["items"][0]


def test_deleted_layout_is_not_seen_any_more(api: Api, organization_id: UUID) -> None:
    made = answer(api.call("POST", "/seat-layouts", {"name": "Old", "plan": coach_plan()}), 201)

    assert api.call("DELETE", f"/seat-layouts/{made['id']}").status_code == 204

    assert answer(api.call("GET", "/seat-layouts"))["items"] == []
    for method, body in [("GET", None), ("PATCH", {"name": "New"}), ("DELETE", None)]:
        assert answer(api.call(method, f"/seat-layouts/{made['id']}", body), 404)["code"] == "not_found"
    assert not seat_layouts_of(organization_id).exists()


def test_layout_of_another_organisation_is_not_seen(api: Api) -> None:
    other = api_for(found_organization().id, [Permission.OFFER_READ, Permission.OFFER_WRITE])
    made = answer(other.call("POST", "/seat-layouts", {"name": "Theirs", "plan": coach_plan()}), 201)

    for method, body in [("GET", None), ("PATCH", {"name": "Mine"}), ("DELETE", None)]:
        assert answer(api.call(method, f"/seat-layouts/{made['id']}", body), 404)["code"] == "not_found"

    assert answer(other.call("GET", f"/seat-layouts/{made['id']}")) == made


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        ({"sections": []}, "plan.sections"),
        (
            {
                "sections": [
                    {"name": "S", "rows": [{"name": "A", "count": 2, "category": "c", "aisles": [3]}]}
                ]
            },
            "plan.sections.0.rows.0.aisles.0",
        ),
        (
            {"sections": [{"name": "S", "rows": [{"name": "A", "count": 2, "category": "c", "aisle": [1]}]}]},
            "plan.sections.0.rows.0.aisle",
        ),
        (
            {"sections": [{"name": "S", "rows": [{"name": "A", "count": 2, "category": "a\x00b"}]}]},
            "plan.sections.0.rows.0.category",
        ),
    ],
)
def test_layout_is_refused_with_the_field(api: Api, plan: Any, field: str) -> None:
    problem = answer(api.call("POST", "/seat-layouts", {"name": "Wrong", "plan": plan}), 422)

    assert [error["field"] for error in problem["errors"]] == [field]
    assert answer(api.call("GET", "/seat-layouts"))["items"] == []


def test_seats_come_in_pages_best_first(
    api: Api, seated: Callable[..., Event], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    event = seated(plan=hall_plan(), ticket_types=HALL_TYPES)
    found: list[dict[str, Any]] = []
    after = ""
    answer(api.call("GET", "/seat-layouts"))  # The key is known from here on.
    while True:
        with django_assert_num_queries(3):
            page = answer(api.call("GET", f"/events/{event.id}/seats?limit=150{after}"))
        found += page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"

    assert [seat["rank"] for seat in found] == list(range(408))
    best = found[0]
    assert (best["label"], best["category"], best["status"]) == (
        "Stalls, row A, seat 12",
        "premium",
        "available",
    )
    assert (best["x"], best["block"], best["place"]) == (None, 1, 3)


def test_seats_are_filtered(api: Api, organization_id: UUID, seated: Callable[..., Event]) -> None:
    event = seated(plan=hall_plan(), ticket_types=HALL_TYPES)
    sold = event_seats_of(organization_id, event.id)[5].id
    move_seats(
        statements(),
        organization_id,
        seat_ids=[sold],
        from_status=[SeatStatus.AVAILABLE],
        to_status=SeatStatus.SOLD,
    )

    def count(query: str) -> int:
        return len(answer(api.call("GET", f"/events/{event.id}/seats?limit=1000&{query}"))["items"])

    assert count("status=sold") == 1
    assert count("status=available") == 407
    assert count("section=Balcony") == 120
    assert count("category=premium") == 72
    assert count("category=premium&section=Stalls&status=available") == 71
    assert count("section=Nowhere") == 0


def test_seats_are_blocked_and_let_go_over_http(api: Api, seated: Callable[..., Event]) -> None:
    event = seated()
    seats = answer(api.call("GET", f"/events/{event.id}/seats"))["items"]
    wanted = {"seats": [seats[0]["id"], seats[1]["id"]]}

    blocked = answer(api.call("POST", f"/events/{event.id}/seats/block", wanted))
    free = answer(api.call("POST", f"/events/{event.id}/seats/unblock", wanted))

    assert blocked["items"] == [{**seat, "status": "blocked"} for seat in seats[:2]]
    assert free["items"] == seats[:2]


def test_blocking_a_sold_seat_is_a_conflict_that_names_it(
    api: Api, organization_id: UUID, seated: Callable[..., Event]
) -> None:
    event = seated()
    seat = answer(api.call("GET", f"/events/{event.id}/seats"))["items"][0]
    move_seats(
        statements(),
        organization_id,
        seat_ids=[UUID(seat["id"])],
        from_status=[SeatStatus.AVAILABLE],
        to_status=SeatStatus.SOLD,
    )

    taken = answer(api.call("POST", f"/events/{event.id}/seats/block", {"seats": [seat["id"]]}), 409)
    unknown = answer(api.call("POST", f"/events/{event.id}/seats/block", {"seats": [str(uuid4())]}), 409)
    nothing = answer(api.call("POST", f"/events/{uuid4()}/seats/block", {"seats": [seat["id"]]}), 404)

    assert (taken["code"], taken["seats"]) == ("seat_taken", [seat["id"]])
    assert unknown["code"] == "seat_unknown"
    assert nothing["code"] == "not_found"


def test_seats_need_the_rights_to_the_offer(organization_id: UUID, seated: Callable[..., Event]) -> None:
    event = seated()
    reader = api_for(organization_id, [Permission.OFFER_READ])
    stranger = api_for(organization_id, [Permission.ORDER_READ])

    for path in ("/seat-layouts", f"/events/{event.id}/seats"):
        assert answer(stranger.call("GET", path), 403)["code"] == "permission_missing"
    for path, body in (
        ("/seat-layouts", {"name": "Hall", "plan": hall_plan()}),
        (f"/events/{event.id}/seats/block", {"seats": [str(uuid4())]}),
        (f"/events/{event.id}/seats/unblock", {"seats": [str(uuid4())]}),
    ):
        assert answer(reader.call("POST", path, body), 403)["code"] == "permission_missing"


def test_seats_of_an_unknown_event_are_not_found(api: Api) -> None:
    assert answer(api.call("GET", f"/events/{uuid4()}/seats"), 404)["code"] == "not_found"
