from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from kassa.catalog.models import Event
from kassa.catalog.queries import event_of, view_events
from kassa.core.errors import InvalidInput
from kassa.inventory.enums import QuotaKind
from kassa.inventory.models import Quota
from kassa.seating.domain.drawn import coach_plan, hall_plan
from kassa.seating.domain.plan import check_plan, expand
from kassa.seating.domain.seat_event import add_seats
from kassa.seating.errors import AlreadySeated
from kassa.seating.models import EventSeat
from kassa.seating.queries import event_seats_of
from tests.seating.factories import ticket_type

HALL_TYPES = [
    ticket_type("Premium", "premium"),
    ticket_type("Stalls", "stalls"),
    ticket_type("Stalls, reduced", "stalls", quantity=20),
    ticket_type("Balcony", "balcony"),
]


def test_seated_event_has_the_seats_of_its_plan(organization_id: UUID, seated: Callable[..., Event]) -> None:
    event = seated(plan=coach_plan())

    seats = event_seats_of(organization_id, event.id)

    specs = sorted(expand(check_plan(coach_plan())), key=lambda spec: spec.rank)
    assert [
        (seat.section, seat.row, seat.number, seat.category, seat.block, seat.place, seat.rank)
        for seat in seats
    ] == [
        (spec.section, spec.row, spec.number, spec.category, spec.block, spec.place, spec.rank)
        for spec in specs
    ]
    assert [(seat.x, seat.y) for seat in seats] == [(spec.x, spec.y) for spec in specs]
    assert {(seat.status, seat.cart_id) for seat in seats} == {("available", None)}


def test_seated_event_counts_each_category_in_a_shared_quota(
    organization_id: UUID, seated: Callable[..., Event]
) -> None:
    event = seated(plan=hall_plan(), ticket_types=HALL_TYPES)

    view = view_events(organization_id, [event_of(organization_id, event.id)])[0]

    shared = {one.ticket_type.name: [(q.name, q.capacity) for q in one.shared] for one in view.ticket_types}
    assert shared == {
        "Premium": [("Seats: premium", 72)],
        "Stalls": [("Seats: stalls", 216)],
        "Stalls, reduced": [("Seats: stalls", 216)],
        "Balcony": [("Seats: balcony", 120)],
    }
    assert view.capacity == 408
    assert Quota.objects.of(organization_id).filter(kind=QuotaKind.SHARED).count() == 3


@pytest.mark.parametrize(
    ("standing", "given", "capacity"),
    [([], None, 8), ([], 5, 5), ([10], None, 18), ([10, None], None, None), ([None], 9, 9)],
)
def test_seated_event_has_as_many_places_as_seats_and_standing_tickets(
    organization_id: UUID,
    seated: Callable[..., Event],
    standing: list[int | None],
    given: int | None,
    capacity: int | None,
) -> None:
    types = [ticket_type(f"Standing {n}", None, quantity=count) for n, count in enumerate(standing)]

    event = seated(ticket_types=[ticket_type("Seat", "standard"), *types], capacity=given)

    assert view_events(organization_id, [event])[0].capacity == capacity


@pytest.mark.parametrize(
    ("types", "field"),
    [
        ([], "ticket_types"),
        ([ticket_type("Standing", None)], "ticket_types"),
        ([ticket_type("Seat", "standard"), ticket_type("Box", "box")], "ticket_types.1.seat_category"),
    ],
)
def test_seated_event_is_refused_where_categories_and_ticket_types_do_not_meet(
    organization_id: UUID, seated: Callable[..., Event], types: list[dict[str, Any]], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        seated(ticket_types=types)

    assert refused.value.details["errors"][0]["field"] == field
    _nothing_written(organization_id)


def test_seated_event_leaves_nothing_behind_when_its_event_is_refused(
    organization_id: UUID, seated: Callable[..., Event]
) -> None:
    with pytest.raises(InvalidInput):
        seated(ticket_types=[{"name": "Seat", "price": Decimal(-1), "seat_category": "standard"}])

    _nothing_written(organization_id)


def test_add_seats_refuses_an_event_that_has_seats(
    organization_id: UUID, seated: Callable[..., Event]
) -> None:
    event = seated()
    specs = [replace(spec, section="Upper deck") for spec in expand(check_plan(coach_plan(1)))]

    with pytest.raises(AlreadySeated):
        add_seats(event, specs)

    assert event_seats_of(organization_id, event.id).count() == 8


def _nothing_written(organization_id: UUID) -> None:
    assert not Event.objects.of(organization_id).exists()
    assert not EventSeat.objects.of(organization_id).exists()
    assert not Quota.objects.of(organization_id).exists()
