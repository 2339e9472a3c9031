"""The same once more, when the time was over: a new cart, and nothing that was typed is lost."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpResponse

from kassa.core.errors import KassaError
from kassa.sales.domain.cart_again import choose_cart_again
from kassa.storefront.checkout.basket import Basket
from kassa.storefront.checkout.page import show_checkout
from kassa.storefront.checkout.told import Told, left_out_texts, told_of
from kassa.storefront.checkout.visit import Visit
from kassa.storefront.visitors.holders import build_holders
from kassa.storefront.visitors.limits import CARTS, require_visitor
from kassa.storefront.waiting.cookies import passes_in
from kassa.waiting.domain.passes import require_pass


def choose_again(visit: Visit, basket: Basket) -> HttpResponse:
    """Choose what a cart held again, and show its checkout with what was typed in this one."""
    organization_id = visit.organization_id
    try:
        require_visitor(CARTS, visit.request, now=visit.now)
        passes = require_pass(
            organization_id, event_ids=basket.events, tokens=passes_in(visit.request), now=visit.now
        )
        again = choose_cart_again(
            visit.context,
            visit.cart_id,
            browser=visit.browser,
            holders=build_holders(visit.request, organization_id, passes=passes),
        )
    except KassaError as refusal:
        return show_checkout(visit, told=told_of(refusal, basket), is_sent=True)
    left_out = left_out_texts(again, time_zone=basket.time_zone)
    if again.cart_id is None:
        return show_checkout(visit, told=Told(left_out=left_out, status=409), is_sent=True)
    return show_checkout(replace(visit, cart_id=again.cart_id), told=Told(left_out=left_out), is_sent=True)
