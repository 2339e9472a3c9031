"""What is left of an event that everybody may see, for browsers that look at its page."""

from __future__ import annotations

import gzip
from functools import partial
from uuid import UUID

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from psycopg_pool import PoolTimeout

from kassa.catalog.enums import EventStatus, Visibility
from kassa.catalog.queries import events_of
from kassa.core.cached_response import cached_response
from kassa.core.clock import utc_now
from kassa.core.errors import Busy, NotFound
from kassa.core.ttl_cache import TTLCache
from kassa.sales.availability import availability_of
from kassa.storefront.choose.seat_plan import seat_plan_of
from kassa.storefront.shops import Shop, shop_named

CACHE_SIZE = 5_000
WORTH_COMPRESSING = 1_000
MOMENT = "public, max-age=1, stale-while-revalidate=4"
FOR_GOOD = "public, max-age=31536000, immutable"
A_WHILE = "public, max-age=60"


_kinds: TTLCache[tuple[UUID, UUID], str | None] = TTLCache(
    "kinds of events", ttl=5.0, maxsize=CACHE_SIZE, wait=2.0
)
"""Of the events that everybody may see. None: there is no such event."""
_compressed: TTLCache[tuple[UUID, bool, str], bytes] = TTLCache(
    "compressed availability", ttl=60.0, maxsize=500, wait=2.0
)


@require_safe
def show_availability(request: HttpRequest, *, slug: str, event_id: UUID) -> HttpResponse:
    """Say what is left of each ticket type and, with ``?seats=1``, how each seat stands."""
    seats = request.GET.get("seats") == "1"
    try:
        shop = shop_named(slug)
        _kind_of(shop, event_id)
        found = availability_of(shop.organization_id, event_id, seats=seats, now=utc_now())
    except NotFound:
        return _plain(404)
    except (Busy, DatabaseError, InterfaceError, PoolTimeout):
        return _plain(503)
    compress = partial(gzip.compress, found.body, compresslevel=3, mtime=0)
    compressed = partial(_compressed.get, (event_id, seats, found.etag), compress)
    return cached_response(
        request,
        found.body,
        etag=f"W/{found.etag}",  # a weak one: it names what is left, in either form
        cache_control=MOMENT,
        compressed=compressed if len(found.body) >= WORTH_COMPRESSING else None,
        vary="Accept-Encoding",
    )


@require_safe
def show_plan(request: HttpRequest, *, slug: str, event_id: UUID) -> HttpResponse:
    """Say where each seat of an event stands and what it is called; under its version it never changes."""
    try:
        shop = shop_named(slug)
        plan = seat_plan_of(shop.organization_id, event_id, kind=_kind_of(shop, event_id))
    except NotFound:
        return _plain(404)
    except (Busy, DatabaseError, InterfaceError, PoolTimeout):
        return _plain(503)
    if not plan.seats:
        return _plain(404)
    return cached_response(
        request,
        partial(gzip.decompress, plan.body),
        etag=f'W/"{plan.version}"',
        cache_control=FOR_GOOD if request.GET.get("v") == plan.version else A_WHILE,
        compressed=plan.body,
    )


def _kind_of(shop: Shop, event_id: UUID) -> str:
    kind = _kinds.get((shop.organization_id, event_id), lambda: _read_kind(shop, event_id))
    if kind is None:
        raise NotFound("There is nothing at this address.")
    return kind


def _read_kind(shop: Shop, event_id: UUID) -> str | None:
    events = events_of(shop.organization_id).filter(id=event_id)
    seen = events.exclude(status=EventStatus.DRAFT).exclude(visibility=Visibility.PRIVATE)
    return seen.values_list("kind", flat=True).first()


def _plain(status: int) -> HttpResponse:
    response = HttpResponse(status=status, content_type="text/plain")
    response["Cache-Control"] = "no-store"
    if status == 503:
        response["Retry-After"] = "2"
    return response
