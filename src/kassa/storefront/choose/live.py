"""What is left of an event that everybody may see, for browsers that look at its page."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from uuid import UUID

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe
from psycopg_pool import PoolTimeout

from kassa.catalog.enums import EventStatus, Visibility
from kassa.catalog.queries import events_of
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


@dataclass(frozen=True, slots=True)
class _Compressed:
    etag: str
    body: bytes


_kinds: TTLCache[tuple[UUID, UUID], str | None] = TTLCache(
    "kinds of events", ttl=5.0, maxsize=CACHE_SIZE, wait=2.0
)
"""Of the events that everybody may see. None: there is no such event."""
_compressed: dict[tuple[UUID, bool], _Compressed] = {}


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
    body = found.body
    if len(body) >= WORTH_COMPRESSING and _takes_gzip(request):
        body = _compress(event_id, seats, found.etag, body)
    return _answer(request, body, found.etag, cached=MOMENT, is_compressed=body is not found.body)


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
    is_compressed = _takes_gzip(request)
    return _answer(
        request,
        plan.body if is_compressed else gzip.decompress(plan.body),
        f'"{plan.version}"',
        cached=FOR_GOOD if request.GET.get("v") == plan.version else A_WHILE,
        is_compressed=is_compressed,
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


def _compress(event_id: UUID, seats: bool, etag: str, body: bytes) -> bytes:
    kept = _compressed.get((event_id, seats))
    if kept is None or kept.etag != etag:
        if len(_compressed) >= CACHE_SIZE:
            _compressed.clear()
        kept = _Compressed(etag, gzip.compress(body, compresslevel=3, mtime=0))
        _compressed[event_id, seats] = kept
    return kept.body


def _takes_gzip(request: HttpRequest) -> bool:
    return "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")


def _answer(
    request: HttpRequest, body: bytes, etag: str, *, cached: str, is_compressed: bool
) -> HttpResponse:
    # A weak one, because the same content goes out compressed and not.
    weak = f"W/{etag}"
    if request.META.get("HTTP_IF_NONE_MATCH") in (weak, etag):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(body, content_type="application/json")
        if is_compressed:
            response["Content-Encoding"] = "gzip"
    response["ETag"] = weak
    response["Cache-Control"] = cached
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _plain(status: int) -> HttpResponse:
    response = HttpResponse(status=status, content_type="text/plain")
    response["Cache-Control"] = "no-store"
    if status == 503:
        response["Retry-After"] = "2"
    return response
