"""Row locks on seats: after quotas, before coupons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import psycopg

from kassa.core.database import Statements, plain_array

LOCK_SEATS = """
SELECT id, event_id, category, section, "row", number, rank, block, place, status, cart_id
FROM seating_eventseat
WHERE organization_id = %s AND id = ANY(%s::uuid[])
ORDER BY id FOR NO KEY UPDATE
"""

BEST_SEATS = """
SELECT id, event_id, category, section, "row", number, rank, block, place, status, cart_id
FROM seating_eventseat
WHERE organization_id = %s AND event_id = %s AND category = %s AND status = 'available'
ORDER BY rank LIMIT %s
"""


def lock_seats(database: Statements, organization_id: UUID, seat_ids: Iterable[UUID]) -> psycopg.Cursor[Any]:
    """Lock seats by key and read them."""
    return database.queue(LOCK_SEATS, (organization_id, plain_array(set(seat_ids))), named=True)


def read_best_seats(
    database: Statements, organization_id: UUID, *, event_id: UUID, category: str, limit: int | None
) -> psycopg.Cursor[Any]:
    """Read free seats of one category, best first, without a lock; None: all of them."""
    return database.queue(BEST_SEATS, (organization_id, event_id, category, limit), named=True)
