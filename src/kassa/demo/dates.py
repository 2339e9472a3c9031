"""Days and clocks of the demo, counted from the day it is loaded."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def at(now: datetime, *, days: int, clock: str, zone: str) -> datetime:
    """Return a moment so many days from now, as the clocks of a zone show it; the result is UTC."""
    there = ZoneInfo(zone)
    day = now.astimezone(there).date() + timedelta(days=days)
    return datetime.combine(day, time.fromisoformat(clock), there).astimezone(UTC)
