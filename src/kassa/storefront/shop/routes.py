"""Between which places a shop's trips go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Min

from kassa.catalog.enums import EventKind
from kassa.catalog.queries import coming, listed_events_of
from kassa.core.formatting import format_date, format_time
from kassa.core.ttl_cache import TTLCache
from kassa.pictures.addresses import shown_picture
from kassa.storefront.formatting import present_locale
from kassa.storefront.shops import Shop


@dataclass(frozen=True, slots=True)
class Route:
    """A way that trips go, with how many will and when the next one does."""

    origin: str
    destination: str
    trips: int
    next_at: datetime
    """On the clock of the place it leaves from."""
    picture: str
    """The path of one of its trips' posters; empty: none has one."""

    @property
    def day(self) -> str:
        """Of its next trip: ``Sat 21 Nov · 07:15``."""
        locale = present_locale()
        zone = self.next_at.tzinfo or UTC
        return f"{format_date(self.next_at, locale, 'short')} · {format_time(self.next_at, zone, locale)}"

    @property
    def query(self) -> str:
        """The question for its trips, as an address has it."""
        return urlencode({"from": self.origin, "to": self.destination})


_routes: TTLCache[UUID, tuple[Route, ...]] = TTLCache("routes of trips", ttl=5.0, maxsize=2_000, wait=2.0)


def routes_of(shop: Shop, *, now: datetime) -> tuple[Route, ...]:
    """Return the ways of a shop's coming trips, the busiest first, a few seconds old at most.

    Raises:
        Busy: the database is slow to answer.
    """
    return _routes.get(shop.organization_id, lambda: _read(shop.organization_id, now))


def places_of(routes: Iterable[Route]) -> dict[str, list[str]]:
    """Return the places that one can leave from and go to, for those who type."""
    found = list(routes)
    return {
        "origins": sorted({route.origin for route in found}, key=str.casefold),
        "destinations": sorted({route.destination for route in found}, key=str.casefold),
    }


def _read(organization_id: UUID, now: datetime) -> tuple[Route, ...]:
    rows = (
        listed_events_of(organization_id)
        .filter(coming(now=now), kind=EventKind.TRIP)
        .order_by()
        .values_list("origin", "destination")
        .annotate(
            trips=Count("id"),
            next_at=Min("starts_at"),
            zone=Min("time_zone"),
            poster=Max("featured_image"),
        )
        .order_by("-trips", "origin", "destination")
    )
    return tuple(
        Route(origin, destination, trips, next_at.astimezone(ZoneInfo(zone)), shown_picture(poster))
        for origin, destination, trips, next_at, zone, poster in rows
    )
