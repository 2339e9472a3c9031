"""Staff keep seats from being sold, and let them be sold again."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from kassa.catalog.queries import event_of
from kassa.core.database import statements
from kassa.seating.domain.hold import move_seats
from kassa.seating.domain.plan import seat_label
from kassa.seating.enums import SeatStatus
from kassa.seating.errors import SeatTaken, SeatUnknown
from kassa.seating.locks import lock_seats
from kassa.seating.models import EventSeat
from kassa.seating.queries import event_seats_of


def block_seats(organization_id: UUID, *, event_id: UUID, seat_ids: Iterable[UUID]) -> list[EventSeat]:
    """Keep free seats from being sold; ones that are blocked stay so. All or none.

    Raises:
        NotFound: the organisation has no such event.
        SeatUnknown: the event has no seat with one of the ids.
        SeatTaken: some are held or sold.
    """
    return _change(
        organization_id,
        event_id=event_id,
        seat_ids=seat_ids,
        from_status=SeatStatus.AVAILABLE,
        to_status=SeatStatus.BLOCKED,
    )


def unblock_seats(organization_id: UUID, *, event_id: UUID, seat_ids: Iterable[UUID]) -> list[EventSeat]:
    """Let blocked seats be sold again; ones that are free stay so. All or none.

    Raises:
        NotFound: the organisation has no such event.
        SeatUnknown: the event has no seat with one of the ids.
        SeatTaken: some are held or sold.
    """
    return _change(
        organization_id,
        event_id=event_id,
        seat_ids=seat_ids,
        from_status=SeatStatus.BLOCKED,
        to_status=SeatStatus.AVAILABLE,
    )


def _change(
    organization_id: UUID,
    *,
    event_id: UUID,
    seat_ids: Iterable[UUID],
    from_status: SeatStatus,
    to_status: SeatStatus,
) -> list[EventSeat]:
    wanted = set(seat_ids)
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
            labels = {seat.id: seat_label(seat.section, seat.row, seat.number) for seat in taken}
            raise SeatTaken(labels)
        move_seats(database, organization_id, seat_ids=wanted, from_status=[from_status], to_status=to_status)
        return list(event_seats_of(organization_id, event_id).filter(id__in=wanted))
