from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kassa.seating.domain.best import BestSeats, Candidate, pick_best
from kassa.seating.domain.plan import check_plan, expand


@st.composite
def halls(draw: st.DrawFn) -> list[Candidate]:
    """Blocks with gaps and ranks in any order: harder than any real hall."""
    lengths = draw(st.lists(st.integers(1, 8), min_size=1, max_size=6))
    places = [(block, place) for block, length in enumerate(lengths) for place in range(length)]
    free = draw(st.lists(st.sampled_from(places), unique=True))
    ranks = draw(st.permutations(range(len(places))))
    return [
        Candidate(UUID(int=number), rank, block, place)
        for number, ((block, place), rank) in enumerate(zip(free, ranks, strict=False))
    ]


def runs_of(seats: Collection[Candidate]) -> list[list[Candidate]]:
    runs: list[list[Candidate]] = []
    for seat in sorted(seats, key=lambda seat: (seat.block, seat.place)):
        last = runs[-1][-1] if runs else None
        if last and (last.block, last.place + 1) == (seat.block, seat.place):
            runs[-1].append(seat)
        else:
            runs.append([seat])
    return runs


def lowest_sum(seats: Collection[Candidate], quantity: int) -> int | None:
    return min(
        (
            sum(seat.rank for seat in run[start : start + quantity])
            for run in runs_of(seats)
            for start in range(len(run) - quantity + 1)
        ),
        default=None,
    )


def fewest_pieces(seats: Collection[Candidate], quantity: int) -> int:
    pieces = 0
    for length in sorted((len(run) for run in runs_of(seats)), reverse=True):
        if quantity <= 0:
            break
        quantity -= length
        pieces += 1
    return pieces


def check_choice(free: Collection[Candidate], quantity: int, taken: list[Candidate] | None) -> None:
    """Compare a choice with what brute force finds."""
    if len(free) < quantity:
        assert taken is None
        return
    assert taken is not None
    assert len(taken) == len(set(taken)) == quantity
    assert set(taken) <= set(free)
    best = lowest_sum(free, quantity)
    if best is not None:
        assert all(left.block == right.block for left, right in pairwise(taken))
        assert all(left.place + 1 == right.place for left, right in pairwise(taken))
        assert sum(seat.rank for seat in taken) == best
    assert len(runs_of(taken)) <= fewest_pieces(free, quantity)


@given(halls(), st.integers(1, 10))
def test_pick_best_agrees_with_brute_force(free: list[Candidate], quantity: int) -> None:
    check_choice(free, quantity, pick_best(free, quantity))


class BestSeatsMachine(RuleBasedStateMachine):
    """Takes, removals by name and returns in any order, beside a plain set of what is free."""

    @initialize(hall=halls())
    def build(self, hall: list[Candidate]) -> None:
        self.hall = hall
        self.free = set(hall)
        self.best = BestSeats(hall)

    @rule(quantity=st.integers(1, 9))
    def take(self, quantity: int) -> None:
        taken = self.best.take(quantity)
        check_choice(self.free, quantity, taken)
        self.free -= set(taken or ())

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        if self.hall:
            gone = data.draw(st.lists(st.sampled_from(self.hall), max_size=4))
            self.best.remove([*(seat.id for seat in gone), uuid4()])
            self.free -= set(gone)

    @rule(data=st.data())
    def put_back(self, data: st.DataObject) -> None:
        if self.hall:
            back = data.draw(st.lists(st.sampled_from(self.hall), max_size=4))
            self.best.put_back(back)
            self.free |= set(back)

    @invariant()
    def counts_agree(self) -> None:
        if hasattr(self, "best"):
            assert len(self.best) == len(self.free)
            assert self.best.longest == max((len(run) for run in runs_of(self.free)), default=0)


TestBestSeats = BestSeatsMachine.TestCase


def hall(*counts: int, aisles: list[int] | None = None) -> list[Candidate]:
    rows = [
        {"name": str(index), "count": count, "category": "c", "aisles": aisles or []}
        for index, count in enumerate(counts)
    ]
    plan = check_plan({"sections": [{"name": "Stalls", "rows": rows}]})
    return [Candidate(uuid4(), spec.rank, spec.block, spec.place) for spec in expand(plan)]


def test_take_goes_from_the_middle_of_the_front_row_outwards_and_back() -> None:
    best = BestSeats(hall(6, 6))

    taken = [best.take(2) for _ in range(6)]

    assert [[seat.place for seat in pair or ()] for pair in taken] == [
        [2, 3],
        [0, 1],
        [4, 5],
        [2, 3],
        [0, 1],
        [4, 5],
    ]
    assert [pair[0].block for pair in taken if pair] == [0, 0, 0, 1, 1, 1]
    assert best.take(1) is None


def test_take_prefers_sitting_together_further_back_to_sitting_apart_in_front() -> None:
    seats = hall(4, 4)
    best = BestSeats(seats)
    best.remove([seats[1].id])

    taken = best.take(3)

    assert [seat.block for seat in taken or ()] == [1, 1, 1]


def test_take_splits_into_the_fewest_pieces_near_each_other() -> None:
    best = BestSeats(hall(6, 6, 6, aisles=[3]))

    taken = best.take(5) or []

    assert sorted((seat.block, seat.place) for seat in taken) == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]


def test_take_changes_nothing_when_there_are_too_few() -> None:
    best = BestSeats(hall(3))

    assert best.take(4) is None
    assert len(best.take(3) or ()) == 3


def test_take_refuses_to_pick_no_seat() -> None:
    with pytest.raises(ValueError, match="one seat"):
        BestSeats(hall(3)).take(0)


def test_put_back_joins_what_was_parted() -> None:
    seats = hall(5)
    best = BestSeats(seats)
    taken = best.take(1) or []
    assert best.longest == 2

    best.put_back(taken)

    assert best.longest == 5
