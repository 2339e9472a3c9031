"""The line never goes back, whatever is turned when; who came before the start stands before all others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kassa.waiting.domain.line import (
    PLACE,
    SPARE_SECONDS,
    Line,
    draw,
    rank_of,
    seconds_until,
    serving,
    state_of,
    take,
    turn,
)
from kassa.waiting.enums import RoomState
from tests.waiting.factories import MINUTE, OPENING, START, a_line

SEED = bytes(32)
rates = st.integers(min_value=1, max_value=100_000)


class LineMachine(RuleBasedStateMachine):
    """Whatever staff and buyers do in whatever order, and even if clocks go back a little."""

    def __init__(self) -> None:
        super().__init__()
        self.now = OPENING
        self.line = a_line()
        self.served = 0
        self.before: list[int] = []
        self.after: list[int] = []

    @initialize(rate=rates, paused=st.booleans())
    def set_up(self, rate: int, paused: bool) -> None:
        self.line = a_line(rate_per_minute=rate, is_paused=paused)

    @rule(microseconds=st.integers(min_value=-2_000_000, max_value=1_200_000_000))
    def let_time_pass(self, microseconds: int) -> None:
        self.now += timedelta(microseconds=microseconds)

    @rule(count=st.integers(min_value=1, max_value=500))
    def join(self, count: int) -> None:
        self.line, first = take(self.line, count, self.now)
        numbers = range(first, first + count)
        (self.before if self.line.drawn is None else self.after).extend(numbers)

    @rule(rate=rates, paused=st.booleans())
    def turn_the_rate(self, rate: int, paused: bool) -> None:
        called = serving(draw(self.line, self.now), self.now)
        self.line = turn(self.line, rate_per_minute=rate, is_paused=paused, now=self.now)
        assert serving(self.line, self.now) == called

    @rule()
    def look(self) -> None:
        self.line = draw(self.line, self.now)

    @invariant()
    def line_never_goes_back(self) -> None:
        self.served, before = serving(self.line, self.now), self.served
        # A clock that goes back may show an older picture, but never after the line was touched.
        if self.now >= self.line.served_since:
            latest = max(self.now, getattr(self, "latest", self.now))
            if self.now == latest:
                assert self.served >= before
            self.latest = latest

    @invariant()
    def numbers_are_given_once(self) -> None:
        given_out = [*self.before, *self.after]
        assert given_out == list(range(1, self.line.joined + 1))

    @invariant()
    def positions_sum_up(self) -> None:
        called = serving(self.line, self.now)
        assert 0 <= called <= self.line.joined
        if self.line.drawn is not None:
            assert self.line.drawn == len(self.before)
            ranks = [rank_of(self.line, SEED, number) for number in self.before[:20]]
            assert all(rank is not None and rank <= self.line.drawn for rank in ranks)
            assert [rank_of(self.line, SEED, number) for number in self.after[-5:]] == self.after[-5:]


TestLine = LineMachine.TestCase
TestLine.settings = settings(deadline=None, max_examples=60, stateful_step_count=25)


@settings(deadline=None)
@given(rates, st.integers(min_value=0, max_value=10**6), st.lists(st.integers(0, 10**7), max_size=30))
def test_turning_loses_nothing(rate: int, joined: int, pauses: list[int]) -> None:
    """However often it is turned to the same rate, the line comes as far as one that is left alone."""
    line = left_alone = a_line(rate_per_minute=rate, joined=joined, drawn=joined)
    now = START
    for microseconds in pauses:
        now += timedelta(microseconds=microseconds)
        line = turn(line, rate_per_minute=rate, is_paused=False, now=now)
    # At most a millionth of a place for each turning, which is less than one place for a million of them.
    lost = left_alone.rate_per_minute * ((now - START) // timedelta(microseconds=1)) // 60
    assert 0 <= lost - line.served_millionths <= len(pauses)
    assert serving(left_alone, now) - serving(line, now) in (0, 1)


@settings(deadline=None)
@given(rates, st.integers(min_value=1, max_value=10**6), st.integers(min_value=0, max_value=10**9))
def test_whoever_is_called_has_nothing_to_wait_for(rate: int, rank: int, milliseconds: int) -> None:
    line = a_line(rate_per_minute=rate, joined=10**6, drawn=10**6)
    now = START + timedelta(milliseconds=milliseconds)
    seconds = seconds_until(line, rank, now)

    assert seconds is not None
    assert (seconds == 0) == (rank <= serving(line, now))
    assert rank <= serving(line, now + timedelta(seconds=seconds))
    if seconds > 2:  # the estimate is rounded up, to the next second and to the next millionth
        assert rank > serving(line, now + timedelta(seconds=seconds - 2))


def test_line_moves_at_its_rate_from_the_start_on() -> None:
    line = a_line(rate_per_minute=90, joined=1000, drawn=1000)

    assert [serving(line, START + MINUTE * minutes) for minutes in (-5, 0, 1, 2, 20)] == [0, 0, 90, 180, 1000]


def test_pause_holds_and_resume_goes_on() -> None:
    line = a_line(joined=1000, drawn=1000)
    paused = turn(line, rate_per_minute=60, is_paused=True, now=START + MINUTE)
    resumed = turn(paused, rate_per_minute=120, is_paused=False, now=START + MINUTE * 10)

    assert serving(paused, START + MINUTE * 9) == 60
    assert state_of(paused, START + MINUTE) is RoomState.PAUSED
    assert seconds_until(paused, 61, START + MINUTE) is None
    assert serving(resumed, START + MINUTE * 11) == 180


def test_room_paused_before_the_start_is_drawn_and_holds() -> None:
    line = draw(a_line(joined=5, is_paused=True), START + MINUTE)

    assert (line.drawn, serving(line, START + MINUTE)) == (5, 0)


def test_draw_is_closed_once() -> None:
    early, _ = take(a_line(), 3, START - MINUTE)
    line, first_after = take(early, 2, START)
    again = draw(replace(line, joined=9), START + MINUTE)

    assert (early.drawn, line.drawn, first_after, again.drawn) == (None, 3, 4, 3)


def test_idle_line_lets_no_crowd_in_at_once() -> None:
    quiet = a_line(rate_per_minute=60, joined=10, drawn=10)
    an_hour_later = START + MINUTE * 60
    line, first = take(quiet, 5_000, an_hour_later)

    assert first == 11
    assert serving(line, an_hour_later) == 10 + SPARE_SECONDS
    assert serving(line, an_hour_later + MINUTE) == 10 + SPARE_SECONDS + 60


def test_lone_buyer_at_an_idle_line_goes_straight_in() -> None:
    slow = a_line(rate_per_minute=1, joined=0, drawn=0)
    line, number = take(slow, 1, START + MINUTE * 5)

    assert serving(line, START + MINUTE * 5) == number


def test_crowd_that_comes_one_by_one_is_let_in_no_faster() -> None:
    line = a_line(rate_per_minute=60, joined=0, drawn=0)
    now = START + MINUTE * 30
    for _ in range(600):  # in one minute
        now += timedelta(milliseconds=100)
        line, _ = take(line, 1, now)

    assert serving(line, now) <= 60 + SPARE_SECONDS + 1


@pytest.mark.parametrize(
    ("fields", "at", "state"),
    [
        ({}, OPENING - MINUTE, RoomState.EARLY),
        ({}, OPENING, RoomState.GATHERING),
        ({}, START + MINUTE, RoomState.GATHERING),
        ({"drawn": 0}, START, RoomState.RUNNING),
        ({"drawn": 0, "is_paused": True}, START, RoomState.PAUSED),
        ({"ends_at": START + MINUTE}, START + MINUTE, RoomState.OVER),
        ({"ends_at": START + MINUTE, "drawn": 0}, START + MINUTE, RoomState.OVER),
    ],
)
def test_states(fields: dict[str, object], at: object, state: RoomState) -> None:
    line: Line = a_line(**fields)
    assert state_of(line, at) is state  # type: ignore[arg-type]


def test_wait_before_the_start_counts_from_the_start() -> None:
    line = a_line(rate_per_minute=60, joined=120)

    assert seconds_until(line, 60, START - MINUTE) == 120
    assert PLACE == 1_000_000
