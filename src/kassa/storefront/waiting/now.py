"""The one small document that everybody who waits asks for, all the time: the same for all of them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from psycopg_pool import PoolTimeout

from kassa.core.cached_response import cached_response
from kassa.core.errors import KassaError
from kassa.storefront.waiting.find import room_at

CACHE_CONTROL = "public, max-age=1, stale-while-revalidate=5, stale-if-error=60"
"""A cache before Kassa may answer for a second by itself, and for a minute while Kassa does not answer."""
BEFORE, AFTER = "/waiting/", "/now"


@require_safe
def show_now(request: HttpRequest, slug: str, event_id: UUID) -> HttpResponse:
    """Say who is being served. Reads and sets no cookie, so that any cache may keep it."""
    return _answer(request, slug, event_id)


def answer_now(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer it without looking for its address first, which would cost as much as the answer."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if path.startswith(BEFORE) and path.endswith(AFTER) and request.method == "GET":
            slug, _, event = path[len(BEFORE) : -len(AFTER)].partition("/")
            try:
                return _answer(request, slug, UUID(event))
            except (ValueError, KassaError, DatabaseError, InterfaceError, PoolTimeout):
                pass  # the usual way says what is wrong
        return get_response(request)

    return answer


def _answer(request: HttpRequest, slug: str, event_id: UUID) -> HttpResponse:
    kept = room_at(slug, event_id)
    return cached_response(request, kept.body, etag=kept.etag, cache_control=CACHE_CONTROL)
