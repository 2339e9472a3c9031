"""The cart and its checkout."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from kassa.orders.queries import get_order
from kassa.sales.enums import CartStatus
from kassa.storefront.checkout.actions import do
from kassa.storefront.checkout.again import choose_again
from kassa.storefront.checkout.basket import Basket, read_basket
from kassa.storefront.checkout.buyer_key import has_ordered
from kassa.storefront.checkout.page import show_checkout
from kassa.storefront.checkout.pay import order_path
from kassa.storefront.checkout.place import pay_cart, place, show_ordered
from kassa.storefront.checkout.told import Told, read
from kassa.storefront.checkout.visit import Visit, checkout_path, visit_of
from kassa.storefront.shop_pages import shop_page, show_page
from kassa.storefront.shops import Shop
from kassa.storefront.visitors.carts import cart_in, forget_cart
from kassa.tickets.domain.links import FIRST_GENERATION, order_token
from kassa.web.redirects import see_other


@shop_page()
def cart(request: HttpRequest, *, shop: Shop) -> HttpResponse:
    """Lead to the cart that this browser had last, or say that there is none."""
    cart_id = cart_in(request, shop.organization_id)
    if cart_id is None:
        return show_page(request, "checkout/empty.html", shop=shop)
    return see_other(checkout_path(shop, cart_id))


@shop_page("GET", "HEAD", "POST")
def checkout(request: HttpRequest, token: str, *, shop: Shop) -> HttpResponse:
    """Show a cart's checkout, or do what one of its buttons says."""
    visit = visit_of(request, shop, token)
    basket = read_basket(visit.organization_id, visit.cart_id, now=visit.now)
    if basket.status == CartStatus.CONVERTED and basket.view.order_id is not None:
        return _to_order(visit, basket.view.order_id)
    if not basket.items:
        return show_page(request, "checkout/empty.html", shop=shop)
    if request.method == "POST":
        return _act(visit, basket)
    if visit.must_sign_in and basket.is_open:
        return see_other(visit.sign_in_path)
    told = Told(left_out=read(request.GET.get("told", "")))
    return show_checkout(visit, told=told, is_sent=False)


def _act(visit: Visit, basket: Basket) -> HttpResponse:
    wanted = visit.request.POST.get("do", "")
    if wanted == "order":
        return place(visit, basket)
    if wanted == "again":
        return choose_again(visit, basket)
    told = do(visit, basket, wanted)
    if not read_basket(visit.organization_id, visit.cart_id, now=visit.now).items:
        return show_page(visit.request, "checkout/empty.html", shop=visit.shop)
    return show_checkout(visit, told=told, is_sent=True)


def _to_order(visit: Visit, order_id: UUID) -> HttpResponse:
    """Lead to the order that the cart has become; a buyer who clicked twice goes on to pay as after one.

    Whoever only knows the cart's address, such as somebody who has sent the buyer there, is told where the
    buyer finds it. So is everybody once the order's links were ended: then only a later link opens it.
    """
    posted = visit.request.POST
    order = get_order(visit.organization_id, order_id)
    if order.link_generation != FIRST_GENERATION or not has_ordered(visit, order):
        return show_ordered(visit)
    token = order_token(visit.organization_id, order.id, FIRST_GENERATION)
    path = order_path(token)
    if posted.get("do") == "order" and posted.get("provider"):
        path = pay_cart(visit, order.id, token, provider=posted["provider"])
    response = see_other(path)
    forget_cart(visit.request, response, visit.organization_id, visit.cart_id)
    return response
