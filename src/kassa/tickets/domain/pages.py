"""A ticket as the template sets it: every word that is printed, in one language. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from kassa.catalog.enums import EventKind, EventStatus, LocationType
from kassa.catalog.models import Event, TicketType
from kassa.core.formatting import (
    describe_span,
    format_date,
    format_money,
    format_time,
    is_ambiguous,
    name_clock,
    zone_named,
)
from kassa.orders.domain.codes import spaced
from kassa.orders.models import Order, Ticket
from kassa.seating.models import EventSeat
from kassa.typesetting.text import tidy, tidy_line, width_of

Words = Mapping[str, str]
Entries = list[dict[str, Any]]

TEMPLATE = Path(__file__).parent.parent / "typst" / "ticket.typ"
SURELY_TWO_LINES = 25
"""How wide a title may be, in times its size, that surely fits in its largest size."""


def ticket_page(
    ticket: Ticket,
    *,
    order: Order,
    event: Event,
    ticket_type: TicketType,
    seat: EventSeat | None,
    qr: str,
    design: str,
    shows_price: bool,
    is_given_away: bool,
    count: str,
    language: str,
    words: Words,
) -> dict[str, Any]:
    """Return the page of one ticket. Who got it from somebody else does not learn what that person paid."""
    kind = _kind(event)
    title = tidy_line(event.title)
    details = [_entry(words["order"], order.number)]
    if shows_price and not is_given_away:
        details.append(
            _entry(words["price"], written_price(ticket.price_paid, order.currency, language, words))
        )
    if not is_given_away:
        details.append(
            _entry(words["bought_by"], full_name(order.customer_first_name, order.customer_last_name))
        )
    details += _whereabouts(event, words)
    return {
        "design": design,
        "what": words[f"ticket{kind}"],
        "count": count,
        "title": title,
        "title_fits": width_of(title) < SURELY_TWO_LINES,
        "when": written_when(event, language=language, words=words),
        "place": written_place(event, words),
        "trip": _trip(event, language) if event.kind == EventKind.TRIP else None,
        "facts": _facts(ticket, event, ticket_type, seat, words),
        "code": spaced(ticket.code),
        "qr": qr,
        "order_line": order.number,
        "about_title": words[f"about{kind}"],
        "about": tidy(event.short_description),
        "details": [entry for entry in details if entry["value"]],
        "mark": words["cancelled"] if event.status == EventStatus.CANCELLED else "",
    }


def full_name(first: str, last: str) -> str:
    return tidy_line(f"{first} {last}")


def written_price(amount: Decimal, currency: str, language: str, words: Words) -> str:
    return words["free"] if amount == 0 else format_money(amount, currency, language)


def written_when(event: Event, *, language: str, words: Words) -> dict[str, str]:
    """Return when an event is, in two lines and its clock."""
    if event.starts_at is None:
        return {"first": words["unscheduled"], "second": "", "zone": ""}
    span = describe_span(event.starts_at, event.ends_at, zone_named(event.time_zone), language)
    if not span.last_day:
        return {"first": span.first_day, "second": span.times, "zone": span.clock}
    return {
        "first": f"{span.first_day}, {span.start}",
        "second": words["until"].format(moment=f"{span.last_day}, {span.end}"),
        "zone": span.clock,
    }


def written_place(event: Event, words: Words) -> dict[str, str]:
    """Return where an event is: what the place is called, and its address."""
    if event.location_type == LocationType.VIRTUAL:
        return {"name": words["online"], "address": tidy_line(event.virtual_event_url)}
    name, address = tidy_line(event.venue_name), tidy_line(written_address(event))
    return {"name": name, "address": address} if name else {"name": address, "address": ""}


def written_address(event: Event) -> str:
    town = " ".join(part for part in (event.zip_code, event.city) if part)
    return ", ".join(part for part in (event.address, town) if part)


def seat_parts(ticket: Ticket, seat: EventSeat | None, words: Words) -> Entries:
    """Return section, row and seat; in one piece where the seat is known by its label alone."""
    if seat is not None:
        parts = (("section", seat.section), ("row", seat.row), ("seat", seat.number))
        return [_entry(words[name], value) for name, value in parts if value]
    return [_entry(words["seat"], ticket.seat_label)] if ticket.seat_label else []


def entrance_of(event: Event, ticket_type: TicketType) -> str:
    """Return the entrance or gate that the organiser has written down, if any."""
    for metadata in (ticket_type.metadata, event.metadata):
        for name in ("entrance", "gate", "door"):
            value = metadata.get(name)
            if isinstance(value, str | int) and str(value).strip():
                return str(value)[:60]
    return ""


def _facts(
    ticket: Ticket, event: Event, ticket_type: TicketType, seat: EventSeat | None, words: Words
) -> list[Entries]:
    """Return the rows of what is looked for at the door: who, and below it where to go."""
    kind = _kind(event)
    name = full_name(ticket.attendee_first_name, ticket.attendee_last_name)
    who = [_entry(words[f"name{kind}"], name, share=3)] if name else []
    who.append(_entry(words["ticket_type"], ticket_type.name, share=2))
    where = seat_parts(ticket, seat, words)
    if entrance := entrance_of(event, ticket_type):
        where.append(_entry(words["entrance"], entrance))
    if event.kind == EventKind.TRIP and event.vehicle:
        where.append(_entry(words["vehicle"], event.vehicle, share=1.5))
    return [who, where] if where else [who]


def _kind(event: Event) -> str:
    """Return what the words for an event of this kind end in."""
    return "" if event.kind == EventKind.EVENT else f"_{event.kind}"


def _trip(event: Event, language: str) -> dict[str, Any]:
    zone = zone_named(event.time_zone)
    return {
        "origin": tidy_line(event.origin),
        "destination": tidy_line(event.destination),
        "departure": _stop(event.starts_at, zone, language),
        "arrival": _stop(event.ends_at, zone, language),
    }


def _stop(moment: datetime | None, zone: Any, language: str) -> dict[str, str]:
    if moment is None:
        return {"time": "", "date": "", "zone": ""}
    local = moment.astimezone(zone)
    return {
        "time": format_time(moment, zone, language),
        "date": format_date(local, language),
        "zone": "" if is_ambiguous(local) else name_clock(local),
    }


def _whereabouts(event: Event, words: Words) -> Entries:
    entries = []
    if event.kind == EventKind.TRIP:
        place = written_place(event, words)
        entries.append(_entry(words["departure_point"], ", ".join(filter(None, place.values()))))
    if event.location_type == LocationType.HYBRID:
        entries.append(_entry(words["link"], event.virtual_event_url))
    return entries


def _entry(label: str, value: str, *, share: float = 1) -> dict[str, Any]:
    return {"label": label, "value": tidy_line(value), "share": share}


def contact_line(parts: Sequence[str]) -> str:
    """Return how to reach an organisation, in one line of the foot."""
    return tidy_line(" · ".join(part for part in parts if part))
