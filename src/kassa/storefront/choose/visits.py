"""Which browser a choice comes from, before it has a cart: so that a form sent twice is one choice.

Pages that are kept in memory are the same for everybody and set no cookie. So the first form that a browser
sends is sent back once to get one, and browsers send it again by themselves. A second click on the button
then finds the cart of the first, even if the answer to the first was never read.
"""

from __future__ import annotations

import re
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from kassa.storefront.carts import cart_in
from kassa.storefront.shops import Shop

VISIT_SECONDS = 24 * 3600
ASKED = "visit"
_VISIT = re.compile(r"[A-Za-z0-9_-]{22}")


def visit_in(request: HttpRequest, shop: Shop) -> str:
    """Return what a browser's visit is called; empty: it brings no name."""
    visit = request.COOKIES.get(_cookie(shop), "")
    return f"shop:{visit}" if _VISIT.fullmatch(visit) else ""


def name_visit(request: HttpRequest, shop: Shop) -> HttpResponse | None:
    """Return the answer that names a visit and has the form sent again. Null: go on.

    A browser that has a cart or a name needs none, and one that keeps no cookies is asked only once.
    """
    if ASKED in request.GET or visit_in(request, shop) or cart_in(request, shop.organization_id):
        return None
    response = HttpResponse(status=307)
    response["Location"] = f"{request.path}?{ASKED}=1"
    response["Cache-Control"] = "no-store"
    response.set_cookie(
        _cookie(shop),
        secrets.token_urlsafe(16),
        max_age=VISIT_SECONDS,
        httponly=True,
        secure=settings.BASE_URL.startswith("https:"),
        samesite="Lax",
    )
    return response


def _cookie(shop: Shop) -> str:
    return f"kassa_visit_{shop.organization_id.hex}"
