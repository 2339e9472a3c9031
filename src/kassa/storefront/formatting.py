"""What pages say about events, places and money, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kassa.catalog.enums import EventKind, EventStatus
from kassa.catalog.models import Event
from kassa.core.formatting import (
    describe_span,
    format_date,
    format_datetime,
    format_money,
    format_percent,
    format_time,
    zone_named,
)


@dataclass(frozen=True, slots=True)
class EventFacts:
    """When and where something takes place, on its own clock."""

    title: str
    day: str
    """Such as ``Saturday 21 November 2026, 20:00 CET``; empty: it has no date yet. Where the clock is changed
    before it ends, all of it: ``Sunday 31 October 2027, 02:45 CEST - 02:15 CET``."""
    ends: str
    """The time, on the same day, or the whole of it; empty: not said, or said already."""
    place: tuple[str, ...]
    """Lines of an address."""
    virtual_url: str
    is_cancelled: bool


def facts_of(event: Event) -> EventFacts:
    """Return what pages say about an event."""
    day, ends = _day_and_end(event)
    is_trip = event.kind == EventKind.TRIP
    city = " ".join(part for part in (event.zip_code, event.city) if part)
    lines = (f"{event.origin} → {event.destination}", event.vehicle) if is_trip else ()
    return EventFacts(
        title=event.title,
        day=day,
        ends=ends,
        place=tuple(line for line in (*lines, event.venue_name, event.address, city) if line),
        virtual_url=event.virtual_event_url,
        is_cancelled=event.status == EventStatus.CANCELLED,
    )


def present_locale() -> str:
    """Return the locale that the present page is written in."""
    return get_language() or settings.LANGUAGE_CODE


def moment_text(moment: datetime, time_zone: str) -> str:
    """Return a moment in words, on the clock of a place."""
    return format_datetime(moment, zone_named(time_zone), present_locale())


def day_text(moment: datetime, time_zone: str) -> str:
    """Return a day in words, on the calendar of a place: ``21 November 2026``."""
    return format_date(moment.astimezone(zone_named(time_zone)), present_locale(), "long")


def time_text(moment: datetime, time_zone: str) -> str:
    """Return a time of day, on the clock of a place: ``20:00``."""
    return format_time(moment, zone_named(time_zone), present_locale())


def _day_and_end(event: Event) -> tuple[str, str]:
    if event.starts_at is None:
        return "", ""
    span = describe_span(event.starts_at, event.ends_at, zone_named(event.time_zone), present_locale())
    if not span.clock:
        return str(span), ""
    end = f"{span.last_day}, {span.end} {span.clock}" if span.last_day else span.end
    return f"{span.first_day}, {span.start} {span.clock}", end


def amount_text(amount: Decimal, currency: str) -> str:
    """Return an amount as people write it: ``€45.00``, ``45,00 €``."""
    return format_money(amount, currency, present_locale())


def price_text(amount: Decimal, currency: str) -> str:
    """Return what one costs as people write it; what costs nothing is free."""
    return amount_text(amount, currency) if amount else _("Free")


def tax_label(name: str, rate: Decimal) -> str:
    """Return a tax with its rate as the present language writes it: ``VAT 7%``, ``TVA 7 %``."""
    return f"{name} {format_percent(rate, present_locale())}"
