"""What belongs to no shop alone: the list of all of them, and what search engines ask for."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.http import require_safe

from kassa.catalog.models import Event, Product
from kassa.catalog.queries import coming, listed_events_of, listed_products_of
from kassa.core.clock import utc_now
from kassa.core.kept import Shelf
from kassa.organizations.models import Organization
from kassa.organizations.queries import living_organizations
from kassa.pictures.addresses import shown_picture
from kassa.storefront.shop.addresses import event_address, product_address
from kassa.storefront.shop.context import public_address
from kassa.storefront.shop_pages import HEADERS, finish, page_language, shop_page
from kassa.storefront.shops import Shop, shop_here

XML = "application/xml; charset=utf-8"
KEPT_SECONDS = 10.0
ASKING_SECONDS = 5.0
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


@dataclass(frozen=True, slots=True)
class _Shops:
    cards: tuple[ShopCard, ...]
    until: float


_shops: Shelf[str, _Shops] = Shelf(limit=1, patience=ASKING_SECONDS)


@require_safe
def front_page(request: HttpRequest) -> HttpResponseBase:
    """Show all the shops of this Kassa."""
    with translation.override(page_language(request, None)):
        cards = _shops.get("all", _ask).cards
        body = render_to_string("shop/front.html", {"shops": cards, "shop": None}, request)
    return finish(request, HttpResponse(body, headers=HEADERS))


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Tell search engines where to look, and what is nobody's business."""
    here = shop_here()
    base = here.home if here else settings.BASE_URL
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in SECRET)]
    lines += ["Disallow: /*/checkout/", "Disallow: /*/cart", "Disallow: /checkout/", "Disallow: /cart"]
    return HttpResponse("\n".join([*lines, f"Sitemap: {base}/sitemap.xml", ""]), content_type="text/plain")


@require_safe
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """List the sitemaps of the shops that are at home here; others list theirs on their own domains."""
    places = [
        f"{settings.BASE_URL}/{one.slug}/sitemap.xml"
        for one in living_organizations()
        if one.custom_domain is None
    ]
    body = render_to_string("shop/sitemap_index.xml", {"places": places})
    return HttpResponse(body, content_type=XML)


@shop_page()
def sitemap(request: HttpRequest, *, shop: Shop) -> HttpResponse:
    """List the pages of a shop, each with its translations."""
    places = _pages_of(shop, now=utc_now())[:MOST_ADDRESSES]
    body = render_to_string("shop/sitemap.xml", {"places": places})
    return HttpResponse(body, content_type=XML)


def forget_front_page() -> None:
    """Drop all that this process keeps."""
    _shops.forget()


def _ask() -> _Shops:
    until = time.monotonic() + KEPT_SECONDS
    found = sorted(living_organizations(), key=lambda one: one.name.casefold())
    return _Shops(tuple(map(_card, found)), until)


def _card(organization: Organization) -> ShopCard:
    return ShopCard(
        name=organization.name,
        address=f"/{organization.slug}/",
        city=(organization.address or {}).get("city") or "",
        logo=shown_picture(organization.logo),
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
