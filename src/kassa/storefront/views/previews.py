"""``…/preview.png``: pictures for links to events."""

from __future__ import annotations

import time
from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.translation import get_language

from kassa.core.clock import utc_now
from kassa.core.kept import Shelf
from kassa.storefront.preview import event_preview
from kassa.storefront.shop.offer import event_offer
from kassa.storefront.shop_pages import shop_page
from kassa.storefront.shops import Shop

KEPT_SECONDS = 300.0
CACHE_LIMIT = 100
ASKING_SECONDS = 5.0
FOR_AN_HOUR = "public, max-age=3600"


@dataclass(frozen=True, slots=True)
class _Kept:
    content: bytes
    tag: str
    until: float


_kept: Shelf[tuple[UUID, UUID, str], _Kept] = Shelf(limit=CACHE_LIMIT, patience=ASKING_SECONDS)


@shop_page()
def preview(request: HttpRequest, *, shop: Shop, event_id: UUID) -> HttpResponse:
    """Answer with the picture of an event that everybody may see."""
    language = get_language() or shop.default_language
    key = (shop.organization_id, event_id, language)
    kept = _kept.get(key, lambda: _paint(shop, event_id, language))
    is_known = request.headers.get("If-None-Match") == kept.tag
    response = HttpResponseNotModified() if is_known else HttpResponse(kept.content, content_type="image/png")
    response["ETag"] = kept.tag
    response["Cache-Control"] = FOR_AN_HOUR
    return response


def _paint(shop: Shop, event_id: UUID, language: str) -> _Kept:
    offer = event_offer(shop, event_id, language=language, now=utc_now())
    content = event_preview(shop, offer, language=language)
    tag = f'"{blake2b(content, digest_size=12).hexdigest()}"'
    return _Kept(content, tag, time.monotonic() + KEPT_SECONDS)
