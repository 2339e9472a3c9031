"""What a visitor puts into a calendar: one entry for each event, however many tickets they have for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from icalendar import Calendar
from icalendar import Event as Entry

from kassa.catalog.enums import EventKind, EventStatus, LocationType
from kassa.catalog.models import Event
from kassa.core.formatting import zone_named
from kassa.orders.models import Ticket
from kassa.tickets.domain.pages import full_name, seat_parts, written_address
from kassa.tickets.domain.printed import Printed, read_printed
from kassa.tickets.domain.words import words_in
from kassa.tickets.errors import NothingScheduled

PRODUCT = "-//Kassa//Tickets//EN"


class Organizer(Protocol):
    """Who puts something on."""

    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...


def calendar_file(
    organization_id: UUID,
    *,
    order_id: UUID | None = None,
    ticket_ids: Collection[UUID] | None = None,
    language: str | None = None,
    now: datetime,
) -> bytes:
    """Return an iCalendar file with the events of an order's tickets, or of some tickets.

    An event keeps its entry's id, so that opening a later file moves the entry instead of adding one.

    Raises:
        NotFound: there is no such order, or one of the tickets does not exist.
        NoTicketsToPrint: none of them is valid or used.
        NothingScheduled: none of the events has a date yet.
    """
    printed = read_printed(organization_id, order_id=order_id, ticket_ids=ticket_ids)
    chosen = language or printed.language_of(printed.orders[printed.tickets[0].order_id])
    scheduled = [event for event in printed.events.values() if event.starts_at is not None]
    if not scheduled:
        raise NothingScheduled
    return write_calendar(
        (
            _entry(event, printed, language=chosen, now=now)
            for event in sorted(scheduled, key=lambda each: (each.starts_at or now, each.id))
        ),
        scheduled,
    )


def write_calendar(entries: Iterable[Entry], events: Iterable[Event], *, name: str = "") -> bytes:
    """Return an iCalendar file with the entries of some events; ``name`` is what a subscription is called."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    if name:
        calendar.add("x-wr-calname", name)
    for entry in entries:
        calendar.add_component(entry)
    _add_zones(calendar, events)
    made: bytes = calendar.to_ical()
    return made


def event_entry(event: Event, organizer: Organizer, *, online_at: str, language: str, now: datetime) -> Entry:
    """Return an event as an entry that keeps its id, whatever file it is in.

    ``online_at`` is where it can be joined from elsewhere, as far as the reader may know; empty: nowhere.
    """
    entry = Entry()
    entry.add("uid", f"{event.id}@kassa")
    entry.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    entry.add("last-modified", event.updated_at.astimezone(UTC).replace(microsecond=0))
    entry.add("sequence", max(0, int((event.updated_at - event.created_at).total_seconds())))
    for name, moment in (("dtstart", event.starts_at), ("dtend", event.ends_at)):
        if moment is not None:
            entry.add(name, moment.astimezone(zone_named(event.time_zone)))
    entry.add("summary", _summary(event), parameters={"LANGUAGE": language})
    if place := _place(event, online_at):
        entry.add("location", place)
    if online_at:
        entry.add("url", online_at)
    entry.add("status", "CANCELLED" if event.status == EventStatus.CANCELLED else "CONFIRMED")
    entry.add("organizer", f"mailto:{organizer.email}", parameters={"CN": organizer.name})
    return entry


def _entry(event: Event, printed: Printed, *, language: str, now: datetime) -> Entry:
    online_at = event.virtual_event_url if event.location_type != LocationType.PHYSICAL else ""
    entry = event_entry(event, printed.organization, online_at=online_at, language=language, now=now)
    tickets = [ticket for ticket in printed.tickets if ticket.event_id == event.id]
    entry.add("description", _description(tickets, printed, language), parameters={"LANGUAGE": language})
    return entry


def _summary(event: Event) -> str:
    if event.kind == EventKind.TRIP:
        return f"{event.title} ({event.origin} → {event.destination})"
    return event.title


def _place(event: Event, online_at: str) -> str:
    if event.location_type == LocationType.VIRTUAL:
        return online_at
    place = ", ".join(part for part in (event.venue_name, written_address(event)) if part)
    return place or (event.origin if event.kind == EventKind.TRIP else "")


def _description(tickets: Iterable[Ticket], printed: Printed, language: str) -> str:
    """Return who goes and where they sit; no codes, for calendars are shared."""
    words = words_in(language)
    lines, numbers = [], []
    for ticket in tickets:
        seat = None if ticket.seat_id is None else printed.seats.get(ticket.seat_id)
        parts = [
            full_name(ticket.attendee_first_name, ticket.attendee_last_name),
            printed.ticket_types[ticket.ticket_type_id].name,
            *(f"{part['label']} {part['value']}" for part in seat_parts(ticket, seat, words)),
        ]
        lines.append(f"{words['ticket']}: {', '.join(part for part in parts if part)}")
        numbers.append(printed.orders[ticket.order_id].number)
    orders = ", ".join(dict.fromkeys(numbers))
    return "\n".join([*lines, f"{words['order']}: {orders}", printed.organization.name])


def _add_zones(calendar: Calendar, events: Iterable[Event]) -> None:
    """Describe the clocks that the entries name, for the days around them."""
    days: list[date] = [
        moment.date() for event in events for moment in (event.starts_at, event.ends_at) if moment is not None
    ]
    around = timedelta(days=366)
    calendar.add_missing_timezones(first_date=min(days) - around, last_date=max(days) + around)
