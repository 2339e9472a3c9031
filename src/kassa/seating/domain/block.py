"""Staff keep seats from being sold, and let them be sold again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction

from kassa.catalog.queries import event_of
from kassa.core.activity_log import record_activity
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.database import statements
from kassa.core.permissions import Permission
from kassa.seating.domain.hold import move_seats
from kassa.seating.domain.plan import seat_label
from kassa.seating.enums import SeatStatus
from kassa.seating.errors import SeatTaken, SeatUnknown
from kassa.seating.locks import lock_seats
from kassa.seating.models import EventSeat
from kassa.seating.queries import event_seats_of


@command(Permission.OFFER_WRITE)
def block_seats(context: CommandContext, event_id: UUID, *, seat_ids: Iterable[UUID]) -> list[EventSeat]:
    """Keep free seats from being sold; ones that are blocked stay so. All or none.

    Raises:
        NotFound: the organisation has no such event, or the actor is limited to others.
        SeatUnknown: the event has no seat with one of the ids.
        SeatTaken: some are held or sold.
    """
    return _change(
        context,
        event_id,
        seat_ids=seat_ids,
        from_status=SeatStatus.AVAILABLE,
        to_status=SeatStatus.BLOCKED,
    )


@command(Permission.OFFER_WRITE)
def unblock_seats(context: CommandContext, event_id: UUID, *, seat_ids: Iterable[UUID]) -> list[EventSeat]:
    """Let blocked seats be sold again; ones that are free stay so. All or none.

    Raises:
        NotFound: the organisation has no such event, or the actor is limited to others.
        SeatUnknown: the event has no seat with one of the ids.
        SeatTaken: some are held or sold.
    """
    return _change(
        context,
        event_id,
        seat_ids=seat_ids,
        from_status=SeatStatus.BLOCKED,
        to_status=SeatStatus.AVAILABLE,
    )


def _change(
    context: CommandContext,
    event_id: UUID,
    *,
    seat_ids: Iterable[UUID],
    from_status: SeatStatus,
    to_status: SeatStatus,
) -> list[EventSeat]:
    organization_id, wanted = context.organization_id, set(seat_ids)
    context.actor.require_event(event_id)
    event_of(organization_id, event_id)
    with transaction.atomic():
        database = statements()
        rows = lock_seats(database, organization_id, wanted)
        locked = {seat.id: seat for seat in rows if seat.event_id == event_id}
        unknown = sorted(wanted - locked.keys())
        if unknown:
            raise SeatUnknown(unknown)
        taken = sorted(
            (seat for seat in locked.values() if seat.status not in (from_status, to_status)),
            key=lambda seat: seat.rank,
        )
        if taken:
            raise SeatTaken({seat.id: _label(seat) for seat in taken})
        moved = sorted(
            (seat for seat in locked.values() if seat.status == from_status), key=lambda seat: seat.rank
        )
        move_seats(database, organization_id, seat_ids=wanted, from_status=[from_status], to_status=to_status)
        if moved:
            action = "seats.blocked" if to_status == SeatStatus.BLOCKED else "seats.unblocked"
            after = {"seats": [_label(seat) for seat in moved]}
            record_activity(context, action, ("event", event_id), after=after)
        return list(event_seats_of(organization_id, event_id).filter(id__in=wanted))


def _label(seat: Any) -> str:
    return seat_label(seat.section, seat.row, seat.number)
