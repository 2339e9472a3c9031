"""When something takes place, as pages say it: on its own clock, which is named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as format_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kassa.catalog.enums import EventKind
from kassa.catalog.models import Event

LONG_DAY, TIME = "l j F Y", "H:i"
SHORT_MONTHS = {"fr": "N"}
"""How a month is shortened in a language; ``Nov`` in all others."""


@dataclass(frozen=True, slots=True)
class When:
    """The same moments in the forms that pages need; all empty for what has no date yet."""

    day: str = ""
    """``Saturday 21 November 2026``; of several days the first."""
    last_day: str = ""
    """Empty where all is on one day."""
    time: str = ""
    """``20:00``"""
    end_time: str = ""
    clock: str = ""
    """``CET``, or how far it is from UTC."""
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


def when_of(event: Event, *, now: datetime) -> When:
    """Return when an event takes place, in the present language."""
    if event.starts_at is None:
        return When()
    zone = ZoneInfo(event.time_zone)
    starts = event.starts_at.astimezone(zone)
    ends = event.ends_at.astimezone(zone) if event.ends_at else None
    goes_on = ends is not None and ends.date() > starts.date() and not _is_one_night(starts, ends)
    return When(
        day=format_date(starts, LONG_DAY),
        last_day=format_date(ends, LONG_DAY) if ends and goes_on else "",
        time=format_date(starts, TIME),
        end_time=format_date(ends, TIME) if ends else "",
        clock=clock_of(starts),
        short=f"{_short_day(starts, now.astimezone(zone))} · {format_date(starts, TIME)}",
        weekday=format_date(starts, "D"),
        number=format_date(starts, "j"),
        month=short_month(starts),
        duration=duration_text(ends - starts) if ends and event.kind == EventKind.TRIP else "",
        starts=starts.isoformat(timespec="seconds"),
        ends=ends.isoformat(timespec="seconds") if ends else "",
    )


def day_text(moment: datetime, time_zone: str, *, now: datetime) -> str:
    """Return a day in short, on the clock of a place: ``Sat 21 Nov``, with the year if it is another one."""
    zone = ZoneInfo(time_zone)
    return _short_day(moment.astimezone(zone), now.astimezone(zone))


def short_moment(moment: datetime, time_zone: str, *, now: datetime) -> str:
    """Return a moment in short, on the clock of a place: ``Sat 21 Nov, 20:00``."""
    day = day_text(moment, time_zone, now=now)
    return f"{day}, {format_date(moment.astimezone(ZoneInfo(time_zone)), TIME)}"


def short_day(day: date) -> str:
    """Return a day in short: ``Sat 21 Nov``, ``sam 21 nov.``"""
    return f"{format_date(day, 'D j')} {short_month(day)}"


def short_month(day: date) -> str:
    """Return the name of a month in short."""
    return format_date(day, SHORT_MONTHS.get(get_language() or "", "M"))


def clock_of(moment: datetime) -> str:
    """Return the name of the clock that a moment is read on; one without a name is its distance from UTC."""
    name = moment.strftime("%Z")
    return f"UTC{name}" if name[:1] in "+-" else name


def duration_text(duration: timedelta) -> str:
    """Return how long something takes, to the minute."""
    hours, minutes = divmod(int(duration.total_seconds()) // 60, 60)
    if not hours:
        return _("%(minutes)s min") % {"minutes": minutes}
    if not minutes:
        return _("%(hours)s h") % {"hours": hours}
    return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}


def _short_day(day: datetime, today: datetime) -> str:
    return short_day(day) if day.year == today.year else f"{short_day(day)} {day.year}"


def _is_one_night(starts: datetime, ends: datetime) -> bool:
    """Say whether it only runs past midnight, like a night in a club or a coach."""
    return ends - starts < timedelta(hours=18) and ends.hour < 12
