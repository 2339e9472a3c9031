"""The page on which somebody who has lost the mail with their order asks for its link again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from kassa.core.clock import utc_now
from kassa.storefront.account.forms import FindOrderForm
from kassa.storefront.account.order_links import request_order_links
from kassa.storefront.shop_pages import shop_page
from kassa.storefront.shops import Shop
from kassa.web.redirects import see_other

SENT = "sent"


@require_http_methods(["GET", "HEAD", "POST"])
def find_order(request: HttpRequest) -> HttpResponse:
    """Ask for an address, and have the links to its orders in all shops sent to it."""
    return _find_order(request, None)


@shop_page("GET", "HEAD", "POST")
def find_order_in_shop(request: HttpRequest, *, shop: Shop) -> HttpResponse:
    """Ask for an address, and have the links to its orders in this shop sent to it."""
    return _find_order(request, shop)


def _find_order(request: HttpRequest, shop: Shop | None) -> HttpResponse:
    form = FindOrderForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        request_order_links(request, form.cleaned_data["email"], shop=shop, now=utc_now())
        return see_other(f"{request.path}?{SENT}=1")
    context = {"form": form, "shop": shop, "is_sent": SENT in request.GET and not form.is_bound}
    return render(request, "accounts/find_order.html", context)
