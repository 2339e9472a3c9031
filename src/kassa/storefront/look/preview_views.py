"""``…/preview.png``: pictures for links to events."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from kassa.core.cached_response import cached_response
from kassa.core.clock import utc_now
from kassa.core.ttl_cache import TTLCache
from kassa.storefront.look.preview import event_preview
from kassa.storefront.shop.offer import event_offer
from kassa.storefront.shop_pages import shop_page
from kassa.storefront.shops import Shop

FOR_AN_HOUR = "public, max-age=3600"


@dataclass(frozen=True, slots=True)
class _Picture:
    content: bytes
    tag: str


_cache: TTLCache[tuple[UUID, UUID, str], _Picture] = TTLCache(
    "event previews", ttl=300.0, maxsize=100, wait=5.0
)


@shop_page()
def preview(request: HttpRequest, *, shop: Shop, event_id: UUID) -> HttpResponse:
    """Answer with the picture of an event that everybody may see."""
    language = get_language() or shop.default_language
    key = (shop.organization_id, event_id, language)
    found = _cache.get(key, lambda: _paint(shop, event_id, language))
    return cached_response(
        request, found.content, etag=found.tag, cache_control=FOR_AN_HOUR, content_type="image/png"
    )


def _paint(shop: Shop, event_id: UUID, language: str) -> _Picture:
    offer = event_offer(shop, event_id, language=language, now=utc_now())
    content = event_preview(shop, offer, language=language)
    tag = f'"{blake2b(content, digest_size=12).hexdigest()}"'
    return _Picture(content, tag)
