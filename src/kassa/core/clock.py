"""The one clock, which is the database's: a process measures how far its own is from it, and follows.

The faces ask what time it is; everything below them is told. What must be in strict order goes by position,
never by moments: two processes agree to within a few milliseconds, and no better.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import overload

SAMPLES = 3
"""Questions per measurement; the quickest answer counts."""
LONGEST_STANDSTILL = timedelta(minutes=1)
"""For at most this long time stands still until a clock that was ahead is caught up with."""

NO_TIME = timedelta(0)
TICK = timedelta(microseconds=1)
"""Both clocks are read no more exactly than this."""


def utc_now() -> datetime:
    """Return the present moment by the database's clock, aware, in UTC; never one before the last."""
    return process_clock.now()


@overload
def format_moment(moment: datetime) -> str: ...
@overload
def format_moment(moment: datetime | None) -> str | None: ...
def format_moment(moment: datetime | None) -> str | None:
    """Return a moment as RFC 3339 in UTC, with microseconds and a ``Z``. None: there is none."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Measurement:
    """How far another clock is ahead of this machine's."""

    offset: timedelta
    uncertainty: timedelta
    """The true offset is within this of `offset`: half of what the question took to be answered."""


def machine_time() -> datetime:
    """Return what the clock of this machine says."""
    return datetime.now(UTC)


def measure(ask: Callable[[], datetime]) -> Measurement:
    """Ask another clock a few times; what it says belongs to the middle of the quickest round trip."""
    found = []
    for _ in range(SAMPLES):
        asked_at = machine_time()
        answer = ask()
        trip = machine_time() - asked_at
        found.append(Measurement(answer - (asked_at + trip / 2), max(trip, NO_TIME) / 2 + TICK))
    return min(found, key=lambda measurement: measurement.uncertainty)


class Clock:
    """This machine's clock, put right by measurements of the database's."""

    def __init__(self) -> None:
        self.offset = NO_TIME
        """What is added to the machine's time."""
        self.shift_ms = 0
        """The same in whole milliseconds, for identifiers."""
        self._latest = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        """Return the present moment; while the clock is put back by a little, the last one."""
        moment = machine_time() + self.offset
        if moment < self._latest < moment + LONGEST_STANDSTILL:
            return self._latest
        self._latest = moment
        return moment

    def follow(self, measured: Measurement) -> None:
        """Move as little as is needed to agree with a measurement.

        Where this machine's clock is the database's, every measurement allows an offset of exactly zero, and
        it stays so.
        """
        least, most = measured.offset - measured.uncertainty, measured.offset + measured.uncertainty
        self.offset = min(max(self.offset, least), most)
        self.shift_ms = round(self.offset / timedelta(milliseconds=1))


process_clock = Clock()
