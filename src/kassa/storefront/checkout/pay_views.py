"""Paying an order from its own page, and choosing the same again when it has ended."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext, build_context
from kassa.core.errors import KassaError
from kassa.core.rate_limits import TooManyRequests
from kassa.core.stored_sentences import stored_sentence
from kassa.orders.domain.time_zones import find_time_zone
from kassa.orders.enums import HOLDING
from kassa.orders.models import Order
from kassa.orders.queries import list_order_tickets
from kassa.payments.domain.attempts.refresh import refresh_attempt
from kassa.payments.domain.refunds.buyer_refund import cancel_unpaid
from kassa.payments.errors import AddressUnproven
from kassa.payments.queries import find_checkout_url
from kassa.sales.domain.cart_again import Again, choose_order_again
from kassa.storefront.checkout.pay import open_payment
from kassa.storefront.checkout.pay_panel import PayState, pay_panel
from kassa.storefront.checkout.told import left_out_texts, written
from kassa.storefront.checkout.visit import SIGN_IN, checkout_path
from kassa.storefront.links.link_pages import public_page
from kassa.storefront.links.links import find_order
from kassa.storefront.refusals import refusal_text
from kassa.storefront.shops import shop_of
from kassa.storefront.visitors.browsers import keep_browser, name_browser
from kassa.storefront.visitors.carts import keep_cart
from kassa.storefront.visitors.holders import build_holders
from kassa.storefront.visitors.limits import CARTS, require_visitor
from kassa.storefront.waiting.cookies import passes_in
from kassa.storefront.waiting.gate import wait_path
from kassa.waiting.domain.passes import require_pass
from kassa.waiting.errors import WaitingRoomClosed
from kassa.web.language import activate_language
from kassa.web.redirects import see_other_page

CHOSEN_AGAIN = stored_sentence("The buyer chooses the same again.")
LONGEST_KEY = 200


@public_page("GET", "HEAD", "POST")
def pay(request: HttpRequest, token: str) -> HttpResponse:
    """Begin to pay an order (a form), or lead to the page on which it is paid (a link)."""
    order = find_order(token)
    activate_language(request, order.customer_language)
    if request.method == "POST":
        return _pay(request, order, token)
    url = find_checkout_url(order.organization_id, order.id)
    if url is None:
        return _to_order(request, token)
    context = {"url": url, "token": token, "shop": shop_of(order.organization_id)}
    return render(request, "checkout/forward.html", context)


@public_page()
def prove(request: HttpRequest, token: str) -> HttpResponse:
    """Tell a buyer to sign in before so much is paid by transfer, and where."""
    order = find_order(token)
    activate_language(request, order.customer_language)
    back_to = quote(reverse("storefront:order", args=[token]), safe="/")
    context = {
        "sign_in": f"{SIGN_IN}?next={back_to}",
        "token": token,
        "shop": shop_of(order.organization_id),
    }
    return render(request, "checkout/prove.html", context, status=AddressUnproven.status)


@public_page()
def back(request: HttpRequest, token: str) -> HttpResponse:
    """Receive a buyer who comes from a payment page: ask how the payment stands, and show it."""
    order = find_order(token)
    context = CommandContext(
        Actor.system(order.organization_id), utc_now(), "The buyer came back from the payment."
    )
    refresh_attempt(context, order.id)
    return _to_order(request, token)


@public_page("POST")
def again(request: HttpRequest, token: str) -> HttpResponse:
    """Choose what an order held once more: a new cart, and its checkout."""
    order = find_order(token)
    activate_language(request, order.customer_language)
    now = utc_now()
    state = pay_panel(order, now=now).state
    if state not in (PayState.ENDED, PayState.EXHAUSTED):
        return _to_order(request, token)
    organization_id = order.organization_id
    event_ids = {ticket.event_id for ticket in list_order_tickets(organization_id, order.id)}
    context = build_context(Actor.buyer(organization_id), now=now)
    try:
        require_visitor(CARTS, request, now=now)
        passes = require_pass(organization_id, event_ids=event_ids, tokens=passes_in(request), now=now)
        if state == PayState.EXHAUSTED and order.status in HOLDING:
            # It holds what the new cart shall have.
            cancel_unpaid(replace(context, reason=CHOSEN_AGAIN), order.id)
        browser = name_browser(request, organization_id)
        holders = build_holders(request, organization_id, passes=passes)
        found = choose_order_again(context, order.id, browser=browser, holders=holders)
    except WaitingRoomClosed as closed:
        return see_other_page(request, wait_path(closed), next=reverse("storefront:order", args=[token]))
    except TooManyRequests:
        raise  # the page of a refusal says so, and when to come back
    except KassaError as refusal:
        return _show_refused(request, order, token, (refusal_text(refusal),))
    return _to_cart(request, order, token, found)


def _to_cart(request: HttpRequest, order: Order, token: str, found: Again) -> HttpResponse:
    left_out = left_out_texts(found, time_zone=find_time_zone(order))
    if found.cart_id is None:
        return _show_refused(request, order, token, left_out)
    query = {"told": written(left_out)} if left_out else {}
    response = see_other_page(request, checkout_path(shop_of(order.organization_id), found.cart_id), **query)
    keep_cart(response, order.organization_id, found.cart_id)
    keep_browser(request, response, order.organization_id)
    return response


def _show_refused(request: HttpRequest, order: Order, token: str, sentences: tuple[str, ...]) -> HttpResponse:
    context = {"sentences": sentences, "token": token, "shop": shop_of(order.organization_id)}
    return render(request, "checkout/not_again.html", context, status=409)


def _pay(request: HttpRequest, order: Order, token: str) -> HttpResponse:
    posted = request.POST
    path = open_payment(
        request,
        order.organization_id,
        order.id,
        token=token,
        provider=posted.get("provider", ""),
        key=_key(posted.get("key", "")),
        now=utc_now(),
    )
    return see_other_page(request, path)


def _key(typed: str) -> str:
    """Return the key of a form, which makes one attempt of it however often it is sent."""
    return "".join(each for each in typed[:LONGEST_KEY] if each.isprintable()) or "page"


def _to_order(request: HttpRequest, token: str) -> HttpResponse:
    return see_other_page(request, reverse("storefront:order", args=[token]))
