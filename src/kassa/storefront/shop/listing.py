"""What a shop has on, as far as a visitor looks for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, QuerySet

from kassa.catalog.enums import EventKind
from kassa.catalog.models import Event
from kassa.catalog.queries import coming, listed_events_of
from kassa.catalog.search import has_tag, is_same, says
from kassa.core.search_text import fold
from kassa.core.ttl_cache import TTLCache
from kassa.storefront.shop.cards import Card, cards_of
from kassa.storefront.shop.filters import Filters
from kassa.storefront.shops import Shop

ON_A_PAGE = 24


@dataclass(frozen=True, slots=True)
class Choices:
    """What the coming events of a shop can be filtered by."""

    cities: tuple[str, ...]
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    kinds: frozenset[str]
    time_zone: str
    """The clock that most of them are on: its days are those of the filters."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of what was found."""

    cards: tuple[Card, ...]
    count: int
    page: int
    pages: int


_choices: TTLCache[UUID, Choices] = TTLCache("choices of filters", ttl=5.0, maxsize=2_000, wait=2.0)


def choices_of(shop: Shop, *, now: datetime) -> Choices:
    """Return what can be filtered by, a few seconds old at most.

    Raises:
        Busy: the database is slow to answer.
    """
    return _choices.get(shop.organization_id, lambda: _read_choices(shop.organization_id, now))


def spell_as_listed(filters: Filters, choices: Choices) -> Filters:
    """Return what is looked for in the spelling of the choices, where it is one of them."""
    listed = {"city": choices.cities, "category": choices.categories, "tag": choices.tags}
    spelled = {name: {fold(one): one for one in ones} for name, ones in listed.items()}
    asked = {name: getattr(filters, name) for name in listed}
    return replace(filters, **{name: spelled[name].get(fold(text), text) for name, text in asked.items()})


def found_events(
    organization_id: UUID, filters: Filters, *, time_zone: str, now: datetime
) -> QuerySet[Event]:
    """Return the coming events that a visitor looks for, the next first; trips only if asked for."""
    events = listed_events_of(organization_id).filter(coming(now=now))
    events = events.filter(kind=filters.kind) if filters.kind else events.exclude(kind=EventKind.TRIP)
    if filters.city:
        events = events.filter(is_same("city", filters.city))
    if filters.category:
        events = events.filter(is_same("category", filters.category))
    if filters.tag:
        events = events.filter(has_tag(filters.tag))
    words = says(filters.q)
    if words is not None:
        events = events.filter(words | has_tag(filters.q))
    if filters.first_day:
        begins = beginning_of(filters.first_day, time_zone)
        events = events.filter(Q(starts_at__gte=begins) | Q(ends_at__gt=begins))
    if filters.last_day:
        events = events.filter(starts_at__lt=beginning_of(filters.last_day + timedelta(days=1), time_zone))
    return events.order_by(F("starts_at").asc(nulls_last=True), "id")


def listing_of(shop: Shop, filters: Filters, *, now: datetime) -> Listing:
    """Return the page of events that a visitor asks for; one beyond the last is the last."""
    zone = choices_of(shop, now=now).time_zone
    events = found_events(shop.organization_id, filters, time_zone=zone, now=now)
    count = events.count()
    pages = max(1, -(-count // ON_A_PAGE))
    page = min(filters.page, pages)
    shown = list(events[(page - 1) * ON_A_PAGE : page * ON_A_PAGE])
    return Listing(cards=cards_of(shop, shown, now=now), count=count, page=page, pages=pages)


def beginning_of(day: date, time_zone: str) -> datetime:
    """Return when a day begins on a clock."""
    return datetime.combine(day, clock(), ZoneInfo(time_zone)).astimezone(UTC)


def _read_choices(organization_id: UUID, now: datetime) -> Choices:
    cities: set[str] = set()
    categories: set[str] = set()
    tags: dict[str, str] = {}
    kinds: Counter[str] = Counter()
    zones: Counter[str] = Counter()
    rows = (
        listed_events_of(organization_id)
        .filter(coming(now=now))
        .order_by()
        .values_list("kind", "city", "category", "time_zone", "tags")
        .annotate(count=Count("id"))
    )
    for kind, city, category, zone, own_tags, count in rows:
        kinds[kind] += count
        zones[zone] += count
        if kind != EventKind.TRIP:
            cities.add(city)
            categories.add(category)
            tags |= {fold(tag): tag for tag in own_tags}
    return Choices(
        cities=tuple(sorted(cities - {""}, key=str.casefold)),
        categories=tuple(sorted(categories - {""}, key=str.casefold)),
        tags=tuple(sorted(tags.values(), key=str.casefold)),
        kinds=frozenset(kinds),
        time_zone=zones.most_common(1)[0][0] if zones else "UTC",
    )
