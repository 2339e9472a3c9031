from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from kassa.catalog.models import Event
from kassa.core.database import statements
from kassa.core.errors import NotFound
from kassa.seating.domain.block import block_seats, unblock_seats
from kassa.seating.domain.hold import move_seats
from kassa.seating.enums import SeatStatus
from kassa.seating.errors import SeatTaken, SeatUnknown
from kassa.seating.queries import event_seats_of
from tests.seating.factories import found_organization


def statuses(event: Event) -> list[str]:
    return list(event_seats_of(event.organization_id, event.id).values_list("status", flat=True))


def ids_of(event: Event) -> list[UUID]:
    return list(event_seats_of(event.organization_id, event.id).values_list("id", flat=True))


def test_block_and_unblock_move_seats_there_and_back(
    organization_id: UUID, seated: Callable[..., Event]
) -> None:
    event = seated()
    ids = ids_of(event)

    blocked = block_seats(organization_id, event_id=event.id, seat_ids=ids[:2])
    again = block_seats(organization_id, event_id=event.id, seat_ids=ids[:3])

    assert [(seat.id, seat.status) for seat in blocked] == [(ids[0], "blocked"), (ids[1], "blocked")]
    assert [seat.status for seat in again] == ["blocked"] * 3
    assert statuses(event) == ["blocked"] * 3 + ["available"] * 5

    unblock_seats(organization_id, event_id=event.id, seat_ids=ids)

    assert statuses(event) == ["available"] * 8


@pytest.mark.parametrize("status", [SeatStatus.HELD, SeatStatus.SOLD])
@pytest.mark.parametrize("change", [block_seats, unblock_seats])
def test_block_refuses_taken_seats_by_name_and_changes_nothing(
    organization_id: UUID, seated: Callable[..., Event], status: SeatStatus, change: Callable[..., object]
) -> None:
    event = seated()
    ids = ids_of(event)
    move_seats(
        statements(), organization_id, seat_ids=ids[:2], from_status=[SeatStatus.AVAILABLE], to_status=status
    )
    before = statuses(event)

    with pytest.raises(SeatTaken) as refused:
        change(organization_id, event_id=event.id, seat_ids=ids)

    assert refused.value.details["seats"] == [str(seat_id) for seat_id in ids[:2]]
    assert refused.value.detail == "Coach, row 1, seat B; Coach, row 1, seat C are taken. Choose others."
    assert statuses(event) == before


def test_block_refuses_seats_of_another_event_and_changes_nothing(
    organization_id: UUID, seated: Callable[..., Event]
) -> None:
    event, other = seated(), seated()
    strangers = [ids_of(other)[0], uuid4()]

    with pytest.raises(SeatUnknown) as refused:
        block_seats(organization_id, event_id=event.id, seat_ids=[*ids_of(event), *strangers])

    assert refused.value.details["seats"] == sorted(str(stranger) for stranger in strangers)
    assert statuses(event) == statuses(other) == ["available"] * 8


def test_block_does_not_see_another_organisations_event(seated: Callable[..., Event]) -> None:
    event = seated()

    with pytest.raises(NotFound):
        block_seats(found_organization().id, event_id=event.id, seat_ids=ids_of(event))

    assert statuses(event) == ["available"] * 8


def test_seat_taken_names_ten_seats_at_most() -> None:
    error = SeatTaken({uuid4(): f"seat {n}" for n in range(12)})

    assert error.detail.endswith("seat 9 and 2 more are taken. Choose others.")
    assert len(error.details["seats"]) == 12
