"""Places change hands: free to reserved, reserved to sold, and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

import psycopg

from kassa.core.database import Statements, plain_array

MOVE_PLACES = """
UPDATE inventory_quota q SET reserved = q.reserved + d.reserved, sold = q.sold + d.sold
FROM unnest(%s::uuid[], %s::int[], %s::int[]) AS d(id, reserved, sold)
WHERE q.organization_id = %s AND q.id = d.id
"""


@dataclass(slots=True)
class PlaceMoves:
    """How much the counters of each quota change; built up, then written in one statement."""

    reserved: Counter[UUID] = field(default_factory=Counter)
    sold: Counter[UUID] = field(default_factory=Counter)

    def reserve(self, quota_ids: Iterable[UUID], quantity: int) -> None:
        for quota_id in quota_ids:
            self.reserved[quota_id] += quantity

    def release(self, quota_ids: Iterable[UUID], quantity: int) -> None:
        self.reserve(quota_ids, -quantity)

    def sell(self, quota_ids: Iterable[UUID], quantity: int) -> None:
        for quota_id in quota_ids:
            self.sold[quota_id] += quantity

    def take_back(self, quota_ids: Iterable[UUID], quantity: int) -> None:
        self.sell(quota_ids, -quantity)

    @property
    def quota_ids(self) -> list[UUID]:
        """Return the quotas that change, in the order in which they are locked."""
        return sorted(
            quota_id
            for quota_id in self.reserved.keys() | self.sold.keys()
            if self.reserved[quota_id] or self.sold[quota_id]
        )


def move_places(
    database: Statements, organization_id: UUID, moves: PlaceMoves
) -> psycopg.Cursor[tuple[int]] | None:
    """Write the moves in one statement.

    The caller holds the quotas' locks. The database refuses (``inventory_quota_within_capacity``)
    what would go over a capacity or below zero.
    """
    quota_ids = moves.quota_ids
    if not quota_ids:
        return None
    return database.queue(
        MOVE_PLACES,
        (
            plain_array(quota_ids),
            plain_array([moves.reserved[quota_id] for quota_id in quota_ids]),
            plain_array([moves.sold[quota_id] for quota_id in quota_ids]),
            organization_id,
        ),
    )


def fits(available: Mapping[UUID, int], needs: Mapping[UUID, int]) -> bool:
    """Say whether every quota has as many places as are needed of it."""
    return all(available.get(quota_id, 0) >= count for quota_id, count in needs.items())
