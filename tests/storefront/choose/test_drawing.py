"""Where seats stand on a plan, and that they stand in the order of the letters that say how they are."""

from __future__ import annotations

import gzip
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import uuid4

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kassa.core.clock import utc_now
from kassa.sales.availability import availability_of
from kassa.seating.domain.drawn import coach_plan, hall_plan
from kassa.seating.domain.plan import check_plan, expand
from kassa.seating.domain.seat_event import add_seats
from kassa.seating.models import EventSeat
from kassa.storefront.choose.drawing import PITCH, draw
from kassa.storefront.choose.seat_plan import PlanSeat, make_plan, seat_plan_of
from tests.support.factories import make_event, make_organization

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "count": st.integers(1, 12),
            "first": st.integers(0, 30),
            "category": st.sampled_from(["a", "b"]),
            "aisle": st.integers(0, 12),
        }
    ),
    min_size=1,
    max_size=6,
)
PLANS = st.lists(ROWS, min_size=1, max_size=5)


def plan_from(sections: list[list[dict[str, Any]]]) -> dict[str, Any]:
    return {
        "sections": [
            {
                "name": f"Section {nth}",
                "rows": [
                    {
                        "name": str(at),
                        "count": row["count"],
                        "first": row["first"],
                        "category": row["category"],
                        "aisles": [row["first"] + min(row["aisle"], row["count"] - 1)],
                    }
                    for at, row in enumerate(rows)
                ],
            }
            for nth, rows in enumerate(sections)
        ]
    }


def seats_from(document: dict[str, Any]) -> list[PlanSeat]:
    specs = sorted(expand(check_plan(document)), key=lambda spec: spec.rank)
    return [
        PlanSeat(
            uuid4(),
            spec.section,
            spec.row,
            spec.number,
            spec.category,
            spec.rank,
            spec.block,
            spec.place,
            spec.x,
            spec.y,
        )
        for spec in specs
    ]


def document_of(seats: list[PlanSeat], kind: str = "event") -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(gzip.decompress(make_plan(seats, kind=kind).body))
    return found


@given(PLANS)
@settings(max_examples=60, deadline=None)
def test_each_seat_has_a_place_of_its_own_inside_the_plan(sections: list[list[dict[str, Any]]]) -> None:
    seats = seats_from(plan_from(sections))

    drawing = draw(seats)

    assert len(set(drawing.places)) == len(seats)
    assert all(0 < x < drawing.width and 0 < y < drawing.height for x, y in drawing.places)
    by_block = sorted(range(len(seats)), key=lambda nth: (seats[nth].block, seats[nth].place))
    for one, other in pairwise(by_block):
        (x, y), (beside, same) = drawing.places[one], drawing.places[other]
        if seats[one].block == seats[other].block:
            assert abs(beside - x - PITCH) <= 1
            assert same == y
        elif (seats[one].section, seats[one].row) == (seats[other].section, seats[other].row):
            assert beside - x > 1.5 * PITCH


@given(PLANS)
@settings(max_examples=60, deadline=None)
def test_the_document_names_each_seat_as_it_is(sections: list[list[dict[str, Any]]]) -> None:
    seats = seats_from(plan_from(sections))

    found = document_of(seats)

    named = []
    for row, number, category in zip(found["row"], found["number"], found["category"], strict=True):
        section, name = found["rows"][row]
        named.append((found["sections"][section][0], name, str(number), found["categories"][category]))
    assert named == [(seat.section, seat.row, seat.number, seat.category) for seat in seats]
    assert "rank" not in found


@pytest.mark.django_db(transaction=True)
@given(PLANS, st.data())
@settings(max_examples=8, deadline=None)
def test_the_letters_of_the_availability_are_those_of_the_seats(
    sections: list[list[dict[str, Any]]], data: st.DataObject
) -> None:
    event = make_event(make_organization())
    add_seats(event, expand(check_plan(plan_from(sections))))
    seats = EventSeat.objects.of(event.organization_id).filter(event=event)
    ids = sorted(seats.values_list("id", flat=True))
    sold = set(data.draw(st.lists(st.sampled_from(ids), unique=True)))
    seats.filter(id__in=sold).update(status="sold")

    plan = seat_plan_of(event.organization_id, event.id, kind=event.kind)
    found = orjson.loads(availability_of(event.organization_id, event.id, seats=True, now=utc_now()).body)

    assert {seat.id for seat, letter in zip(plan.seats, found["seats"], strict=True) if letter == "s"} == sold


def test_a_coach_is_drawn_from_its_own_places() -> None:
    found = document_of(seats_from(dict(coach_plan(3))), kind="trip")

    assert found["kind"] == "coach"
    first = [nth for nth, row in enumerate(found["row"]) if row == 0]
    across = sorted(found["x"][nth] for nth in first)
    assert [place - across[0] for place in across] == [0, PITCH, 3 * PITCH, 4 * PITCH]


def test_only_a_trip_in_a_narrow_vehicle_is_drawn_as_a_coach() -> None:
    assert document_of(seats_from(dict(coach_plan(3))), kind="event")["kind"] == "hall"
    assert document_of(seats_from(dict(hall_plan())), kind="trip")["kind"] == "hall"


def test_places_on_top_of_each_other_are_not_taken() -> None:
    seats = seats_from(dict(coach_plan(3)))
    stacked = [replace(seat, x=Decimal(1), y=Decimal(1)) for seat in seats]

    assert len(set(draw(stacked).places)) == len(seats)


def test_places_are_scaled_to_the_distance_of_neighbours() -> None:
    seats = seats_from(dict(coach_plan(2)))
    in_pixels = [
        replace(seat, x=(seat.x or Decimal(0)) * 37 - 500, y=(seat.y or Decimal(0)) * 37 + 900)
        for seat in seats
    ]

    assert draw(in_pixels).places == draw(seats).places


def test_many_sections_stand_beside_each_other() -> None:
    section = {"rows": [{"name": str(row), "count": 40, "category": "a", "first": 1} for row in range(25)]}
    seats = seats_from({"sections": [{"name": f"Block {nth}", **section} for nth in range(20)]})

    plan = make_plan(seats, kind="event")
    drawing = draw(seats)

    assert len(seats) == 20_000
    assert 0.8 < drawing.width / drawing.height < 2
    assert len(plan.body) < 20_000


def test_an_event_without_seats_has_an_empty_plan() -> None:
    assert document_of([]) == {
        "kind": "hall",
        "size": [0, 0],
        "pitch": PITCH,
        "categories": [],
        "sections": [],
        "rows": [],
        "row": [],
        "number": [],
        "category": [],
        "x": [],
        "y": [],
    }
