"""An organisation's page: what is on, and the way to find something in it."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language

from kassa.catalog.enums import EventKind
from kassa.catalog.queries import listed_products_of
from kassa.core.clock import utc_now
from kassa.core.ttl_cache import TTLCache
from kassa.storefront.shop.context import share
from kassa.storefront.shop.filters import Filters, read_filters
from kassa.storefront.shop.goods import product_offers
from kassa.storefront.shop.kept_page import KEPT_SECONDS, KeptPage, keep_page, send_page, to_its_address
from kassa.storefront.shop.listing import choices_of, listing_of, spell_as_listed
from kassa.storefront.shop.ranges import ranges_of
from kassa.storefront.shop.routes import places_of, routes_of
from kassa.storefront.shop_pages import HEADERS, shop_page, show_page
from kassa.storefront.shops import Shop

GOODS_SHOWN = 4

_pages: TTLCache[tuple[UUID, str, str], KeptPage] = TTLCache(
    "home pages", ttl=KEPT_SECONDS, maxsize=500, wait=2.0
)


@shop_page()
def home_page(request: HttpRequest, *, shop: Shop) -> HttpResponse:
    """Show what an organisation has on; all of it is kept for a moment, what is looked for is not."""
    path = f"{shop.at}/"
    elsewhere = to_its_address(request, path)
    if elsewhere is not None:
        return elsewhere
    filters = read_filters(request.GET)
    if filters.is_empty and filters.page == 1 and not filters.problems:
        key = (shop.organization_id, shop.at, get_language() or "")
        page = _pages.get(key, lambda: keep_page(path, lambda: _write(shop, filters), headers=HEADERS))
        return send_page(request, page)
    return show_page(request, "shop/home.html", _context(shop, filters), shop=shop)


def _write(shop: Shop, filters: Filters) -> str:
    return render_to_string("shop/home.html", {"shop": shop, **_context(shop, filters)})


def _context(shop: Shop, filters: Filters) -> dict[str, Any]:
    now = utc_now()
    choices = choices_of(shop, now=now)
    filters = spell_as_listed(filters, choices)
    routes = routes_of(shop, now=now) if shop.has_trips else ()
    goods = listed_products_of(shop.organization_id).order_by("name", "id")[:GOODS_SHOWN]
    listing = listing_of(shop, filters, now=now)
    return {
        "filters": filters,
        "choices": choices,
        "kinds": sorted(choices.kinds - {EventKind.TRIP}),
        "ranges": ranges_of(filters, today=now.astimezone(ZoneInfo(choices.time_zone)).date()),
        "listing": listing,
        "any_day": filters.link(**{"from": "", "to": ""}),
        "before": filters.link(page=str(listing.page - 1)) if listing.page > 1 else "",
        "after": filters.link(page=str(listing.page + 1)) if listing.page < listing.pages else "",
        "goods": product_offers(shop, list(goods), now=now) if filters.is_empty else (),
        "routes": routes if filters.is_empty else (),
        **places_of(routes),
        "here": "events",
        "share": share(shop, f"{shop.at}/", title=shop.name),
    }
