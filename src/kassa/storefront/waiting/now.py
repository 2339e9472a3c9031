"""The one small document that everybody who waits asks for, all the time: the same for all of them."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kassa.storefront.waiting.find import room_at

CACHE_CONTROL = "public, max-age=1, stale-while-revalidate=5, stale-if-error=60"
"""A cache before Kassa may answer for a second by itself, and for a minute while Kassa does not answer."""


@require_safe
def show_now(request: HttpRequest, slug: str, event_id: UUID) -> HttpResponse:
    """Say who is being served. Reads and sets no cookie, so that any cache may keep it."""
    kept = room_at(slug, event_id)
    if request.META.get("HTTP_IF_NONE_MATCH") == kept.etag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(kept.body, content_type="application/json")
    response["ETag"] = kept.etag
    response["Cache-Control"] = CACHE_CONTROL
    response["X-Content-Type-Options"] = "nosniff"
    return response
