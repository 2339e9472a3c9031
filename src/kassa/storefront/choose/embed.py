"""``<kassa-shop event="…">``: an event's ticket shop on a website of the organiser's own."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from uuid import UUID

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from psycopg_pool import PoolTimeout

from kassa.catalog.models import Event
from kassa.catalog.queries import find_public_event
from kassa.core.cached_response import cached_response
from kassa.core.errors import Busy, NotFound
from kassa.storefront.shop.addresses import named_id
from kassa.storefront.shops import shop_of

SCRIPT = Path(__file__).parent / "static" / "choose" / "embed.js"
KEPT = "public, max-age=86400, stale-while-revalidate=604800"
"""The address stays the same, so a browser asks once a day whether the script does, too."""


@require_safe
def send_script(request: HttpRequest) -> HttpResponse:
    """Send the script that websites include; anybody may."""
    content, etag = _script()
    kind = "text/javascript; charset=utf-8"
    return _for_everybody(cached_response(request, content, etag=etag, cache_control=KEPT, content_type=kind))


@require_safe
def find_event(request: HttpRequest, *, event_id: UUID) -> HttpResponse:
    """Say where an event's page is and what it is called; only of events that everybody may see."""
    try:
        event = _event(event_id)
        shop = shop_of(event.organization_id)
    except NotFound:
        return _for_everybody(HttpResponse(status=404))
    except (Busy, DatabaseError, InterfaceError, PoolTimeout):
        return _for_everybody(HttpResponse(status=503, headers={"Retry-After": "2"}))
    address = f"{shop.home}/events/{named_id(event.title, event.id)}"
    response = JsonResponse({"address": address, "title": event.title})
    response["Cache-Control"] = "public, max-age=60"
    return _for_everybody(response)


def _event(event_id: UUID) -> Event:
    found = find_public_event(event_id)
    if found is None:
        raise NotFound("There is nothing at this address.")
    return found


@cache
def _script() -> tuple[bytes, str]:
    content = SCRIPT.read_bytes()
    return content, f'"{hashlib.blake2b(content, digest_size=10).hexdigest()}"'


def _for_everybody(response: HttpResponse) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    return response
