"""What belongs to no shop alone: the list of all of them, and what search engines ask for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

import kassa.web
from kassa.catalog.models import Event, Product
from kassa.catalog.queries import coming, listed_events_of, listed_products_of
from kassa.core.clock import utc_now
from kassa.core.languages import Language
from kassa.core.ready_response import ReadyResponse, make_ready
from kassa.core.ttl_cache import TTLCache
from kassa.organizations.models import Organization
from kassa.organizations.queries import living_organizations
from kassa.pictures.addresses import shown_picture
from kassa.pictures.queries import ShownPicture
from kassa.storefront.shop.addresses import event_address, product_address
from kassa.storefront.shop.cards import Card, cards_of
from kassa.storefront.shop.context import public_address
from kassa.storefront.shop_pages import shop_page, show_page
from kassa.storefront.shops import Shop, shop_here, shop_named

XML = "application/xml; charset=utf-8"
WAIT_SECONDS = 5.0
SHOPS_WITH_EVENTS = 12
"""Of more shops the start page shows only who they are."""
EVENTS_OF_A_SHOP = 3
EVENTS_SHOWN = 8
POSTERS_SHOWN = 3
SITEMAP_SECONDS = 300.0
"""Search engines look once an hour at most."""
FAVICON = Path(kassa.web.__file__).parent / "static/web/favicon.ico"
"""``ticket.svg``, which pages name, painted in three sizes."""
FOR_A_DAY = "public, max-age=86400"
FOR_FIVE_MINUTES = "public, max-age=300"
MOST_ADDRESSES = 50_000
"""A sitemap's own limit."""
SECRET = ("/api/", "/account/", "/orders/", "/tickets/", "/transfers/", "/waiting/", "/mailbox/", "/checkin/")


@dataclass(frozen=True, slots=True)
class ShopCard:
    """A shop in the list of all."""

    name: str
    address: str
    city: str
    logo: str
    picture: ShownPicture | None
    """Its header. None: it has none."""
    own_lang: str


@dataclass(frozen=True, slots=True)
class FrontPage:
    """What the start page of an installation shows."""

    shops: tuple[ShopCard, ...]
    events: tuple[Card, ...]
    """What is on next, in all shops together."""
    posters: tuple[str, ...]
    """Pictures of some of these events, each of another shop."""


_front: TTLCache[str, FrontPage] = TTLCache(
    "start page", ttl=10.0, maxsize=len(Language.values), wait=WAIT_SECONDS
)
_sitemaps: TTLCache[tuple[UUID, str] | None, ReadyResponse] = TTLCache(
    "sitemaps", ttl=SITEMAP_SECONDS, maxsize=200, wait=WAIT_SECONDS
)
"""By shop, and where its pages are; None: the list of them all."""


@shop_page()
def front_page(request: HttpRequest) -> HttpResponse:
    """Say what this installation is, and lead on to its shops and what is on in them."""
    page = _front.get(get_language() or "", lambda: _read_front(utc_now()))
    context = {"shops": page.shops, "events": page.events, "posters": page.posters}
    return show_page(request, "shop/front.html", context, shop=None)


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Answer with the icon that browsers look for where a page names none, such as a file or the mailbox."""
    headers = {"Cache-Control": FOR_A_DAY}
    return HttpResponse(_read_favicon(), content_type="image/x-icon", headers=headers)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Tell search engines where to look, and what is nobody's business."""
    here = shop_here()
    base = here.home if here else settings.BASE_URL
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in SECRET)]
    lines += ["Disallow: /*/checkout/", "Disallow: /*/cart", "Disallow: /checkout/", "Disallow: /cart"]
    return HttpResponse("\n".join([*lines, f"Sitemap: {base}/sitemap.xml", ""]), content_type="text/plain")


