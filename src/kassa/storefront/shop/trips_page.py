"""Trips by from, to and day, with what they cost on the days around."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from kassa.catalog.enums import EventKind
from kassa.catalog.models import Event
from kassa.catalog.queries import coming, listed_events_of
from kassa.core.clock import utc_now
from kassa.core.formatting import format_date
from kassa.core.search_text import fold
from kassa.storefront.formatting import present_locale, price_text
from kassa.storefront.shop.cards import Card, cards_of
from kassa.storefront.shop.context import share
from kassa.storefront.shop.filters import day_in, text_in
from kassa.storefront.shop.listing import beginning_of, choices_of
from kassa.storefront.shop.routes import Route, places_of, routes_of
from kassa.storefront.shop_pages import shop_page, show_page
from kassa.storefront.shops import Shop

DAYS_AROUND = 3
MOST_TRIPS = 400
"""On all the days that a page looks at; more than a coach line runs in a week."""


@dataclass(frozen=True, slots=True)
class Asked:
    """From where, to where and when somebody wants to go, as they typed it."""

    origin: str
    destination: str
    typed_day: str
    day: date | None
    problem: str
    """What is wrong with it, in a sentence; empty: nothing."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day around the one that is asked for, with its lowest price."""

    label: str
    link: str
    is_current: bool
    price_text: str
    """Empty: no trip is to be had that day."""


@shop_page()
def trips_page(request: HttpRequest, *, shop: Shop) -> HttpResponse:
    """Show the trips of a day; without a day, the next day on which there are any."""
    now = utc_now()
    zone = choices_of(shop, now=now).time_zone
    today = now.astimezone(ZoneInfo(zone)).date()
    routes = routes_of(shop, now=now)
    asked = _asked(request, routes)
    day = max(asked.day, today) if asked.day else _next_day(shop, asked, zone, now) or today
    cards = _trips_around(shop, asked, day, zone, now)
    context: dict[str, Any] = {
        "asked": asked,
        **places_of(routes),
        "routes": routes if not (asked.origin or asked.destination) else (),
        "day": day,
        "day_text": format_date(day, present_locale()),
        "today": today,
        "trips": [card for card in cards if _day_of(card.event, zone) == day],
        "days": _days(cards, asked, day, today, zone),
        "back": _link(asked.destination, asked.origin, day),
        "here": "trips",
        "share": share(shop, f"{shop.at}/trips", title=_("Trips")),
    }
    return show_page(request, "shop/trips.html", context, shop=shop)


def _asked(request: HttpRequest, routes: tuple[Route, ...]) -> Asked:
    """Read what is asked for; a place is known however it is capitalised, and without its accents."""
    typed = text_in(request.GET, "date")
    origin, destination = text_in(request.GET, "from"), text_in(request.GET, "to")
    origins = {fold(route.origin): route.origin for route in routes}
    destinations = {fold(route.destination): route.destination for route in routes}
    day, problem = day_in(typed), ""
    if typed and day is None:
        problem = _("This is not a date. Write it as 2026-11-28.")
    for place, known in ((destination, destinations), (origin, origins)):
        if place and fold(place) not in known:
            text = _("We have no trips from or to “%(place)s”. Please choose one of the places below.")
            problem = text % {"place": place}
    return Asked(
        origin=origins.get(fold(origin), origin),
        destination=destinations.get(fold(destination), destination),
        typed_day=typed,
        day=day,
        problem=problem,
    )


def _next_day(shop: Shop, asked: Asked, zone: str, now: datetime) -> date | None:
    first = _trips(shop, asked, now).order_by("starts_at").values_list("starts_at", flat=True).first()
    return first.astimezone(ZoneInfo(zone)).date() if first else None


def _trips_around(shop: Shop, asked: Asked, day: date, zone: str, now: datetime) -> tuple[Card, ...]:
    begins = beginning_of(day - timedelta(days=DAYS_AROUND), zone)
    ends = beginning_of(day + timedelta(days=DAYS_AROUND + 1), zone)
    trips = _trips(shop, asked, now).filter(starts_at__gte=begins, starts_at__lt=ends)
    return cards_of(shop, list(trips.order_by("starts_at", "id")[:MOST_TRIPS]), now=now)


def _trips(shop: Shop, asked: Asked, now: datetime) -> QuerySet[Event]:
    trips = listed_events_of(shop.organization_id).filter(coming(now=now), kind=EventKind.TRIP)
    if asked.origin:
        trips = trips.filter(origin=asked.origin)
    if asked.destination:
        trips = trips.filter(destination=asked.destination)
    return trips


def _days(cards: tuple[Card, ...], asked: Asked, day: date, today: date, zone: str) -> tuple[Day, ...]:
    shown = (day + timedelta(days=step) for step in range(-DAYS_AROUND, DAYS_AROUND + 1))
    return tuple(
        Day(
            label=format_date(one, present_locale(), "short"),
            link=_link(asked.origin, asked.destination, one),
            is_current=one == day,
            price_text=_lowest([card for card in cards if _day_of(card.event, zone) == one]),
        )
        for one in shown
        if one >= today
    )


def _lowest(cards: list[Card]) -> str:
    """Return the lowest price that can be had, of the first currency; trips of a shop have mostly one."""
    had = [(card.price, card.event.currency) for card in cards if card.is_dear and card.price is not None]
    if not had:
        return ""
    currency = had[0][1]
    return price_text(min(price for price, other in had if other == currency), currency)


def _day_of(event: Event, zone: str) -> date | None:
    return event.starts_at.astimezone(ZoneInfo(zone)).date() if event.starts_at else None


def _link(origin: str, destination: str, day: date) -> str:
    asked = {"from": origin, "to": destination, "date": day.isoformat()}
    return f"?{urlencode({name: value for name, value in asked.items() if value})}"
