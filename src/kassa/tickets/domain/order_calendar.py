"""What a buyer or a holder puts into a calendar: an entry for each event of an order, or for one ticket.

Each order and each ticket has entries of its own, told apart by their ids: a second order for the same event
stands beside the first. A later file changes the entries of an earlier one; the sequence number says which is
newer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max
from icalendar import Event as Entry

from kassa.catalog.enums import LocationType
from kassa.catalog.models import Event
from kassa.orders.models import Order, Ticket
from kassa.orders.queries import orders_of
from kassa.organizations.queries import organization_settings
from kassa.tickets.domain.calendar import Organizer, event_entry, write_calendar
from kassa.tickets.domain.pages import full_name, seat_parts
from kassa.tickets.domain.printed import Printed, read_printed
from kassa.tickets.domain.words import words_in
from kassa.tickets.errors import NothingScheduled, NoTicketsToPrint
from kassa.tickets.queries import tickets_of


@dataclass(frozen=True, slots=True)
class CalendarHolding:
    """What somebody has of a dated event, as one entry of their calendar."""

    event: Event
    holding_id: UUID
    """The order's, for its buyer; else that of a single ticket."""
    tickets: tuple[Ticket, ...]
    """Those that they have still; none: the entry is struck out."""


def calendar_file(
    organization_id: UUID,
    *,
    order_id: UUID | None = None,
    ticket_ids: Collection[UUID] | None = None,
    language: str | None = None,
    now: datetime,
) -> bytes:
    """Return an iCalendar file with the events of an order, or of some tickets for who holds just those.

    ``order_id`` with ``ticket_ids``: the entries of the order, which name these tickets only.

    Raises:
        NotFound: there is no such order, or one of the tickets does not exist.
        NoTicketsToPrint: none of them is valid or used.
        NothingScheduled: none of the events has a date yet.
    """
    printed = read_printed(organization_id, order_id=order_id, ticket_ids=ticket_ids)
    chosen = language or printed.language_of(printed.orders[printed.tickets[0].order_id])
    held: defaultdict[tuple[UUID, UUID], list[Ticket]] = defaultdict(list)
    for ticket in printed.tickets:
        if printed.events[ticket.event_id].starts_at is not None:
            held[ticket.event_id, order_id or ticket.id].append(ticket)
    if not held:
        raise NothingScheduled
    changes = _last_changes(organization_id, printed.orders)
    dated = [(printed.events[event_id], holding, tickets) for (event_id, holding), tickets in held.items()]
    dated.sort(key=lambda one: (one[0].starts_at or now, one[0].id, one[1]))
    return write_calendar(
        [
            _entry(
                event,
                printed.organization,
                holding=holding,
                changed_at=changes[tickets[0].order_id],
                description=_description(tickets, printed, chosen),
                language=chosen,
                now=now,
            )
            for event, holding, tickets in dated
        ]
    )


def calendar_update(
    order: Order, holdings: Sequence[CalendarHolding], *, language: str, now: datetime
) -> bytes:
    """Return what brings entries of an order, or of tickets of it, up to date in somebody's calendar."""
    organization_id = order.organization_id
    printed = _printable(organization_id, [ticket.id for one in holdings for ticket in one.tickets])
    organizer = organization_settings(organization_id).organization
    changed_at = _last_changes(organization_id, [order.id])[order.id]
    entries = []
    for one in holdings:
        held = {ticket.id for ticket in one.tickets}
        tickets = [ticket for ticket in printed.tickets if ticket.id in held] if printed else []
        entry = _entry(
            one.event,
            organizer,
            holding=one.holding_id,
            changed_at=changed_at,
            description=_description(tickets, printed, language) if printed and tickets else "",
            language=language,
            now=now,
        )
        entries.append(entry)
    return write_calendar(entries)


def _printable(organization_id: UUID, ticket_ids: Collection[UUID]) -> Printed | None:
    """Return those of some tickets that let somebody in still. None: none of them does."""
    if not ticket_ids:
        return None
    try:
        return read_printed(organization_id, ticket_ids=ticket_ids)
    except NoTicketsToPrint:
        return None


def _entry(
    event: Event,
    organizer: Organizer,
    *,
    holding: UUID,
    changed_at: datetime,
    description: str,
    language: str,
    now: datetime,
) -> Entry:
    """Return the entry of who has an order or a ticket; without a description they have nothing any more."""
    is_elsewhere = event.location_type != LocationType.PHYSICAL
    entry = event_entry(
        event,
        organizer,
        uid=f"{event.id}-{holding}@kassa",
        online_at=event.virtual_event_url if is_elsewhere and description else "",
        language=language,
        now=now,
        changed_at=changed_at,
        is_cancelled=not description,
    )
    if description:
        entry.add("description", description, parameters={"LANGUAGE": language})
    return entry


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


def _last_changes(organization_id: UUID, order_ids: Iterable[UUID]) -> Mapping[UUID, datetime]:
    """Return when each order, or any ticket of it, was last changed.

    Tickets that are not in the file count as well: without one that was given back, it says something else.
    """
    wanted = list(order_ids)
    orders = orders_of(organization_id).filter(id__in=wanted).values_list("id", "updated_at")
    tickets = tickets_of(organization_id).filter(order_id__in=wanted).order_by().values("order_id")
    of_tickets = dict(tickets.annotate(last=Max("updated_at")).values_list("order_id", "last"))
    return {order_id: max(moment, of_tickets.get(order_id, moment)) for order_id, moment in orders}
