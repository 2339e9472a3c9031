"""The button at the end: what was typed is looked at, the cart becomes an order, and the payment begins."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _

from kassa.core.errors import KassaError
from kassa.sales.domain.cart_order import order_cart
from kassa.sales.domain.outcome import Placed
from kassa.sales.errors import CartClosed, GuestCheckoutNotAllowed, OrderKeyReused, TotalChanged
from kassa.storefront.checkout.actions import has_unsaved, save_typed
from kassa.storefront.checkout.basket import Basket
from kassa.storefront.checkout.page import fresh_sheet, show_checkout
from kassa.storefront.checkout.pay import open_payment, order_path
from kassa.storefront.checkout.sheet import Sheet
from kassa.storefront.checkout.told import Told, told_of
from kassa.storefront.checkout.visit import Visit
from kassa.storefront.shop_pages import show_page
from kassa.storefront.visitors.browsers import keep_browser
from kassa.storefront.visitors.carts import forget_cart
from kassa.storefront.visitors.limits import ORDERS, check_mail_to, count_mail_to, require_visitor
from kassa.storefront.waiting.cookies import passes_in
from kassa.tickets.domain.links import FIRST_GENERATION, order_token
from kassa.waiting.domain.passes import use_up_passes
from kassa.web.redirects import see_other

UNPROCESSABLE = 422


def place(visit: Visit, basket: Basket) -> HttpResponse:
    """Place the order and send the buyer on, or show the page again and say what is still to be done."""
    if not basket.is_open or not basket.items:
        return show_checkout(visit, told=Told(status=CartClosed.status), is_sent=True)
    if has_unsaved(visit, basket):
        return _show_changed(visit, save_typed(visit, basket))
    if visit.request.POST.get("total") not in (None, str(basket.total)):
        return _show_changed(visit, Told())
    sheet = fresh_sheet(visit, basket, is_sent=True)
    if not sheet.is_valid():
        return show_checkout(visit, told=Told(status=UNPROCESSABLE), is_sent=True, sheet=sheet)
    return _order(visit, basket, sheet)


def pay_cart(visit: Visit, order_id: UUID, token: str, *, provider: str) -> str:
    """Begin to pay the order that a cart has become, once however often its form is sent; return the way."""
    return open_payment(
        visit.request,
        visit.organization_id,
        order_id,
        token=token,
        provider=provider,
        key=f"checkout:{visit.cart_id}",
        now=visit.now,
    )


def show_ordered(visit: Visit) -> HttpResponse:
    """Say that the cart has become an order, and where its buyer finds that; nothing else of it is told.

    A browser that remembers the cart forgets it: from now on its cart icon leads to an empty cart.
    """
    response = show_page(visit.request, "checkout/ordered.html", shop=visit.shop)
    response["X-Robots-Tag"] = "noindex"
    forget_cart(visit.request, response, visit.organization_id, visit.cart_id)
    return response


def _order(visit: Visit, basket: Basket, sheet: Sheet) -> HttpResponse:
    email = sheet.buyer.cleaned_data["email"]
    try:
        require_visitor(ORDERS, visit.request, now=visit.now)
        check_mail_to(visit.request, email, now=visit.now)
        checkout = replace(
            sheet.checkout(), expected_total=basket.total if "total" in visit.request.POST else None
        )
        outcome = order_cart(visit.context, visit.cart_id, checkout)
    except KassaError as refusal:
        outcome = refusal
    if isinstance(outcome, Placed):
        count_mail_to(visit.request, email, now=visit.now)
        return _placed(visit, basket, sheet, outcome.order_id)
    if isinstance(outcome, GuestCheckoutNotAllowed):
        return see_other(visit.sign_in_path)
    if isinstance(outcome, OrderKeyReused):
        return show_ordered(visit)
    if isinstance(outcome, CartClosed):
        return show_checkout(visit, told=Told(status=outcome.status), is_sent=True)
    if isinstance(outcome, TotalChanged):
        return _show_changed(visit, Told())
    told = Told(status=outcome.status) if sheet.refuse(outcome) else told_of(outcome, basket)
    return show_checkout(visit, told=told, is_sent=True, sheet=sheet)


def _placed(visit: Visit, basket: Basket, sheet: Sheet, order_id: UUID) -> HttpResponse:
    token = order_token(visit.organization_id, order_id, FIRST_GENERATION)
    path = order_path(token)
    if sheet.provider is not None:
        path = pay_cart(visit, order_id, token, provider=sheet.provider)
    use_up_passes(
        visit.organization_id, event_ids=basket.events, tokens=passes_in(visit.request), now=visit.now
    )
    response = see_other(path)
    forget_cart(visit.request, response, visit.organization_id, visit.cart_id)
    keep_browser(visit.request, response, visit.organization_id)
    return response


def _show_changed(visit: Visit, told: Told) -> HttpResponse:
    """Show the new total before anything is ordered."""
    if not told.problem and not told.coupon:
        told = replace(told, done=_("The total has changed. Please check it and order again."), status=409)
    return show_checkout(visit, told=told, is_sent=True)
