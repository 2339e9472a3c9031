"""What pages say about events, places and money, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.dateformat import format as format_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kassa.catalog.enums import EventKind, EventStatus
from kassa.catalog.models import Event
from kassa.notifications.domain.formats import format_money

DAY_AND_TIME = "l j F Y, H:i T"
TIME = "H:i"
DAY = "j F Y"


@dataclass(frozen=True, slots=True)
class EventFacts:
    """When and where something takes place, on its own clock."""

    title: str
    day: str
    """Such as ``Saturday 21 November 2026, 20:00 CET``; empty: it has no date yet."""
    ends: str
    """The time, on the same day, or the whole of it; empty: not said."""
    place: tuple[str, ...]
    """Lines of an address."""
    virtual_url: str
    is_cancelled: bool


def facts_of(event: Event) -> EventFacts:
    """Return what pages say about an event."""
    is_trip = event.kind == EventKind.TRIP
    city = " ".join(part for part in (event.zip_code, event.city) if part)
    lines = (f"{event.origin} → {event.destination}", event.vehicle) if is_trip else ()
    return EventFacts(
        title=event.title,
        day=moment_text(event.starts_at, event.time_zone) if event.starts_at else "",
        ends=_end_text(event),
        place=tuple(line for line in (*lines, event.venue_name, event.address, city) if line),
        virtual_url=event.virtual_event_url,
        is_cancelled=event.status == EventStatus.CANCELLED,
    )


def moment_text(moment: datetime, time_zone: str) -> str:
    """Return a moment in words, on the clock of a place."""
    return format_date(moment.astimezone(ZoneInfo(time_zone)), DAY_AND_TIME)


def day_text(moment: datetime, time_zone: str) -> str:
    """Return a day in words, on the calendar of a place: ``21 November 2026``."""
    return format_date(moment.astimezone(ZoneInfo(time_zone)), DAY)


def _end_text(event: Event) -> str:
    if event.starts_at is None or event.ends_at is None:
        return ""
    zone = ZoneInfo(event.time_zone)
    starts, ends = event.starts_at.astimezone(zone), event.ends_at.astimezone(zone)
    return format_date(ends, TIME if starts.date() == ends.date() else DAY_AND_TIME)


def amount_text(amount: Decimal, currency: str) -> str:
    """Return an amount as people write it, as messages do: ``€45.00``, ``45,00 €``."""
    language = get_language() or settings.LANGUAGE_CODE
    sign = "\N{MINUS SIGN}" if amount < 0 else ""
    return sign + format_money(abs(amount), currency, language)


def price_text(amount: Decimal, currency: str) -> str:
    """Return what one costs as people write it; what costs nothing is free."""
    return amount_text(amount, currency) if amount else _("Free")
