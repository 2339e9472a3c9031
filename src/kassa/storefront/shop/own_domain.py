"""Shops on domains of their own: the same pages, without the slug in front of their addresses."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from psycopg_pool import PoolTimeout

from kassa.core.errors import Busy
from kassa.organizations.domain.addresses import PLATFORM
from kassa.storefront.shops import Shop, coming_by, shop_with_domain

UNASKED = ("/api/", "/static/", "/healthz", "/webhooks/", "/checkin/")
"""What is the same on every domain and says nothing of a shop."""
AS_THEY_ARE = PLATFORM | {"embed.js", "robots.txt", "favicon.ico", ".well-known"}

Answer = Callable[[HttpRequest], HttpResponseBase]


def serve_own_domains(get_response: Answer) -> Answer:
    """Lead who comes by a shop's own domain to that shop.

    ``request.path`` stays what the browser asked for, so that addresses which are built from it stay on
    the domain; what is looked for is the page below the shop's slug. The slug itself in front of an address,
    and those it had before, are understood as well.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if path.startswith(UNASKED):
            return get_response(request)
        try:
            shop = _shop_of(request)
        except (Busy, DatabaseError, InterfaceError, PoolTimeout):
            return HttpResponse("Too busy just now.\n", status=503, headers={"Retry-After": "2"})
        if shop is None:
            return get_response(request)
        first = path[1:].partition("/")[0]
        if first in shop.former_slugs:
            request.path_info = f"/{shop.slug}{path[len(first) + 1 :]}"
        elif first != shop.slug and first not in AS_THEY_ARE:
            request.path_info = f"/{shop.slug}{path}"
        with coming_by(shop):
            return get_response(request)

    return answer


def _shop_of(request: HttpRequest) -> Shop | None:
    host = request.META.get("HTTP_HOST", "").partition(":")[0].rstrip(".").lower()
    if "." not in host or host == urlsplit(settings.BASE_URL).hostname:
        return None
    return shop_with_domain(host)
