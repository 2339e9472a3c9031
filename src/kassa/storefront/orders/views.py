"""The page of an order: what was bought, how it stands, and what its buyer can do about it."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse

from kassa.core.clock import utc_now
from kassa.orders.models import Order
from kassa.storefront.links.link_pages import public_page, show
from kassa.storefront.links.links import find_order
from kassa.storefront.messages import DONE
from kassa.storefront.orders.page import order_page
from kassa.storefront.shops import shop_of
from kassa.storefront.tickets.wallets import usable_wallets
from kassa.tickets.domain.wallet import wallets_of
from kassa.web.language import activate_language


@public_page()
def show_order(request: HttpRequest, token: str) -> HttpResponse:
    """Show an order to its buyer."""
    order = find_order(token)
    activate_language(request, order.customer_language)
    return show_order_page(request, order, token, now=utc_now())


def show_order_page(
    request: HttpRequest,
    order: Order,
    token: str,
    *,
    now: datetime,
    problem: object = None,
    status: int = 200,
) -> HttpResponse:
    """Show an order, perhaps with what went wrong when its buyer wanted something of it."""
    context = {
        "page": order_page(order, now=now),
        "shop": shop_of(order.organization_id),
        "token": token,
        "wallets": _wallets(request, order, now),
        "problem": problem,
        "done": None if problem else DONE.get(request.GET.get("done", "")),
    }
    return show(request, "order", context, status=status)


def _wallets(request: HttpRequest, order: Order, now: datetime) -> frozenset[str]:
    """Return the wallets that this browser can put the order's tickets into."""
    return usable_wallets(wallets_of(order.organization_id, now), request.headers.get("User-Agent", ""))
