"""A ticket as both wallets want it: what is on it, in the holder's language. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kassa.catalog.enums import EventKind
from kassa.catalog.models import Event
from kassa.core.formatting import format_date, format_time, zone_named
from kassa.orders.domain.codes import spaced
from kassa.orders.models import Ticket
from kassa.tickets.domain.looks import look_of
from kassa.tickets.domain.pages import entrance_of, full_name, seat_parts, written_place
from kassa.tickets.domain.printed import Printed
from kassa.tickets.domain.words import words_in


@dataclass(frozen=True, slots=True)
class WalletTicket:
    ticket: Ticket
    event: Event
    organizer: str
    slug: str
    """The organisation's, for addresses of its own."""
    language: str
    words: Mapping[str, str]
    look: Mapping[str, Any]
    logo: bytes
    """The design's logo if it is a PNG; else empty."""
    order_number: str
    holder: str
    ticket_type: str
    seat: list[tuple[str, str]]
    """Labels and values, such as row and seat."""
    entrance: str
    place: str
    address: str
    date: str
    time: str
    departs: datetime | None
    arrives: datetime | None
    qr: str

    @property
    def id(self) -> UUID:
        return self.ticket.id

    @property
    def code(self) -> str:
        return spaced(self.ticket.code)

    @property
    def is_trip(self) -> bool:
        return self.event.kind == EventKind.TRIP

    def seat_named(self, name: str) -> str:
        """Return one part of the seat by its word, such as ``row``."""
        return next((value for label, value in self.seat if label == self.words[name]), "")


def wallet_ticket(ticket: Ticket, printed: Printed, *, qr: str, language: str | None) -> WalletTicket:
    """Return what a wallet shows of a ticket."""
    order, event = printed.orders[ticket.order_id], printed.events[ticket.event_id]
    ticket_type = printed.ticket_types[ticket.ticket_type_id]
    chosen = language or printed.language_of(order)
    words = words_in(chosen)
    zone = zone_named(event.time_zone)
    starts = None if event.starts_at is None else event.starts_at.astimezone(zone)
    design = printed.design_of(event.id)
    is_png = design is not None and design.logo is not None and design.logo_type == "image/png"
    place = written_place(event, words)
    seat = None if ticket.seat_id is None else printed.seats.get(ticket.seat_id)
    return WalletTicket(
        ticket=ticket,
        event=event,
        organizer=printed.organization.name,
        slug=printed.organization.slug,
        language=chosen,
        words=words,
        look=look_of(design, printed.settings, language=chosen),
        logo=bytes(design.logo) if is_png and design is not None and design.logo is not None else b"",
        order_number=order.number,
        holder=full_name(ticket.attendee_first_name, ticket.attendee_last_name),
        ticket_type=ticket_type.name,
        seat=[(part["label"], part["value"]) for part in seat_parts(ticket, seat, words)],
        entrance=entrance_of(event, ticket_type),
        place=place["name"],
        address=place["address"],
        date=words["unscheduled"] if starts is None else format_date(starts, chosen),
        time="" if starts is None else format_time(starts, zone, chosen),
        departs=starts,
        arrives=None if event.ends_at is None else event.ends_at.astimezone(zone),
        qr=qr,
    )
