"""A product that is sold alone is chosen like what an event offers."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from kassa.core.clock import utc_now
from kassa.storefront.choose.views import price, take
from kassa.storefront.shop.goods import product_offer
from kassa.storefront.shop.product_page import show_product
from kassa.storefront.shop_pages import shop_page
from kassa.storefront.shops import Shop


@shop_page("POST", "GET", "HEAD")
def choose_product(request: HttpRequest, *, shop: Shop, product_id: UUID) -> HttpResponse:
    """Put so many of a product into the buyer's cart, and go on to the checkout."""
    offer = product_offer(shop, product_id, language=get_language() or "en", now=utc_now())

    def show_again(
        chosen: Mapping[str, str | list[str]], problems: Mapping[str, str], status: int
    ) -> HttpResponse:
        return show_product(request, shop, product_id, chosen=chosen, problems=problems, status=status)

    return take(request, shop, offer, [], show_again)


@shop_page("POST")
def price_product(request: HttpRequest, *, shop: Shop, product_id: UUID) -> HttpResponse:
    """Say what so many of a product would cost; nothing is held."""
    offer = product_offer(shop, product_id, language=get_language() or "en", now=utc_now())
    return price(request, shop, offer)
