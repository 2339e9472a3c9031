"""Uses of something that each customer has only so many of, numbered under each of their keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count as counting
from itertools import islice
from uuid import UUID

Numbers = Mapping[str, tuple[int, ...]]
"""By key the numbers of some uses."""


class NumberedUses:
    """The numbers that are taken, of each thing under each key."""

    def __init__(self, live: Iterable[tuple[UUID, str, int]] = ()) -> None:
        """Take rows of ``(thing, key, number)``."""
        self._taken: dict[tuple[UUID, str], set[int]] = {}
        self.add(live)

    def add(self, live: Iterable[tuple[UUID, str, int]]) -> None:
        """Take more such rows."""
        for thing_id, key, number in live:
            self._taken.setdefault((thing_id, key), set()).add(number)

    def count(self, thing_id: UUID, keys: Iterable[str]) -> int:
        """Return how many a customer has: as many as under the key that has most."""
        return max((len(self._taken.get((thing_id, key), ())) for key in keys), default=0)

    def next_numbers(self, thing_id: UUID, keys: Iterable[str], *, count: int = 1) -> Numbers:
        """Return the lowest free numbers under each key; there may be gaps where uses were given back."""
        return {key: self._free(thing_id, key, count) for key in keys}

    def take(self, thing_id: UUID, numbers: Numbers) -> None:
        """Count uses that were given."""
        for key, taken in numbers.items():
            self._taken.setdefault((thing_id, key), set()).update(taken)

    def _free(self, thing_id: UUID, key: str, count: int) -> tuple[int, ...]:
        taken = self._taken.get((thing_id, key), set())
        return tuple(islice((number for number in counting(1) if number not in taken), count))
