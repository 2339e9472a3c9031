"""``/{slug}/colors.css``: an organisation's colours for its pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kassa.storefront.look.colors import color_sheet, color_version
from kassa.storefront.shops import shop_named

FOR_GOOD = "public, max-age=31536000, immutable"
FOR_A_MOMENT = "public, max-age=60"


@require_safe
def colors(request: HttpRequest, *, slug: str) -> HttpResponse:
    """Answer with the style sheet; under the address that pages name it never changes."""
    shop = shop_named(slug)
    chosen = shop.primary_color, shop.secondary_color
    response = HttpResponse(color_sheet(*chosen), content_type="text/css; charset=utf-8")
    is_named = request.GET.get("v") == color_version(*chosen)
    response["Cache-Control"] = FOR_GOOD if is_named else FOR_A_MOMENT
    return response
