"""What kinds of addresses there are for the front: how long a body may be, and which threads answer.

The front looks here before anything of a body is read, so this stands beside the addresses themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from kassa.api.auth import authenticate_counted
from kassa.core.clock import utc_now
from kassa.payments.domain.webhooks.receive import MAX_BODY
from kassa.payments.providers.registry import provider_named
from kassa.storefront.checkout.visit import check_address
from kassa.web.form_requests import LONGEST_FORM

ORDERS, PAGES = "orders", "pages"
"""The lanes: what waits for the sale of its organisation, and what must never wait behind that."""
Environ = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RouteClass:
    """Addresses that are alike to the front."""

    name: str
    methods: frozenset[str] | None
    """None: any."""
    paths: re.Pattern[str]
    """What a path begins with."""
    body_limit: int
    """In bytes."""
    lane: str = PAGES
    check_head: Callable[[Environ], None] | None = None
    """Called before more than a small body is read; raises KassaError for senders that are not known."""


def _require_key(environ: Environ) -> None:
    authenticate_counted(environ, now=utc_now())


def _require_cart(environ: Environ) -> None:
    check_address(environ["PATH_INFO"], host=environ.get("HTTP_HOST", ""))


def _require_provider(environ: Environ) -> None:
    provider_named(environ["PATH_INFO"].split("/")[2])


API_LIMIT = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
ROUTE_CLASSES: tuple[RouteClass, ...] = (
    RouteClass(
        "orders",
        methods=frozenset({"POST"}),
        paths=re.compile(r"/api/(?:v1/)?orders$|/api/v1/carts/[^/]+/order$"),
        body_limit=API_LIMIT,
        lane=ORDERS,
        check_head=_require_key,
    ),
    RouteClass("api", methods=None, paths=re.compile("/api/"), body_limit=API_LIMIT, check_head=_require_key),
    RouteClass(
        "webhooks",
        methods=None,
        paths=re.compile("/webhooks/"),
        body_limit=MAX_BODY,
        check_head=_require_provider,
    ),
    RouteClass("mail", methods=None, paths=re.compile("/anymail/"), body_limit=MAX_BODY),
    RouteClass(
        "checkout",
        methods=frozenset({"POST"}),
        paths=re.compile(r"(?:/[-\w]+)?/checkout/[^/]+$"),
        body_limit=LONGEST_FORM,
        lane=ORDERS,
        check_head=_require_cart,
    ),
    RouteClass("pages", methods=None, paths=re.compile(""), body_limit=64 * 1024),
)
"""The first that fits counts; the last one fits always."""


def find_route_class(method: str, path: str) -> RouteClass:
    """Return what the front does with a request."""
    for route_class in ROUTE_CLASSES:
        if (route_class.methods is None or method in route_class.methods) and route_class.paths.match(path):
            return route_class
    return ROUTE_CLASSES[-1]
