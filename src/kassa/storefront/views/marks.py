"""``/{slug}/logo.png``: an organisation's mark as a square picture, for the wallets of telephones."""

from __future__ import annotations

import time
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from uuid import UUID

import typst
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

from kassa.core.kept import Shelf
from kassa.storefront.colors import page_colors
from kassa.storefront.drawn_pictures import get_drawing
from kassa.storefront.shops import Shop, shop_named
from kassa.tickets.domain.typesetting import paint

TEMPLATE = Path(__file__).parent.parent / "typst" / "mark.typ"
KEPT_SECONDS = 300.0
CACHE_LIMIT = 100
ASKING_SECONDS = 5.0
FOR_AN_HOUR = "public, max-age=3600"
PAPER = {"ground": "#ffffff", "ink": "#000000"}
"""What a logo stands on: most are made for paper."""


@dataclass(frozen=True, slots=True)
class _Kept:
    content: bytes
    tag: str
    until: float


_kept: Shelf[tuple[UUID, str], _Kept] = Shelf(limit=CACHE_LIMIT, patience=ASKING_SECONDS)


@require_safe
def mark(request: HttpRequest, *, slug: str) -> HttpResponse:
    """Answer with the logo that lies in Kassa; without one, with the first letter of the name."""
    shop = shop_named(slug)
    look = f"{shop.name} {shop.logo} {shop.primary_color} {shop.secondary_color}"
    kept = _kept.get((shop.organization_id, look), lambda: _paint(shop))
    is_known = request.headers.get("If-None-Match") == kept.tag
    response = HttpResponseNotModified() if is_known else HttpResponse(kept.content, content_type="image/png")
    response["ETag"] = kept.tag
    response["Cache-Control"] = FOR_AN_HOUR
    return response


def _paint(shop: Shop) -> _Kept:
    try:
        content = paint(_data(shop, get_drawing(shop.logo)), template=TEMPLATE)
    except typst.TypstError:
        content = paint(_data(shop, ""), template=TEMPLATE)
    tag = f'"{blake2b(content, digest_size=12).hexdigest()}"'
    return _Kept(content, tag, time.monotonic() + KEPT_SECONDS)


def _data(shop: Shop, logo: str) -> dict[str, str]:
    colors = page_colors(shop.primary_color, shop.secondary_color, "light")
    look = PAPER if logo else {"ground": colors["brand"], "ink": colors["on-brand"]}
    return {"language": shop.default_language, "logo": logo, "letter": shop.name.strip()[:1].upper(), **look}
