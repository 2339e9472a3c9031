"""How many may wait in a lane, and for how long."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from kassa.core.errors import Busy
from kassa.runtime.front import lanes
from kassa.runtime.front.lanes import Entry, Lane
from kassa.runtime.front.loop import ON_THIS_THREAD
from tests.support.conditions import wait_until


class Clock:
    """Time that passes as the test says."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(lanes, "time", clock)
    return clock


def make_lane(*, max_waiting: int = 10_000, max_wait_seconds: float = 10.0) -> Lane:
    """Return a lane without threads: what waits in it goes on waiting."""
    return Lane("test", threads=0, max_waiting=max_waiting, max_wait_seconds=max_wait_seconds)


def wait_in(lane: Lane, count: int = 1) -> Entry:
    for _ in range(count):
        entry = lane.enter()
        entry.add_done_callback(lambda: None, context=ON_THIS_THREAD)
    return entry


def answer_some(lane: Lane, clock: Clock, *, seconds_each: float) -> None:
    for _ in range(300):
        clock.now += seconds_each
        lane.note_answer()


def test_nothing_is_refused_while_nothing_waits(clock: Clock) -> None:
    lane = make_lane(max_waiting=1, max_wait_seconds=0.001)
    for _ in range(100):
        clock.now += 60
        lane.admit()


def test_one_more_than_may_wait_is_refused(clock: Clock) -> None:
    lane = make_lane(max_waiting=3)
    wait_in(lane, 2)
    lane.admit()
    wait_in(lane)
    with pytest.raises(Busy):
        lane.admit()


def test_what_would_wait_too_long_is_refused_at_once(clock: Clock) -> None:
    lane = make_lane(max_wait_seconds=10)
    lane.admit()
    wait_in(lane, 80)
    answer_some(lane, clock, seconds_each=0.01)
    lane.admit()  # 0.8 s

    wait_in(lane, 1000)
    with pytest.raises(Busy) as refused:
        lane.admit()  # 10.8 s
    assert refused.value.retry_after == 5


def test_a_rush_may_wait_longer_than_what_never_ends(clock: Clock) -> None:
    lane = make_lane(max_wait_seconds=10)
    lane.admit()
    wait_in(lane, 400)
    answer_some(lane, clock, seconds_each=0.01)
    lane.admit()  # 4 s, and 3 s ago nothing waited

    answer_some(lane, clock, seconds_each=0.03)
    clock.now += 10
    answer_some(lane, clock, seconds_each=0.01)
    with pytest.raises(Busy):
        lane.admit()  # 4 s again, after more than 10 s in which something always waited


def test_pauses_in_which_nothing_waited_say_nothing_about_the_pace(clock: Clock) -> None:
    lane = make_lane()
    answer_some(lane, clock, seconds_each=5)
    wait_in(lane)
    lane.note_answer()
    assert lane.expected_wait == 0


def test_who_has_waited_too_long_is_refused(clock: Clock) -> None:
    lane = make_lane(max_wait_seconds=10)
    entry = wait_in(lane)
    clock.now += 10
    lane.check_wait(entry)
    clock.now += 0.1
    with pytest.raises(Busy):
        lane.check_wait(entry)


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    gate = threading.Event()
    yield gate
    gate.set()


def test_each_lane_has_its_own_threads(gate: threading.Event) -> None:
    slow, quick = (
        Lane(name, threads=2, max_waiting=10, max_wait_seconds=10) for name in ("slow-lane", "quick-lane")
    )
    slow.start()
    quick.start()
    done: list[str] = []

    def wait_for_gate() -> None:
        gate.wait(30)

    def note() -> None:
        done.append(threading.current_thread().name)

    enter(slow, wait_for_gate, times=4)
    enter(quick, note, times=4)
    wait_until(lambda: len(done) == 4)
    assert {name.rpartition("-")[0] for name in done} == {"kassa-quick-lane"}
    assert not gate.is_set()


def test_a_thread_outlives_what_fails_in_it(caplog: pytest.LogCaptureFixture) -> None:
    lane = Lane("frail", threads=1, max_waiting=10, max_wait_seconds=10)
    lane.start()
    done: list[int] = []
    enter(lane, lambda: done.append(1 // 0))
    enter(lane, lambda: done.append(1))
    wait_until(lambda: done == [1])
    assert "ZeroDivisionError" in caplog.text


def enter(lane: Lane, go_on: Callable[[], None], *, times: int = 1) -> None:
    for _ in range(times):
        lane.enter().add_done_callback(go_on, context=ON_THIS_THREAD)
