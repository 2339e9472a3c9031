"""What is on in a month: a sheet of days, and the same as a list."""

from __future__ import annotations

import calendar
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from kassa.catalog.enums import EventKind
from kassa.catalog.models import Event
from kassa.catalog.queries import listed_events_of
from kassa.core.clock import utc_now
from kassa.core.formatting import format_date
from kassa.storefront.formatting import present_locale
from kassa.storefront.shop.cards import Card, cards_of
from kassa.storefront.shop.context import share
from kassa.storefront.shop.filters import YEARS
from kassa.storefront.shop.listing import beginning_of, choices_of
from kassa.storefront.shop_pages import shop_page, show_page
from kassa.storefront.shops import Shop

MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
MOST_EVENTS = 500
NIGHT = timedelta(hours=6)
"""What ends so early in the morning belongs to the evening before."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the sheet, with what takes place on it."""

    day: date
    is_within: bool
    is_today: bool
    cards: tuple[Card, ...]

    @property
    def title(self) -> str:
        return format_date(self.day, present_locale())


@shop_page()
def month_page(request: HttpRequest, *, shop: Shop) -> HttpResponse:
    """Show a month; the present one unless the address names another."""
    now = utc_now()
    zone = choices_of(shop, now=now).time_zone
    today = now.astimezone(ZoneInfo(zone)).date()
    first = _month_in(request.GET.get("month", "")) or today.replace(day=1)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    events = _events(shop, weeks[0][0], weeks[-1][-1], zone)
    cards = cards_of(shop, list(events.order_by("starts_at", "id")[:MOST_EVENTS]), now=now)
    by_day: defaultdict[date, list[Card]] = defaultdict(list)
    for card in cards:
        for day in _days_of(card.event, zone, weeks[0][0], weeks[-1][-1]):
            by_day[day].append(card)
    sheet = [
        [Day(day, day.month == first.month, day == today, tuple(by_day[day])) for day in week]
        for week in weeks
    ]
    locale = present_locale()
    title = format_date(first, locale, "month")
    context: dict[str, Any] = {
        "first": first,
        "title": title,
        "weekdays": [
            (format_date(day, locale, "short_weekday"), format_date(day, locale, "weekday"))
            for day in weeks[0]
        ],
        "weeks": sheet,
        "days": [day for week in sheet for day in week if day.is_within and day.cards],
        "before": _link(first - timedelta(days=1)),
        "after": _link(first + timedelta(days=31)),
        "is_present": first == today.replace(day=1),
        "here": "calendar",
        "feed": f"{shop.home}/calendar.ics",
        "share": share(shop, f"{shop.at}/calendar", title=title),
    }
    return show_page(request, "shop/month.html", context, shop=shop)


def _weekday(day: date, locale: str) -> tuple[str, str]:
    return format_date(day, locale, "short_weekday"), format_date(day, locale, "weekday")


def _events(shop: Shop, first: date, last: date, zone: str) -> QuerySet[Event]:
    begins, ends = beginning_of(first, zone), beginning_of(last + timedelta(days=1), zone)
    return (
        listed_events_of(shop.organization_id)
        .exclude(kind=EventKind.TRIP)
        .filter(Q(starts_at__gte=begins) | Q(ends_at__gt=begins), starts_at__lt=ends)
    )


def _days_of(event: Event, zone: str, first: date, last: date) -> Iterator[date]:
    """Return the days between two on which an event takes place."""
    if event.starts_at is None:
        return
    clock = ZoneInfo(zone)
    day = max(first, event.starts_at.astimezone(clock).date())
    ends: datetime = max(event.starts_at, (event.ends_at or event.starts_at) - NIGHT)
    last = min(last, ends.astimezone(clock).date())
    while day <= last:
        yield day
        day += timedelta(days=1)


def _month_in(text: str) -> date | None:
    found = MONTH.fullmatch(text)
    if found is None or int(found[1]) not in YEARS:
        return None
    return date(int(found[1]), int(found[2]), 1)


def _link(day: date) -> str:
    return f"?month={day:%Y-%m}"
