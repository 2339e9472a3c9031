"""The page of an order: what was bought, how it stands, and the way to each ticket."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from kassa.core.clock import utc_now
from kassa.storefront.find import find_order
from kassa.storefront.order_page import order_page
from kassa.storefront.public import public_page, show, speak


@public_page()
def show_order(request: HttpRequest, token: str) -> HttpResponse:
    """Show an order to its buyer."""
    order = find_order(token)
    speak(request, order.customer_language)
    context = {"page": order_page(order, now=utc_now()), "token": token}
    return show(request, "order", context)
