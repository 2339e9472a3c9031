from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from kassa.catalog.models import Event
from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.database import statements
from kassa.core.errors import NotFound, PermissionMissing
from kassa.core.models import LogEntry
from kassa.core.permissions import Permission
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

    blocked = block_seats(CommandContext.system(organization_id, now=utc_now()), event.id, seat_ids=ids[:2])
    again = block_seats(CommandContext.system(organization_id, now=utc_now()), event.id, seat_ids=ids[:3])

    assert [(seat.id, seat.status) for seat in blocked] == [(ids[0], "blocked"), (ids[1], "blocked")]
    assert [seat.status for seat in again] == ["blocked"] * 3
    assert statuses(event) == ["blocked"] * 3 + ["available"] * 5

    unblock_seats(CommandContext.system(organization_id, now=utc_now()), event.id, seat_ids=ids)

    assert statuses(event) == ["available"] * 8


def test_the_log_names_the_seats_that_were_blocked_and_unblocked(
    organization_id: UUID, seated: Callable[..., Event]
) -> None:
    event = seated()
    ids = ids_of(event)
    context = CommandContext.system(organization_id, now=utc_now())

    block_seats(context, event.id, seat_ids=ids[:2])
    block_seats(context, event.id, seat_ids=ids[:1])
    block_seats(context, event.id, seat_ids=ids[1:3])
    unblock_seats(context, event.id, seat_ids=ids)

    entries = LogEntry.objects.of(organization_id).filter(subject_id=event.id, action__startswith="seats.")
    row = "Coach, row 1, seat "
    assert [(entry.action, entry.changes["seats"][1]) for entry in entries.order_by("id")] == [
        ("seats.blocked", [f"{row}B", f"{row}C"]),
        ("seats.blocked", [f"{row}A"]),
        ("seats.unblocked", [f"{row}B", f"{row}C", f"{row}A"]),
    ]


def test_block_is_for_members_who_may_change_the_event(
    organization_id: UUID, seated: Callable[..., Event]
) -> None:
    event = seated()
    ids, rights = ids_of(event), frozenset({Permission.OFFER_WRITE})
    reader = Actor.member(organization_id, uuid4(), frozenset({Permission.OFFER_READ}))
    limited = Actor.member(organization_id, uuid4(), rights, event_ids=frozenset({uuid4()}))

    with pytest.raises(PermissionMissing):
        block_seats(CommandContext(reader, utc_now()), event.id, seat_ids=ids)
    with pytest.raises(NotFound):
        block_seats(CommandContext(limited, utc_now()), event.id, seat_ids=ids)
    assert statuses(event) == ["available"] * 8

    own = Actor.member(organization_id, uuid4(), rights, event_ids=frozenset({event.id}))
    block_seats(CommandContext(own, utc_now()), event.id, seat_ids=ids)
    assert statuses(event) == ["blocked"] * 8


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
        change(CommandContext.system(organization_id, now=utc_now()), event.id, seat_ids=ids)

    assert refused.value.details["seats"] == [str(seat_id) for seat_id in ids[:2]]
    assert refused.value.detail == "Coach, row 1, seat B; Coach, row 1, seat C are taken. Choose others."
    assert statuses(event) == before


def test_block_refuses_seats_of_another_event_and_changes_nothing(
    organization_id: UUID, seated: Callable[..., Event]
) -> None:
    event, other = seated(), seated()
    strangers = [ids_of(other)[0], uuid4()]

    with pytest.raises(SeatUnknown) as refused:
        block_seats(
            CommandContext.system(organization_id, now=utc_now()),
            event.id,
            seat_ids=[*ids_of(event), *strangers],
        )

    assert refused.value.details["seats"] == sorted(str(stranger) for stranger in strangers)
    assert statuses(event) == statuses(other) == ["available"] * 8


def test_block_does_not_see_another_organisations_event(seated: Callable[..., Event]) -> None:
    event = seated()

    with pytest.raises(NotFound):
        block_seats(
            CommandContext.system(found_organization().id, now=utc_now()), event.id, seat_ids=ids_of(event)
        )

    assert statuses(event) == ["available"] * 8


def test_seat_taken_names_ten_seats_at_most() -> None:
    error = SeatTaken({uuid4(): f"seat {n}" for n in range(12)})

    assert error.detail.endswith("seat 9 and 2 more are taken. Choose others.")
    assert len(error.details["seats"]) == 12
