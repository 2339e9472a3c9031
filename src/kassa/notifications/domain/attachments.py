"""What goes with a message: made when it is sent or looked at, never kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from kassa.catalog.models import Event
from kassa.notifications.domain.facts import Facts
from kassa.notifications.domain.holders import attached_tickets, letting_in, tickets_of_reader
from kassa.notifications.enums import MessageKind
from kassa.notifications.models import Message
from kassa.orders.models import Ticket
from kassa.tickets.domain.documents import tickets_pdf
from kassa.tickets.domain.order_calendar import CalendarHolding, calendar_update
from kassa.tickets.queries import still_held, unprintable_letters

_K = MessageKind
File = tuple[str, bytes, str]
"""Name, content and type."""
PDF = "application/pdf"
CALENDAR = "text/calendar; method=PUBLISH"
NAMES = {"en": "tickets.pdf", "fr": "billets.pdf"}
CALENDAR_NAMES = {"en": "calendar.ics", "fr": "calendrier.ics"}
MOST_TICKETS = 100
"""More are never printed for a message: it would take seconds, at each try, and come out too large."""
WITH_CALENDAR = frozenset(
    {_K.EVENT_CHANGED, _K.EVENT_CANCELLED, _K.ORDER_CANCELLED, _K.ORDER_REFUNDED, _K.TICKET_GIVEN_AWAY}
)
"""They tell that something in a calendar is not true any more."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """What goes with a message, described."""

    name: str
    content_type: str


def attachments_of(message: Message, facts: Facts) -> list[Attachment]:
    """Return what goes with a message as things stand: its reader's valid tickets, or the change of dates."""
    found = []
    if attached_tickets(message, facts) and not links_tickets(message, facts):
        found.append(Attachment(NAMES[message.language], PDF))
    if _changed_dates(message, facts):
        found.append(Attachment(CALENDAR_NAMES[message.language], CALENDAR))
    return found


def attached_files(message: Message, facts: Facts, *, now: datetime) -> list[File]:
    """Return the files themselves: name, content and type."""
    return [*_tickets(message, facts, now), *_calendar(message, facts, now)]


def links_tickets(message: Message, facts: Facts) -> bool:
    """Say whether the tickets that belong to a message are too many, or too large, to go with it."""
    return bool(message.links_tickets) or len(attached_tickets(message, facts)) > MOST_TICKETS


def are_too_large(files: Sequence[File]) -> bool:
    """Say whether files are more than may go with one message."""
    return sum(len(content) for _, content, _ in files) > settings.MAIL_ATTACHMENT_BYTES


def unprintable_remark(message: Message, facts: Facts) -> str:
    """Return what the organiser is told of letters that a message's tickets cannot show; else nothing."""
    tickets = attached_tickets(message, facts)
    letters = {
        letter
        for ticket in tickets
        for letter in unprintable_letters(ticket, facts.events[ticket.event_id].title)
    }
    if not letters:
        return ""
    named = ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in sorted(letters))
    return f"No font has these letters, so boxes are printed in their place: {named}."


def _tickets(message: Message, facts: Facts, now: datetime) -> list[File]:
    if links_tickets(message, facts):
        return []
    organization_id = message.organization_id
    # The facts were read before the messages ahead of this one went out, and that may take minutes.
    tickets = still_held(organization_id, attached_tickets(message, facts))
    while tickets:
        ids = [ticket.id for ticket in tickets]
        content = tickets_pdf(organization_id, ticket_ids=ids, language=message.language, now=now)
        theirs = still_held(organization_id, tickets)
        if theirs == tickets:
            return [(NAMES[message.language], content, PDF)]
        tickets = theirs
    return []


def _calendar(message: Message, facts: Facts, now: datetime) -> list[File]:
    holdings = _changed_dates(message, facts)
    if not holdings:
        return []
    order = facts.orders[message.order_id]
    content = calendar_update(order, holdings, language=message.language, now=now)
    return [(CALENDAR_NAMES[message.language], content, CALENDAR)]


def _changed_dates(message: Message, facts: Facts) -> list[CalendarHolding]:
    """Return what a message changes in its reader's calendar; nothing, if no valid ticket put it there."""
    order = facts.orders[message.order_id]
    if message.kind not in WITH_CALENDAR or order.confirmed_at is None:
        return []
    tickets = facts.tickets.get(message.order_id, [])
    held = letting_in(tickets_of_reader(message, facts))
    events = [one for one in _events(message, facts, tickets) if one.starts_at is not None]
    if message.ticket_id is None or message.recipient.lower() == order.customer_email.lower():
        own = [ticket for ticket in tickets if not ticket.transferred_to and ticket in letting_in(tickets)]
        return [CalendarHolding(event, order.id, _for(event.id, own)) for event in events]
    # Whoever was given tickets of somebody else's order has an entry for each.
    holdings = [CalendarHolding(event, one.id, (one,)) for event in events for one in _for(event.id, held)]
    gone = [CalendarHolding(event, message.ticket_id, ()) for event in events]
    return holdings or gone


def _events(message: Message, facts: Facts, tickets: Sequence[Ticket]) -> list[Event]:
    if message.event_id is not None:
        return [facts.events[message.event_id]]
    return [facts.events[event_id] for event_id in dict.fromkeys(ticket.event_id for ticket in tickets)]


def _for(event_id: UUID, tickets: Sequence[Ticket]) -> tuple[Ticket, ...]:
    return tuple(ticket for ticket in tickets if ticket.event_id == event_id)
