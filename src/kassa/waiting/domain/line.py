"""The line as a function of time: pure, in whole numbers, so that no turning of the rate loses anything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kassa.waiting.domain.draw import drawn_rank
from kassa.waiting.enums import RoomState

PLACE = 1_000_000
"""Millionths of a place: the line's progress is counted in them."""
SPARE_SECONDS = 10
"""How much of an idle time the line makes up for, so that a crowd after it is not let in at once."""
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Line:
    """A waiting room's line; the fields are those of its row."""

    opens_at: datetime
    starts_at: datetime
    ends_at: datetime | None
    rate_per_minute: int
    is_paused: bool
    joined: int
    drawn: int | None
    served_millionths: int
    served_since: datetime


def state_of(line: Line, now: datetime) -> RoomState:
    """Say how the line stands. One whose draw is due but not made is still gathering."""
    if line.ends_at is not None and now >= line.ends_at:
        return RoomState.OVER
    if line.drawn is not None:
        return RoomState.PAUSED if line.is_paused else RoomState.RUNNING
    return RoomState.EARLY if now < line.opens_at else RoomState.GATHERING


def serving(line: Line, now: datetime) -> int:
    """Return the last place that may go in now; it never becomes less."""
    return 0 if line.drawn is None else min(line.joined, _progress(line, now) // PLACE)


def rank_of(line: Line, seed: bytes, number: int) -> int | None:
    """Return where a number stands in the line. None: the places are not drawn yet.

    Raises:
        ValueError: no line has such a number.
    """
    if number < 1:
        raise ValueError(f"No line has a number {number}.")
    if line.drawn is None:
        return None
    return drawn_rank(seed, number, line.drawn) if number <= line.drawn else number


def seconds_until(line: Line, rank: int, now: datetime) -> int | None:
    """Return how long a place still waits at the present rate. None: the line is paused."""
    missing = rank * PLACE - _progress(line, now)
    if line.drawn is not None and missing <= 0:
        return 0
    if line.is_paused:
        return None
    until_start = max(0, -((now - line.served_since) // timedelta(seconds=1)))
    return int(until_start + -(-max(0, missing) * 60 // (line.rate_per_minute * PLACE)))


def draw(line: Line, now: datetime) -> Line:
    """Close the draw if it is time: whoever has a number by now takes part, whoever comes later does not."""
    if line.drawn is not None or now < line.starts_at:
        return line
    return replace(line, drawn=line.joined)


def take(line: Line, count: int, now: datetime) -> tuple[Line, int]:
    """Give out so many numbers; return the first of them."""
    line = draw(line, now)
    if line.drawn is not None:
        line = _without_idle_time(line, now)
    return replace(line, joined=line.joined + count), line.joined + 1


def turn(line: Line, *, rate_per_minute: int, is_paused: bool, now: datetime) -> Line:
    """Let the line go on from where it is, at another rate or not at all."""
    return replace(_rebased(draw(line, now), now), rate_per_minute=rate_per_minute, is_paused=is_paused)


def _progress(line: Line, now: datetime) -> int:
    if line.is_paused:
        return line.served_millionths
    # A server whose clock is behind sees the line stand still, not go back.
    elapsed = max(0, (now - line.served_since) // _MICROSECOND)
    return line.served_millionths + line.rate_per_minute * elapsed // 60


def _rebased(line: Line, now: datetime) -> Line:
    since = max(now, line.served_since)
    return replace(line, served_millionths=_progress(line, since), served_since=since)


def _without_idle_time(line: Line, now: datetime) -> Line:
    """Forget what the line could have served while nobody stood in it, but for a few seconds' worth.

    Everyone who has a number by now is served already then, so nobody's place moves away.
    """
    spare = max(PLACE, line.rate_per_minute * PLACE * SPARE_SECONDS // 60)
    most = line.joined * PLACE + spare
    if _progress(line, now) <= most:
        return line
    return replace(line, served_millionths=most, served_since=max(now, line.served_since))
