"""The tickets of an order as its buyer sees them, event by event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.safestring import SafeString

from kassa.catalog.models import Event
from kassa.orders.domain.codes import spaced
from kassa.orders.enums import ADMITTING_TICKETS
from kassa.orders.models import Order, Ticket
from kassa.pictures.queries import ShownPicture, shown_pictures
from kassa.storefront.formatting import EventFacts, amount_text, facts_of
from kassa.storefront.messages import TICKET, Standing
from kassa.storefront.tickets.qr_picture import draw_qr_codes
from kassa.tickets.domain.capabilities import can_print, ticket_state
from kassa.tickets.domain.links import ticket_token

LETTERS_SHOWN = 1
MOST_QR_CODES = 12
"""Of more tickets the others show theirs on their own pages."""


@dataclass(frozen=True, slots=True)
class TicketLine:
    """A ticket in a list. One that was given away shows neither its code nor a link."""

    ticket: Ticket
    type_name: str
    standing: Standing
    token: str
    """Opens its own page; empty: there is none for the buyer."""
    given_to: str
    """Who has it now, all but hidden; empty: it was not given away."""
    price: str
    code: str
    """As people read it; empty: there is none for the buyer."""
    qr: SafeString | None = None
    """Its QR code. None: it lets nobody in, or there are too many to show at once."""

    @property
    def holder_name(self) -> str:
        if self.given_to:
            return ""
        return f"{self.ticket.attendee_first_name} {self.ticket.attendee_last_name}".strip()


@dataclass(frozen=True, slots=True)
class EventTickets:
    """The tickets of one event."""

    event: Event
    facts: EventFacts
    poster: ShownPicture | None
    """None: it has none that a page can show."""
    lines: tuple[TicketLine, ...]


def tickets_by_event(
    order: Order,
    tickets: Sequence[Ticket],
    events: Mapping[UUID, Event],
    type_names: Mapping[UUID, str],
    *,
    now: datetime,
) -> tuple[EventTickets, ...]:
    """Return the tickets of an order by event, in the order in which the events begin."""
    shown = [ticket for ticket in tickets if can_print(ticket, order, now=now)][:MOST_QR_CODES]
    drawn = draw_qr_codes(order.organization_id, shown, now=now) if shown else {}
    posters = shown_pictures(order.organization_id, {event.featured_image for event in events.values()})
    return tuple(
        EventTickets(
            event,
            facts_of(event),
            posters.get(event.featured_image),
            tuple(
                _line(ticket, order, type_names[ticket.ticket_type_id], drawn.get(ticket.id), now)
                for ticket in tickets
                if ticket.event_id == event.id
            ),
        )
        for event in sorted(events.values(), key=_when)
    )


def hidden(email: str) -> str:
    """Return an e-mail address by which those who know it recognise it, and nobody else."""
    name, _, domain = email.partition("@")
    return f"{name[:LETTERS_SHOWN]}…@{domain}"


def _when(event: Event) -> tuple[bool, float, UUID]:
    starts_at = event.starts_at
    return (starts_at is None, starts_at.timestamp() if starts_at else 0.0, event.id)


def _token(ticket: Ticket) -> str:
    return ticket_token(ticket.organization_id, ticket.id, ticket.link_generation, ticket.code)


def _line(ticket: Ticket, order: Order, type_name: str, qr: SafeString | None, now: datetime) -> TicketLine:
    is_given = ticket.transferred_at is not None
    is_live = ticket.status in ADMITTING_TICKETS
    return TicketLine(
        ticket=ticket,
        type_name=type_name,
        standing=TICKET["given" if is_given and is_live else ticket_state(ticket, order, now=now)],
        token=_token(ticket) if is_live and not is_given else "",
        given_to=hidden(ticket.transferred_to) if is_given else "",
        price=amount_text(ticket.price_paid, order.currency),
        code=spaced(ticket.code) if qr else "",
        qr=qr,
    )
