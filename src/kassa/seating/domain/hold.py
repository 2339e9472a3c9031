"""Seats change hands here, whole sets at a time, inside the caller's transaction.

Seats come after quotas in the order of locks, and among themselves by id.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from kassa.core.database import plain_array, statements
from kassa.seating.domain.plan import seat_label
from kassa.seating.enums import SeatStatus


class LockedSeat(NamedTuple):
    """A seat as it is while its lock is held."""

    id: UUID
    event_id: UUID
    category: str
    section: str
    row: str
    number: str
    rank: int
    block: int
    place: int
    status: SeatStatus
    cart_id: UUID | None

    @property
    def label(self) -> str:
        """What it is called on a ticket and in a sentence."""
        return seat_label(self.section, self.row, self.number)


LOCK_SEATS = """
    SELECT id, event_id, category, section, row, number, rank, block, place, status, cart_id
    FROM seating_eventseat
    WHERE organization_id = %s AND id = ANY(%s::uuid[])
    ORDER BY id
    FOR NO KEY UPDATE
"""

MOVE_SEATS = """
    UPDATE seating_eventseat SET status = %s, cart_id = %s
    WHERE organization_id = %s AND id = ANY(%s::uuid[]) AND status = ANY(%s::text[])
"""


def lock_seats(organization_id: UUID, seat_ids: Iterable[UUID]) -> list[LockedSeat]:
    """Lock seats until the transaction ends, in the order of their ids; return them as they are now.

    Ids the organisation has no seat for are left out. A seat that another transaction holds is
    waited for, as long as the lock timeout allows.
    """
    rows = statements().queue(LOCK_SEATS, (organization_id, plain_array(seat_ids))).fetchall()
    return [LockedSeat._make((*row[:9], SeatStatus(row[9]), row[10])) for row in rows]


def move_seats(
    organization_id: UUID,
    *,
    seat_ids: Iterable[UUID],
    from_status: Sequence[SeatStatus],
    to_status: SeatStatus,
    cart_id: UUID | None = None,
) -> int:
    """Move those of the seats that are in one of the expected states; return how many moved.

    Fewer than asked for is a conflict, which the caller turns into an error or a rollback.
    ``cart_id`` becomes the cart that holds them (only with ``held``); none otherwise.
    """
    return (
        statements()
        .queue(
            MOVE_SEATS,
            (
                to_status.value,
                cart_id,
                organization_id,
                plain_array(seat_ids),
                [status.value for status in from_status],
            ),
        )
        .rowcount
    )
