"""A browser gets its name before it has a cart: so that a form sent twice is one choice.

Pages that are kept in memory are the same for everybody and set no cookie. So the first form that a browser
sends is sent back once to get one, and browsers send it again by themselves. A second click on the button
then finds the cart of the first, even if the answer to the first was never read.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from kassa.storefront.shops import Shop
from kassa.storefront.visitors.browsers import browser_in, keep_browser

ASKED = "visit"


def ask_for_name(request: HttpRequest, shop: Shop) -> HttpResponse | None:
    """Return the answer that names a browser and has the form sent again. None: go on.

    A browser that has a name needs none, and one that keeps no cookies is asked only once.
    """
    if ASKED in request.GET or browser_in(request, shop.organization_id):
        return None
    response = HttpResponse(status=307)
    response["Location"] = f"{request.path}?{ASKED}=1"
    response["Cache-Control"] = "no-store"
    keep_browser(request, response, shop.organization_id)
    return response
