"""The frame of every page of a shop: whose it is, its language, what a browser may do, and errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.utils import translation
from psycopg_pool import PoolTimeout

from kassa.core.errors import Busy, KassaError, NotFound
from kassa.core.form_origin import SAFE_METHODS
from kassa.storefront.messages import problem_text
from kassa.storefront.shops import Shop, shop_here, shop_named
from kassa.web.errors import ErrorPage, Text
from kassa.web.headers import OWN, POLICY, build_policy
from kassa.web.language import resolve_language
from kassa.web.pages import PageFrame

SOURCES = {"script_src": OWN, "style_src": OWN, "img_src": OWN, "font_src": OWN, "connect_src": OWN}
"""What pages of a shop may load."""
_SHOP = "_kassa_shop"
"""Where a request remembers whose page it is for."""


class ShopFrame(PageFrame):
    """A view whose address has a ``slug`` gets the :class:`Shop` instead; errors stand in its colours."""

    headers = {POLICY: build_policy(**SOURCES)}
    layout = "storefront/shop.html"
    remembers_language = True

    def prepare(self, request: HttpRequest, named: dict[str, Any]) -> HttpResponseBase | None:
        """Find the shop; lead a browser on that came by a slug which the shop had before."""
        slug = named.pop("slug", None)
        if slug is None:
            return None
        shop = named["shop"] = shop_named(slug)
        setattr(request, _SHOP, shop)
        if slug in shop.former_slugs and request.method in SAFE_METHODS:
            return _lead_on(request, slug, shop)
        translation.activate(page_language(request, shop))
        return None

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """Return whose page it is. None: nobody's alone."""
        return {"shop": getattr(request, _SHOP, None)}

    def describe(self, error: KassaError) -> Text:
        """Return the sentence for buyers."""
        return problem_text(error)

    def build_error(self, request: HttpRequest, error: Exception) -> ErrorPage:
        """Lead on from an address that does not exist."""
        page = super().build_error(request, error)
        if isinstance(error, NotFound):
            return ErrorPage(page.status, page.title, page.text, template="storefront/not_found.html")
        return page


SHOPS = ShopFrame()
HEADERS = dict(SHOPS.headers)
shop_page = SHOPS.page
finish = SHOPS.finish


def _lead_on(request: HttpRequest, slug: str, shop: Shop) -> HttpResponse:
    """Send a browser on to the slug that a shop has now.

    Browsers ask each time: one that kept it for good would go in circles if the slug changes back.
    """
    path = request.get_full_path().removeprefix(f"/{slug}")
    response = HttpResponsePermanentRedirect(f"{shop.at}{path}")
    response["Cache-Control"] = "no-cache"
    return response


def show_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    shop: Shop | None,
    status: int = 200,
) -> HttpResponse:
    """Answer with a page in a shop's colours."""
    return SHOPS.render(request, template, {"shop": shop, **(context or {})}, status=status)


def missing_page(request: HttpRequest) -> HttpResponse:
    """Answer a browser that has asked for an address that does not exist."""
    shop = shop_here() or _shop_around(request.path_info)
    setattr(request, _SHOP, shop)
    with translation.override(page_language(request, shop)):
        return finish(request, SHOPS.render_error(request, NotFound()))


def _shop_around(path: str) -> Shop | None:
    """Return the shop within whose addresses a path lies. None: it lies in none, or nobody can say now."""
    try:
        return shop_named(path.split("/")[1])
    except (NotFound, Busy, DatabaseError, InterfaceError, PoolTimeout):
        return None


def page_language(request: HttpRequest, shop: Shop | None) -> str:
    """Return what to speak: what the address asks for, what was chosen before, what the browser likes."""
    return resolve_language(request, is_remembered=True, default=shop.default_language if shop else None)
