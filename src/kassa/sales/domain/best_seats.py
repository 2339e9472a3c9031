"""The best free seats of an event, for one batch of orders."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from kassa.core.database import Statements
from kassa.seating.domain.best import BestSeats, Candidate
from kassa.seating.locks import read_best_seats

SPARE_SEATS = 400
"""How many more of the best seats are read than a batch wants, so that runs can be found among them."""


class BestOfCategory:
    """The free seats of one category; reads further back only when the front has no run left."""

    def __init__(self, database: Statements, organization_id: UUID, event_id: UUID, category: str) -> None:
        self._database = database
        self._organization_id = organization_id
        self._event_id = event_id
        self._category = category
        self._rows: dict[UUID, Any] = {}
        self._free = BestSeats(())
        self._complete = False
        self._limit: int | None = SPARE_SEATS

    def take(self, quantity: int, gone: set[UUID]) -> tuple[Any, ...] | None:
        """Take the best seats, side by side if there are such; None: there are too few."""
        self._free.remove(gone)
        while self._free.longest < quantity and not self._complete:
            self._read_on(gone)
        found = self._free.take(quantity)
        return None if found is None else tuple(self._rows[seat.id] for seat in found)

    @property
    def left(self) -> int:
        """How many are free; all of them have been read once a request was not served."""
        return len(self._free)

    def put_back(self, seats: Iterable[Any]) -> None:
        """Make seats free again that a refused order would have had."""
        self._free.put_back(_candidate(seat) for seat in seats if seat.id in self._rows)

    def _read_on(self, gone: set[UUID]) -> None:
        rows = read_best_seats(
            self._database,
            self._organization_id,
            event_id=self._event_id,
            category=self._category,
            limit=self._limit,
        ).fetchall()
        self._complete = self._limit is None or len(rows) < self._limit
        self._limit = None
        self._rows = {row.id: row for row in rows}
        self._free = BestSeats(_candidate(row) for row in rows if row.id not in gone)


def _candidate(seat: Any) -> Candidate:
    return Candidate(id=seat.id, rank=seat.rank, block=seat.block, place=seat.place)
