"""When something takes place, in the forms that pages need, on its own clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kassa.catalog.enums import EventKind
from kassa.catalog.models import Event
from kassa.core.formatting import (
    describe_span,
    format_date,
    format_duration,
    format_short_datetime,
    format_time,
    zone_named,
)
from kassa.storefront.formatting import present_locale


@dataclass(frozen=True, slots=True)
class EventTimes:
    """The same moments in the forms that pages need; all empty for what has no date yet."""

    day: str = ""
    """``Saturday 21 November 2026``; of several days the first."""
    last_day: str = ""
    """Empty where all is on one day."""
    start: str = ""
    end: str = ""
    """``20:00`` and ``22:00``, to be followed by the clock; with their own where it is changed in between."""
    times: str = ""
    """Both of them: ``20:00 - 22:00``."""
    clock: str = ""
    """``CET``, or how far it is from UTC; empty: each time names its own."""
    time: str = ""
    end_time: str = ""
    """Each by itself: with its clock only in an hour that comes twice."""
    short: str = ""
    """``Sat 21 Nov · 20:00``, with the year if it is not this one."""
    weekday: str = ""
    number: str = ""
    month: str = ""
    """The parts of a leaf of a calendar: ``Sat``, ``21``, ``Nov``."""
    duration: str = ""
    """How long a trip takes: ``2 h 40 min``."""
    starts: str = ""
    """For programs, on its own clock: ``2026-11-21T20:00:00+01:00``."""
    ends: str = ""


def describe_times(event: Event, *, now: datetime) -> EventTimes:
    """Return when an event takes place, in the present language."""
    if event.starts_at is None:
        return EventTimes()
    locale, zone = present_locale(), zone_named(event.time_zone)
    starts = event.starts_at.astimezone(zone)
    ends = event.ends_at.astimezone(zone) if event.ends_at else None
    span = describe_span(event.starts_at, event.ends_at, zone, locale)
    # Not between the local moments: Python counts by the clock's hands, which may be turned in between.
    takes = event.ends_at - event.starts_at if event.ends_at and event.kind == EventKind.TRIP else None
    return EventTimes(
        day=span.first_day,
        last_day=span.last_day,
        start=span.start,
        end=span.end,
        times=span.times,
        clock=span.clock,
        time=format_time(starts, zone, locale),
        end_time=format_time(ends, zone, locale) if ends else "",
        short=format_short_datetime(starts, zone, locale, now=now, separator=" · "),
        weekday=format_date(starts, locale, "short_weekday"),
        number=format_date(starts, locale, "day"),
        month=format_date(starts, locale, "short_month"),
        duration="" if takes is None else format_duration(takes),
        starts=starts.isoformat(timespec="seconds"),
        ends=ends.isoformat(timespec="seconds") if ends else "",
    )
