"""``/{slug}/logo.png``: an organisation's mark as a square picture, for the wallets of telephones."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from uuid import UUID

import typst
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kassa.core.cached_response import cached_response
from kassa.core.ttl_cache import TTLCache
from kassa.storefront.look.colors import page_colors
from kassa.storefront.look.drawn_pictures import get_drawing
from kassa.storefront.shops import Shop, shop_named
from kassa.typesetting.compiler import paint

TEMPLATE = Path(__file__).parent.parent / "typst" / "mark.typ"
FOR_AN_HOUR = "public, max-age=3600"
PAPER = {"ground": "#ffffff", "ink": "#000000"}
"""What a logo stands on: most are made for paper."""


@dataclass(frozen=True, slots=True)
class _Picture:
    content: bytes
    tag: str


_cache: TTLCache[tuple[UUID, str], _Picture] = TTLCache("shop marks", ttl=300.0, maxsize=100, wait=5.0)


@require_safe
def mark(request: HttpRequest, *, slug: str) -> HttpResponse:
    """Answer with the logo that lies in Kassa; without one, with the first letter of the name."""
    shop = shop_named(slug)
    look = f"{shop.name} {shop.logo} {shop.primary_color} {shop.secondary_color}"
    found = _cache.get((shop.organization_id, look), lambda: _paint(shop))
    return cached_response(
        request, found.content, etag=found.tag, cache_control=FOR_AN_HOUR, content_type="image/png"
    )


def _paint(shop: Shop) -> _Picture:
    try:
        content = paint(_data(shop, get_drawing(shop.logo)), template=TEMPLATE)
    except typst.TypstError:
        content = paint(_data(shop, ""), template=TEMPLATE)
    tag = f'"{blake2b(content, digest_size=12).hexdigest()}"'
    return _Picture(content, tag)


def _data(shop: Shop, logo: str) -> dict[str, str]:
    colors = page_colors(shop.primary_color, shop.secondary_color, "light")
    look = PAPER if logo else {"ground": colors["brand"], "ink": colors["on-brand"]}
    return {"language": shop.default_language, "logo": logo, "letter": shop.name.strip()[:1].upper(), **look}
