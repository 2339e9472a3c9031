"""The clock of a process follows the database's, and never goes back by a little."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from kassa.core import clock as clock_module
from kassa.core.clock import LONGEST_STANDSTILL, Clock, Measurement, measure, process_clock, utc_now
from kassa.core.database_clock import set_clock
from kassa.core.ids import new_id
from tests.support.clocks import machine_clock_ahead

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Machine:
    """A machine whose clock stands still until it is moved."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.time = NOON
        patch.setattr(clock_module, "machine_time", lambda: self.time)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_the_quickest_answer_counts(machine: Machine) -> None:
    """A slow answer may have been given long before it came in."""
    trips = iter([3.0, 0.2, 1.0])

    def ask() -> datetime:
        trip = next(trips) * SECOND
        machine.time += trip
        return machine.time - trip / 2 + 5 * SECOND

    measured = measure(ask)
    assert measured.offset == 5 * SECOND
    assert abs(measured.uncertainty - 0.1 * SECOND) < timedelta(milliseconds=1)


def test_a_measurement_that_allows_the_offset_leaves_it(machine: Machine) -> None:
    clock = Clock()
    clock.follow(Measurement(timedelta(milliseconds=3), timedelta(milliseconds=4)))
    assert clock.offset == timedelta(0)


def test_an_offset_that_is_contradicted_moves_to_the_nearest_that_is_not(machine: Machine) -> None:
    clock = Clock()
    clock.follow(Measurement(-SECOND, SECOND / 10))
    assert clock.offset == -0.9 * SECOND
    clock.follow(Measurement(2 * SECOND, SECOND / 10))
    assert clock.offset == 1.9 * SECOND


def test_time_stands_still_until_a_clock_that_was_ahead_is_caught_up_with(machine: Machine) -> None:
    clock = Clock()
    first = clock.now()
    clock.follow(Measurement(-SECOND, timedelta(0)))
    machine.time += SECOND / 2
    assert clock.now() == first
    machine.time += SECOND
    assert clock.now() == first + SECOND / 2


def test_a_clock_that_was_far_ahead_is_put_back(machine: Machine) -> None:
    clock = Clock()
    first = clock.now()
    clock.follow(Measurement(-2 * LONGEST_STANDSTILL, timedelta(0)))
    assert clock.now() == first - 2 * LONGEST_STANDSTILL


def test_a_machine_with_the_databases_clock_is_left_alone(transactional_db: None) -> None:
    assert set_clock()
    assert process_clock.offset < timedelta(milliseconds=1)


@pytest.mark.parametrize("ahead", [1.0, -5.0])
def test_a_process_follows_the_database(ahead: float, transactional_db: None) -> None:
    """Its moments and its identifiers tell the database's time, whatever its machine's clock says."""
    with machine_clock_ahead(ahead * SECOND):
        assert abs(clock_module.machine_time() - _database_time()) > 0.5 * SECOND  # the control
        assert set_clock()
        assert abs(utc_now() - _database_time()) < 0.5 * SECOND
        moment = datetime.fromtimestamp((new_id().int >> 80) / 1000, UTC)
        assert abs(moment - _database_time()) < 0.5 * SECOND


def test_a_database_that_does_not_answer_leaves_the_clock(transactional_db: None) -> None:
    connection.close()
    with machine_clock_ahead(SECOND), pytest.MonkeyPatch.context() as patch:
        patch.setitem(connection.settings_dict, "HOST", "/nowhere")
        patch.setitem(connection.settings_dict["OPTIONS"], "pool", False)
        assert not set_clock()
        assert process_clock.offset == timedelta(0)


def _database_time() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment
