"""Events as entries of a calendar, and calendar files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from icalendar import Calendar
from icalendar import Event as Entry

from kassa.catalog.enums import EventKind, EventStatus, LocationType
from kassa.catalog.models import Event
from kassa.core.formatting import is_ambiguous, zone_named
from kassa.tickets.domain.pages import written_address

PRODUCT = "-//Kassa//Tickets//EN"
AROUND = timedelta(days=366)
"""How long before and after its entries a file describes their clocks."""


class Organizer(Protocol):
    """Who puts something on."""

    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...


def write_calendar(entries: Sequence[Entry], *, name: str = "") -> bytes:
    """Return an iCalendar file with some entries, or none; ``name`` is what a subscription is called."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    if name:
        calendar.add("x-wr-calname", name)
    for entry in entries:
        calendar.add_component(entry)
    days = [entry.decoded(part).date() for entry in entries for part in ("dtstart", "dtend") if part in entry]
    if days:
        calendar.add_missing_timezones(first_date=min(days) - AROUND, last_date=max(days) + AROUND)
    made: bytes = calendar.to_ical()
    return made


def event_entry(
    event: Event,
    organizer: Organizer,
    *,
    uid: str = "",
    online_at: str,
    language: str,
    now: datetime,
    changed_at: datetime | None = None,
    is_cancelled: bool = False,
) -> Entry:
    """Return a dated event as an entry.

    ``uid``: what calendars know it by, whatever file it is in; empty: as the event that everybody sees.
    ``online_at``: where it can be joined from elsewhere, as far as the reader may know; empty: nowhere.
    ``changed_at``: when what the entry says beside the event was last changed; None: it says nothing beside.
    ``is_cancelled``: the reader does not go, though the event may take place.
    """
    entry = Entry()
    last_change = max(event.updated_at, changed_at or event.updated_at)
    entry.add("uid", uid or f"{event.id}@kassa")
    entry.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    entry.add("last-modified", last_change.astimezone(UTC).replace(microsecond=0))
    entry.add("sequence", max(0, int((last_change - event.created_at).total_seconds())))
    for name, moment in _moments(event):
        entry.add(name, moment)
    entry.add("summary", _summary(event), parameters={"LANGUAGE": language})
    if place := _place(event, online_at):
        entry.add("location", place)
    if online_at:
        entry.add("url", online_at)
    is_off = is_cancelled or event.status == EventStatus.CANCELLED
    entry.add("status", "CANCELLED" if is_off else "CONFIRMED")
    if organizer.email:
        entry.add("organizer", f"mailto:{organizer.email}", parameters={"CN": organizer.name})
    return entry


def _moments(event: Event) -> list[tuple[str, datetime]]:
    """Return when it begins and ends, on its own clock; in UTC where that clock shows one of them twice.

    A local time stands for the first of two (RFC 5545, 3.3.5), so that the second cannot be written as one.
    """
    zone = zone_named(event.time_zone)
    named = [("dtstart", event.starts_at), ("dtend", event.ends_at)]
    moments = [(name, moment.astimezone(zone)) for name, moment in named if moment is not None]
    if event.ends_at == event.starts_at:
        moments = moments[:1]
    if any(is_ambiguous(moment) for _, moment in moments):
        return [(name, moment.astimezone(UTC)) for name, moment in moments]
    return moments


def _summary(event: Event) -> str:
    if event.kind == EventKind.TRIP:
        return f"{event.title} ({event.origin} → {event.destination})"
    return event.title


def _place(event: Event, online_at: str) -> str:
    if event.location_type == LocationType.VIRTUAL:
        return online_at
    place = ", ".join(part for part in (event.venue_name, written_address(event)) if part)
    return place or (event.origin if event.kind == EventKind.TRIP else "")