@require_safe
def sitemap_index(request: HttpRequest) -> HttpResponseBase:
    """List the sitemaps of the shops that are at home here; others list theirs on their own domains.

    Like those, it is a few minutes old at most: one for many shops takes long to write.
    """
    return _sitemaps.get(None, _write_index).answer(request, cache_control=FOR_FIVE_MINUTES)


@shop_page()
def sitemap(request: HttpRequest, *, shop: Shop) -> HttpResponseBase:
    """List the pages of a shop, each with its translations."""
    written = _sitemaps.get((shop.organization_id, shop.at), lambda: _write_sitemap(shop))
    return written.answer(request, cache_control=FOR_FIVE_MINUTES)


def _write_index() -> ReadyResponse:
    places = [
        f"{settings.BASE_URL}/{one.slug}/sitemap.xml"
        for one in living_organizations()
        if one.verified_domain is None
    ]
    return make_ready(
        render_to_string("shop/sitemap_index.xml", {"places": places}).encode(), content_type=XML
    )


def _write_sitemap(shop: Shop) -> ReadyResponse:
    places = _pages_of(shop, now=utc_now())[:MOST_ADDRESSES]
    return make_ready(render_to_string("shop/sitemap.xml", {"places": places}).encode(), content_type=XML)


def _read_front(now: datetime) -> FrontPage:
    organizations = sorted(living_organizations(), key=lambda one: one.name.casefold())
    shops = [shop_named(one.slug) for one in organizations[:SHOPS_WITH_EVENTS]]
    cards = [card for shop in shops for card in _next_events(shop, now)]
    events = sorted(cards, key=_start_sort_key)
    shown = {shop.organization_id: shop for shop in shops}
    coming = events[:EVENTS_SHOWN]
    return FrontPage(
        shops=tuple(_card(one, shown.get(one.id)) for one in organizations),
        events=tuple(coming),
        posters=_pick_posters(coming),
    )


def _pick_posters(events: Iterable[Card]) -> tuple[str, ...]:
    by_shop: dict[UUID, str] = {}
    for card in events:
        if card.picture:
            by_shop.setdefault(card.event.organization_id, card.picture)
    return tuple(by_shop.values())[:POSTERS_SHOWN]


def _start_sort_key(card: Card) -> tuple[datetime, UUID]:
    starts_at = card.event.starts_at
    if starts_at is None:
        raise LookupError(card.event.id)
    return starts_at, card.event.id


def _next_events(shop: Shop, now: datetime) -> tuple[Card, ...]:
    events = listed_events_of(shop.organization_id).filter(starts_at__gt=now).exclude(status="cancelled")
    return cards_of(shop, list(events.order_by("starts_at", "id")[:EVENTS_OF_A_SHOP]), now=now)


def _card(organization: Organization, shop: Shop | None) -> ShopCard:
    return ShopCard(
        name=organization.name,
        address=f"/{organization.slug}/",
        city=(organization.address or {}).get("city") or "",
        logo=shown_picture(organization.logo),
        picture=shop.header if shop else None,
        own_lang=shop.own_lang if shop else "",
    )


def _pages_of(shop: Shop, *, now: datetime) -> list[tuple[str, str]]:
    """Return the addresses of a shop's pages, with the day of their last change where it is known."""
    names = [
        "/",
        *(["/calendar"] if shop.has_events else []),
        *(["/trips"] if shop.has_trips else []),
        *(["/products"] if shop.has_products else []),
    ]
    events = listed_events_of(shop.organization_id).filter(coming(now=now)).order_by("id")
    products = listed_products_of(shop.organization_id).order_by("id")
    paths: list[tuple[str, Event | Product]] = [
        *((event_address(shop, one), one) for one in events[:MOST_ADDRESSES]),
        *((product_address(shop, one), one) for one in products[:MOST_ADDRESSES]),
    ]
    return [(public_address(shop, shop.at + name), "") for name in names] + [
        (public_address(shop, path), f"{row.updated_at:%Y-%m-%d}") for path, row in paths
    ]


@cache
def _read_favicon() -> bytes:
    return FAVICON.read_bytes()
