from __future__ import annotations

import json
from itertools import groupby, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassa.core.errors import InvalidInput
from kassa.seating.domain.drawn import coach_plan, hall_plan
from kassa.seating.domain.plan import (
    MAX_COORDINATE,
    PlanDocument,
    SeatSpec,
    check_plan,
    count_seats,
    expand,
    seat_label,
)


def row(name: str, count: int = 4, **more: Any) -> dict[str, Any]:
    return {"name": name, "count": count, "category": "standard", **more}


def seat(number: str, **more: Any) -> dict[str, Any]:
    return {"number": number, "category": "standard", **more}


def plan_of(*rows: dict[str, Any], section: str = "Stalls") -> dict[str, Any]:
    return {"sections": [{"name": section, "rows": list(rows)}]}


@st.composite
def short_rows(draw: st.DrawFn, name: str) -> dict[str, Any]:
    first = draw(st.integers(0, 50))
    length = draw(st.integers(1, 30))
    aisles = draw(st.lists(st.integers(first, first + length - 1), max_size=5))
    return {
        "name": name,
        "count": length,
        "category": draw(st.sampled_from(["a", "b"])),
        "first": first,
        "aisles": aisles,
    }


@st.composite
def long_rows(draw: st.DrawFn, name: str) -> dict[str, Any]:
    numbers = draw(st.lists(st.text("ABC123", min_size=1, max_size=4), min_size=1, max_size=12, unique=True))
    coordinate = st.none() | st.floats(-MAX_COORDINATE, MAX_COORDINATE)
    seats = [
        {
            "number": number,
            "category": draw(st.sampled_from(["a", "b"])),
            "x": draw(coordinate),
            "y": draw(coordinate),
            "aisle_after": draw(st.booleans()),
        }
        for number in numbers
    ]
    return {"name": name, "seats": seats}


@st.composite
def plans(draw: st.DrawFn) -> dict[str, Any]:
    def rows() -> list[dict[str, Any]]:
        names = [str(index) for index in range(draw(st.integers(1, 4)))]
        return [draw(st.one_of(short_rows(name), long_rows(name))) for name in names]

    return {"sections": [{"name": f"S{n}", "rows": rows()} for n in range(draw(st.integers(1, 3)))]}


def lines(specs: list[SeatSpec]) -> list[list[SeatSpec]]:
    return [list(group) for _, group in groupby(specs, key=lambda spec: (spec.section, spec.row))]


@given(plans())
def test_expand_gives_every_seat_once(document: dict[str, Any]) -> None:
    plan = check_plan(document)

    specs = expand(plan)

    assert len(specs) == count_seats(plan)
    assert len({(spec.section, spec.row, spec.number) for spec in specs}) == len(specs)
    assert sorted(spec.rank for spec in specs) == list(range(len(specs)))
    assert len({(spec.block, spec.place) for spec in specs}) == len(specs)


@given(plans())
def test_expand_makes_neighbours_of_seats_without_an_aisle_between(document: dict[str, Any]) -> None:
    plan = check_plan(document)
    aisles: set[tuple[str, str, str]] = set()
    for section in plan["sections"]:
        for line in section["rows"]:
            if "seats" in line:
                numbers = [entry["number"] for entry in line["seats"] if entry.get("aisle_after")]
            else:
                numbers = [str(number) for number in line.get("aisles", [])]
            aisles.update((section["name"], line["name"], number) for number in numbers)

    for line_of_specs in lines(expand(plan)):
        for left, right in pairwise(line_of_specs):
            apart = (left.section, left.row, left.number) in aisles
            together = (left.block, left.place + 1) == (right.block, right.place)
            assert together is not apart
            if apart:
                assert (right.block, right.place) == (left.block + 1, 0)


@given(plans())
def test_expand_ranks_front_rows_first_and_from_the_centre_outwards(document: dict[str, Any]) -> None:
    worst_so_far = -1
    for line in lines(expand(check_plan(document))):
        assert min(spec.rank for spec in line) == worst_so_far + 1
        worst_so_far = max(spec.rank for spec in line)
        centre = (len(line) - 1) / 2
        by_rank = sorted(range(len(line)), key=lambda position: line[position].rank)
        distances = [abs(position - centre) for position in by_rank]
        assert distances == sorted(distances)


@given(plans())
def test_checked_plan_survives_json_and_another_check(document: dict[str, Any]) -> None:
    checked = check_plan(document)

    assert check_plan(json.loads(json.dumps(checked))) == checked


def test_expand_puts_the_middle_of_the_first_row_at_zero() -> None:
    specs = expand(check_plan(plan_of(row("A", 5), row("B", 5))))

    assert [spec.rank for spec in specs] == [3, 1, 0, 2, 4, 8, 6, 5, 7, 9]


