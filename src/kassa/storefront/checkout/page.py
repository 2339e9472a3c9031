"""All that the checkout page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse

from kassa.orders.domain.order_view import EXPIRING_SOON
from kassa.payments.domain.attempts.transfer_limits import needs_proven_address
from kassa.sales.domain.browser_carts import is_of_another_browser, is_of_browser
from kassa.storefront.checkout.addons import addons_of
from kassa.storefront.checkout.basket import Basket, read_basket
from kassa.storefront.checkout.known import known_of
from kassa.storefront.checkout.sheet import Sheet
from kassa.storefront.checkout.summary import contained_of, lines_of, sums_of
from kassa.storefront.checkout.told import Told, told_of
from kassa.storefront.checkout.visit import Visit
from kassa.storefront.checkout.ways import Way, WaysToPay, ways_to_pay
from kassa.storefront.formatting import amount_text
from kassa.storefront.shop_pages import show_page
from kassa.storefront.visitors.browsers import browser_token, keep_browser
from kassa.storefront.visitors.carts import cart_in, cart_token, keep_cart
from kassa.storefront.visitors.holders import build_unproven_holders
from kassa.storefront.waiting.gate import stay_in
from kassa.web.headers import set_headers


@dataclass(frozen=True, slots=True)
class Held:
    """How long the places of a cart are held."""

    seconds: int
    is_soon: bool
    can_extend: bool

    @property
    def minutes(self) -> int:
        """Return the whole minutes that are left, the one that runs included."""
        return -(-self.seconds // 60)


def fresh_sheet(visit: Visit, basket: Basket, *, is_sent: bool) -> Sheet:
    """Return the forms of a checkout: as they were sent, else with what is known of the buyer."""
    ways = WaysToPay()
    if basket.is_paid_now:
        ways = ways_to_pay(
            visit.organization_id,
            begins_at=basket.begins_at,
            now=visit.now,
            needs_proof=lambda provider: _needs_proof(visit, basket, provider),
            sign_in=visit.sign_in_path,
        )
    return Sheet(visit, basket, ways=ways, known=known_of(visit, basket), is_sent=is_sent)


def _needs_proof(visit: Visit, basket: Basket, provider: str) -> bool:
    holders = build_unproven_holders(visit.request, visit.organization_id)
    if not holders:
        return False
    keys = {*holders, *basket.cart.holders}
    return needs_proven_address(visit.organization_id, provider, keys, basket.tickets_by_event, now=visit.now)


def show_checkout(visit: Visit, *, told: Told, is_sent: bool, sheet: Sheet | None = None) -> HttpResponse:
    """Answer with the page; without a sheet of its own it shows what was typed, and no errors."""
    basket = sheet.basket if sheet else read_basket(visit.organization_id, visit.cart_id, now=visit.now)
    if sheet is None:
        sheet = fresh_sheet(visit, basket, is_sent=is_sent)
        if is_sent:
            sheet.hush()
    context = checkout_context(visit, basket, sheet, told=_with_standing_problems(told, basket))
    response = show_page(
        visit.request, "checkout/checkout.html", context, shop=visit.shop, status=told.status
    )
    response["X-Robots-Tag"] = "noindex"
    set_headers(response, told.headers)
    if basket.is_open:
        if _is_to_be_remembered(visit, basket):
            keep_cart(response, visit.organization_id, visit.cart_id)
        keep_browser(visit.request, response, visit.organization_id)
        stay_in(visit.request, response, visit.organization_id, basket.events, now=visit.now)
    return response


def _is_to_be_remembered(visit: Visit, basket: Basket) -> bool:
    """Say whether the shop's cart link leads here: not to another browser's cart, nor away from the own."""
    if is_of_another_browser(basket.cart, visit.browser):
        return False
    return is_of_browser(basket.cart, visit.browser) or cart_in(visit.request, visit.organization_id) is None


def checkout_context(visit: Visit, basket: Basket, sheet: Sheet, *, told: Told) -> Mapping[str, Any]:
    """Return what the template of the page reads."""
    total = amount_text(basket.total, basket.currency)
    ways = sheet.ways.offered
    return {
        "visit": visit,
        "basket": basket,
        "sheet": sheet,
        "told": told,
        "wrong": sheet.wrong(),
        "token": cart_token(visit.organization_id, visit.cart_id),
        "browser_token": browser_token(visit.request, visit.organization_id),
        "lines": lines_of(basket, told.lines),
        "sums": sums_of(basket),
        "contained": contained_of(basket),
        "total": total,
        "exact_total": str(basket.total),
        "addons": addons_of(visit, basket),
        "held": held_of(visit, basket),
        "ways": _checked(ways, sheet),
        "refused_ways": sheet.ways.refused,
        "refused_way": sheet.refused_way,
        "hosted": any(way.is_hosted for way in ways),
        "cannot_pay": basket.is_paid_now and not ways,
        "coupon": basket.cart.coupon_code or "",
        "typed_coupon": visit.request.POST.get("coupon", "") if told.coupon else "",
    }


def held_of(visit: Visit, basket: Basket) -> Held | None:
    """Return how long a cart holds. None: it does not any more, or there is nothing in it."""
    if not basket.is_open or not basket.items:
        return None
    cart = basket.cart
    left = cart.expires_at - visit.now
    return Held(
        seconds=max(0, int(left.total_seconds())),
        is_soon=left <= EXPIRING_SOON,
        can_extend=cart.extended_at is None,
    )


def _checked(ways: Sequence[Way], sheet: Sheet) -> list[tuple[Way, bool]]:
    """Return the ways to pay, and which one is chosen: what was sent, else the first."""
    chosen = sheet.way["provider"].value() if sheet.way else None
    return [(way, way.name == chosen) for way in ways]


def _with_standing_problems(told: Told, basket: Basket) -> Told:
    """Add what stands in the way of the cart by itself, where nothing else is said."""
    price = basket.view.price
    coupon = told.coupon
    if not coupon and price.coupon_problem is not None:
        coupon = told_of(price.coupon_problem, basket).coupon
    lines, problem = dict(told.lines), told.problem
    if price.problem is not None and not problem:
        standing = told_of(price.problem, basket)
        lines, problem = {**standing.lines, **lines}, standing.problem
    return replace(told, coupon=coupon, lines=lines, problem=problem)
