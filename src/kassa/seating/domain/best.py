"""Best available: which seats a request gets that names only how many it wants.

The choice, in this order:

1. Side by side in one block, wherever a run that long exists. Of all such places the one with
   the lowest sum of ranks: front first, and within a row the nearest to its centre.
2. Else in as few pieces as can be: the longest run whole, and so on until what is left fits
   into one run. The first piece is the one with the lowest sum of ranks; each later one is the
   nearest by rank to the best seat of the first.
3. Nothing, if there are fewer seats than wanted.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from operator import attrgetter, sub
from typing import NamedTuple
from uuid import UUID


class Candidate(NamedTuple):
    """A seat that may be given away. No two share a rank, or a place in a block."""

    id: UUID
    rank: int
    block: int
    place: int


def pick_best(available: Sequence[Candidate], quantity: int) -> list[Candidate] | None:
    """Return the best seats for one request, or None if there are fewer than wanted."""
    return BestSeats(available).take(quantity)


class _Run:
    """Free seats side by side, without a gap."""

    __slots__ = ("best", "block", "first", "lowest", "seats", "span")

    def __init__(self, seats: list[Candidate]) -> None:
        self.seats = seats
        self.block = seats[0].block
        self.first = seats[0].place
        ranks = [seat.rank for seat in seats]
        self.lowest = min(ranks)
        self.span = max(ranks) - self.lowest
        self.best: dict[int, tuple[int, int]] = {}

    def best_window(self, quantity: int) -> tuple[int, int]:
        """Return the lowest sum of ranks of so many neighbours, and the index it starts at."""
        found = self.best.get(quantity)
        if found is None:
            found = self.best[quantity] = _lowest_window([seat.rank for seat in self.seats], quantity)
        return found

    def nearest_window(self, quantity: int, rank: int) -> tuple[int, int]:
        """Return the lowest sum of distances to a rank of so many neighbours, and where it starts."""
        return _lowest_window([abs(seat.rank - rank) for seat in self.seats], quantity)


def _lowest_window(costs: list[int], quantity: int) -> tuple[int, int]:
    sums = list(accumulate(costs, initial=0))
    windows = list(map(sub, sums[quantity:], sums))
    lowest = min(windows)
    return lowest, windows.index(lowest)


_place: Callable[[Candidate], int] = attrgetter("place")
_first_place: Callable[[_Run], int] = attrgetter("first")
_lowest_rank: Callable[[_Run], int] = attrgetter("lowest")


class BestSeats:
    """The free seats of one hall or category, to serve many requests in succession.

    Building costs one pass over the seats; afterwards a request looks only at the first runs
    of each length, so that it costs tens of microseconds however large the hall is.
    """

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self._seats: dict[UUID, Candidate] = {}
        self._of_block: dict[int, list[_Run]] = {}
        """The runs of each block, by their first place."""
        self._of_length: dict[int, list[_Run]] = {}
        """The runs of each length, by their lowest rank; no list is empty."""
        self._widest_span = 0
        self.put_back(candidates)

    def __len__(self) -> int:
        return len(self._seats)

    @property
    def longest(self) -> int:
        """How many seats can be had side by side; 0 if there are none at all."""
        return max(self._of_length, default=0)

    def take(self, quantity: int) -> list[Candidate] | None:
        """Take the best seats for one request out of what is free; None if there are too few.

        The seats of a piece come in the order in which they stand.
        """
        if quantity < 1:
            raise ValueError("Ask for one seat at least.")
        if quantity > len(self._seats):
            return None
        first = min(quantity, self.longest)
        taken = self._cut(*self._front_most(first), first)
        anchor = min(seat.rank for seat in taken)
        while len(taken) < quantity:
            piece = min(quantity - len(taken), self.longest)
            taken += self._cut(*self._nearest(piece, anchor), piece)
        return taken

    def remove(self, seat_ids: Iterable[UUID]) -> None:
        """Take out seats that were given away by name; ids that are not free here are passed over."""
        for seat_id in seat_ids:
            seat = self._seats.get(seat_id)
            if seat is not None:
                runs = self._of_block[seat.block]
                run = runs[bisect_right(runs, seat.place, key=_first_place) - 1]
                self._cut(run, seat.place - run.first, 1)

    def put_back(self, seats: Iterable[Candidate]) -> None:
        """Make seats free (again); ones that are free already stay so."""
        added: dict[int, list[Candidate]] = {}
        for seat in seats:
            if seat.id not in self._seats:
                self._seats[seat.id] = seat
                added.setdefault(seat.block, []).append(seat)
        for block, free in added.items():
            for run in self._of_block.get(block, ()):
                self._forget(run)
                free.extend(run.seats)
            free.sort(key=_place)
            self._of_block[block] = [self._index(run) for run in _runs(free)]

    def _front_most(self, quantity: int) -> tuple[_Run, int]:
        """Return the run and the start in it with the lowest sum of ranks; there is one that long."""
        best: tuple[int, int, int, _Run] | None = None
        for length, runs in self._of_length.items():
            if length < quantity:
                continue
            for run in runs:
                if best is not None and run.lowest * quantity > best[0]:
                    break  # No later run of this length can have a lower sum.
                total, start = run.best_window(quantity)
                if best is None or (total, run.lowest) < best[:2]:
                    best = (total, run.lowest, start, run)
        if best is None:
            raise LookupError(quantity)
        return best[3], best[2]

    def _nearest(self, quantity: int, rank: int) -> tuple[_Run, int]:
        """Return the run and the start in it that are nearest to a rank; there is one that long."""
        best: tuple[int, int, int, _Run] | None = None
        for length, runs in self._of_length.items():
            if length < quantity:
                continue
            middle = bisect_left(runs, rank, key=_lowest_rank)
            for step, position in ((1, middle), (-1, middle - 1)):
                at = position
                while 0 <= at < len(runs):
                    run = runs[at]
                    gap = run.lowest - rank if step > 0 else rank - run.lowest - self._widest_span
                    if best is not None and gap * quantity > best[0]:
                        break  # Every seat further on is at least so far away.
                    total, start = run.nearest_window(quantity, rank)
                    if best is None or (total, run.lowest) < best[:2]:
                        best = (total, run.lowest, start, run)
                    at += step
        if best is None:
            raise LookupError(quantity)
        return best[3], best[2]

    def _cut(self, run: _Run, start: int, quantity: int) -> list[Candidate]:
        """Take seats out of a run; what stands before and after them become runs of their own."""
        end = start + quantity
        taken = run.seats[start:end]
        self._forget(run)
        rest = [part for part in (run.seats[:start], run.seats[end:]) if part]
        runs = self._of_block[run.block]
        at = bisect_left(runs, run.first, key=_first_place)
        runs[at : at + 1] = [self._index(_Run(part)) for part in rest]
        for seat in taken:
            del self._seats[seat.id]
        return taken

    def _index(self, run: _Run) -> _Run:
        insort(self._of_length.setdefault(len(run.seats), []), run, key=_lowest_rank)
        self._widest_span = max(self._widest_span, run.span)
        return run

    def _forget(self, run: _Run) -> None:
        length = len(run.seats)
        runs = self._of_length[length]
        del runs[runs.index(run, bisect_left(runs, run.lowest, key=_lowest_rank))]
        if not runs:
            del self._of_length[length]


def _runs(seats: Sequence[Candidate]) -> list[_Run]:
    """Divide the seats of one block, in the order of their places, where one is missing."""
    found: list[list[Candidate]] = []
    for seat in seats:
        if found and seat.place == found[-1][-1].place + 1:
            found[-1].append(seat)
        else:
            found.append([seat])
    return [_Run(part) for part in found]