def test_check_plan_keeps_short_rows_short_and_strips_text() -> None:
    checked = check_plan(plan_of(row(" A ", 3, aisles=[2, 2, 1]), row("B", 2, first=7)))

    assert checked == plan_of(
        {"name": "A", "count": 3, "category": "standard", "first": 1, "aisles": [1, 2]},
        {"name": "B", "count": 2, "category": "standard", "first": 7},
    )


def test_coach_has_forty_eight_seats_in_rows_of_two_and_two() -> None:
    specs = expand(check_plan(coach_plan()))

    assert len(specs) == 48
    assert [(spec.row, spec.number, spec.block, spec.place) for spec in specs[:6]] == [
        ("1", "A", 0, 0),
        ("1", "B", 0, 1),
        ("1", "C", 1, 0),
        ("1", "D", 1, 1),
        ("2", "A", 2, 0),
        ("2", "B", 2, 1),
    ]
    assert {spec.category for spec in specs} == {"standard"}


def test_hall_has_stalls_and_balcony() -> None:
    specs = expand(check_plan(hall_plan()))

    assert len(specs) == 408
    assert {(spec.section, spec.category) for spec in specs} == {
        ("Stalls", "premium"),
        ("Stalls", "stalls"),
        ("Balcony", "balcony"),
    }


@pytest.mark.parametrize("drawn", [coach_plan(), coach_plan(1, category="night"), hall_plan()])
def test_drawn_plans_are_in_normal_form(drawn: PlanDocument) -> None:
    assert check_plan(drawn) == drawn


def test_seat_label_names_section_row_and_number() -> None:
    assert seat_label("Stalls", "A", "12") == "Stalls, row A, seat 12"


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({}, "plan.sections"),
        ({"sections": []}, "plan.sections"),
        ({"sections": "Stalls"}, "plan.sections"),
        ({"sections": ["Stalls"]}, "plan.sections.0"),
        ({"sections": [{"name": "S", "rows": []}]}, "plan.sections.0.rows"),
        ({"sections": [{"rows": [row("A")]}]}, "plan.sections.0.name"),
        (plan_of(row("A"), section="x" * 61), "plan.sections.0.name"),
        (plan_of(row("A"), section="a\x00b"), "plan.sections.0.name"),
        (plan_of({"name": "A"}), "plan.sections.0.rows.0"),
        (plan_of({**row("A"), "seats": [seat("1")]}), "plan.sections.0.rows.0"),
        (plan_of({"name": "A", "seats": [seat("1")], "aisles": [1]}), "plan.sections.0.rows.0"),
        (plan_of({"name": "A", "seats": []}), "plan.sections.0.rows.0.seats"),
        (plan_of(row("A" * 21)), "plan.sections.0.rows.0.name"),
        (plan_of(row("A", 0)), "plan.sections.0.rows.0.count"),
        (plan_of(row("A", 10**12)), "plan.sections.0.rows.0.count"),
        (plan_of({"name": "A", "count": 3}), "plan.sections.0.rows.0.category"),
        (plan_of(row("A", first=-1)), "plan.sections.0.rows.0.first"),
        (plan_of(row("A", 4, aisles=[2, 5])), "plan.sections.0.rows.0.aisles.1"),
        (plan_of(row("A"), row(" A")), "plan.sections.0.rows.1.name"),
        (plan_of({"name": "A", "seats": [seat("1"), seat("1")]}), "plan.sections.0.rows.0.seats.1.number"),
        (plan_of({"name": "A", "seats": [{"number": "1"}]}), "plan.sections.0.rows.0.seats.0.category"),
        (plan_of({"name": "A", "seats": [seat("1" * 21)]}), "plan.sections.0.rows.0.seats.0.number"),
        (plan_of({"name": "A", "seats": [seat("1", x=1e6)]}), "plan.sections.0.rows.0.seats.0.x"),
        (plan_of({"name": "A", "seats": [seat("1", y=float("nan"))]}), "plan.sections.0.rows.0.seats.0.y"),
        (plan_of({"name": "A", "seats": [seat("1", y="left")]}), "plan.sections.0.rows.0.seats.0.y"),
        (
            {"sections": [{"name": "S", "rows": [row("A")]}, {"name": "S ", "rows": [row("A")]}]},
            "plan.sections.1.name",
        ),
        (
            {
                "sections": [
                    {"name": str(n), "rows": [row(str(r), 1000) for r in range(50)]} for n in range(3)
                ]
            },
            "plan.sections",
        ),
    ],
)
def test_check_plan_refuses_and_says_where(document: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_plan(document)

    assert [error["field"] for error in refused.value.details["errors"]] == [field]


def test_check_plan_lets_the_largest_plan_pass() -> None:
    sections = [{"name": str(n), "rows": [row(str(r), 1000) for r in range(50)]} for n in range(2)]

    assert count_seats(check_plan({"sections": sections})) == 100_000
