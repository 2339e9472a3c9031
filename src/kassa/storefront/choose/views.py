"""A choice is sent: it becomes a cart, or is shown again with what is wrong; or it is only priced."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote, urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import build_context
from kassa.core.errors import KassaError
from kassa.core.rate_limits import TooManyRequests
from kassa.sales.domain.choice_price import ChoicePrice, price_choice
from kassa.sales.domain.choose import Choice, choose
from kassa.sales.domain.coupon_tries import limit_coupon_tries
from kassa.sales.errors import CouponUnknown
from kassa.storefront.choose.form import AskedFor, chosen_in, read_choice
from kassa.storefront.choose.offers import Offered, plan_of
from kassa.storefront.choose.refused import drop_taken, problems_of
from kassa.storefront.choose.sum import show_sum
from kassa.storefront.choose.visits import ask_for_name
from kassa.storefront.shop.event_page import show_event
from kassa.storefront.shop.offer import event_offer
from kassa.storefront.shop_pages import shop_page
from kassa.storefront.shops import Shop
from kassa.storefront.visitors.browsers import keep_browser, name_browser
from kassa.storefront.visitors.carts import cart_in, cart_token, keep_cart
from kassa.storefront.visitors.holders import build_holders
from kassa.storefront.visitors.limits import CARTS, PRICES, coupon_limits, require_visitor
from kassa.storefront.waiting.cookies import passes_in
from kassa.storefront.waiting.gate import wait_path
from kassa.waiting.domain.passes import require_pass
from kassa.waiting.errors import WaitingRoomClosed
from kassa.web.headers import set_headers

ShowAgain = Callable[[Mapping[str, str | list[str]], Mapping[str, str], int], HttpResponse]
NO_PRICE: Mapping[str, object] = {"sum": "", "total": ""}


@shop_page("POST", "GET", "HEAD")
def choose_of_event(request: HttpRequest, *, shop: Shop, event_id: UUID) -> HttpResponse:
    """Put what is chosen of an event into the buyer's cart, and go on to the checkout."""
    offer = event_offer(shop, event_id, language=get_language() or "en", now=utc_now())

    def show_again(
        chosen: Mapping[str, str | list[str]], problems: Mapping[str, str], status: int
    ) -> HttpResponse:
        return show_event(request, shop, event_id, chosen=chosen, problems=problems, status=status)

    return take(request, shop, offer, [event_id], show_again)


@shop_page("POST")
def price_event(request: HttpRequest, *, shop: Shop, event_id: UUID) -> HttpResponse:
    """Say what a choice of an event would cost; nothing is held."""
    return price(request, shop, event_offer(shop, event_id, language=get_language() or "en", now=utc_now()))


def take(
    request: HttpRequest, shop: Shop, offer: Offered, event_ids: Iterable[UUID], show_again: ShowAgain
) -> HttpResponse:
    """Put what a form asks for into the buyer's cart, or show it again with what is wrong.

    ``event_ids`` are those whose waiting rooms stand before it.
    """
    now = utc_now()
    if request.method != "POST":
        # Somebody has loaded the page of a refusal once more, or wants it in another language.
        query = request.GET.urlencode()
        return HttpResponseRedirect(f"{offer.address}?{query}" if query else offer.address)
    again = ask_for_name(request, shop)
    if again is not None:
        return again
    try:
        passes = require_pass(shop.organization_id, event_ids=event_ids, tokens=passes_in(request), now=now)
    except WaitingRoomClosed as closed:
        return _to_the_room(request, offer, closed)
    plan = plan_of(offer)
    chosen, asked = chosen_in(request.POST), read_choice(request.POST, offer, plan)
    if not asked.lines and not asked.problems:
        asked.problems["form"] = _("Choose something first.")
    if asked.problems:
        return show_again(chosen, asked.problems, 422)
    try:
        require_visitor(CARTS, request, now=now)
        holders = build_holders(request, shop.organization_id, passes=passes)
        cart_id = _choose(request, shop, _choice(offer, asked, holders), now)
    except KassaError as refused:
        problems = problems_of(refused, asked, plan, offer)
        response = show_again(drop_taken(chosen, refused, plan), problems, refused.status)
        set_headers(response, refused.answer_headers)
        return response
    response = HttpResponse(status=303)
    response["Location"] = f"{shop.at}/checkout/{cart_token(shop.organization_id, cart_id)}"
    response["Cache-Control"] = "no-store"
    keep_cart(response, shop.organization_id, cart_id)
    keep_browser(request, response, shop.organization_id)
    return response


def _choice(offer: Offered, asked: AskedFor, holders: tuple[str, ...]) -> Choice:
    return Choice(
        lines=tuple(asked.lines),
        currency=offer.currency,
        event_id=offer.event.id if offer.event else None,
        coupon_code=asked.coupon,
        holders=holders,
    )


def _choose(request: HttpRequest, shop: Shop, choice: Choice, now: datetime) -> UUID:
    counted = coupon_limits(request, shop.organization_id) if choice.coupon_code else ()
    with limit_coupon_tries(counted, now=now):
        return choose(
            build_context(Actor.buyer(shop.organization_id), now=now),
            choice,
            cart_id=cart_in(request, shop.organization_id),
            browser=name_browser(request, shop.organization_id),
        )


def _to_the_room(request: HttpRequest, offer: Offered, closed: WaitingRoomClosed) -> HttpResponse:
    """Send to the waiting room; the way back leads to the page with the choice, which a script fills in."""
    chosen = {name: value for name, value in chosen_in(request.POST).items() if value not in ("", "0", [])}
    back = f"{offer.address}#{urlencode(chosen, doseq=True)}" if chosen else offer.address
    response = HttpResponse(status=303)
    response["Location"] = f"{wait_path(closed)}?next={quote(back, safe='/')}"
    response["Cache-Control"] = "no-store"
    return response


def price(request: HttpRequest, shop: Shop, offer: Offered) -> HttpResponse:
    """Say what a form's choice would cost and what is wrong with it."""
    now = utc_now()
    plan = plan_of(offer)
    asked = read_choice(request.POST, offer, plan)
    problems = dict(asked.problems)
    answer: dict[str, object] = {**NO_PRICE, "problems": problems}
    status, headers = 200, {"Cache-Control": "no-store"}
    try:
        require_visitor(PRICES, request, now=now)
        if asked.lines:
            found = _price(request, shop, asked, now)
            for refused in (found.problem, found.coupon_problem):
                if refused is not None:
                    problems.update(problems_of(refused, asked, plan, offer))
            answer.update(show_sum(found, coupon=asked.coupon))
    except TooManyRequests as refused:
        problems.update(problems_of(refused, asked, plan, offer))
        status, headers = refused.status, {**headers, **refused.answer_headers}
    return JsonResponse(answer, status=status, headers=headers)


def _price(request: HttpRequest, shop: Shop, asked: AskedFor, now: datetime) -> ChoicePrice:
    """Price a choice; without its coupon when too many wrong codes were typed before."""
    counted = coupon_limits(request, shop.organization_id) if asked.coupon else ()
    found: ChoicePrice | None = None
    try:
        with limit_coupon_tries(counted, now=now):
            found = price_choice(shop.organization_id, asked.lines, coupon_code=asked.coupon, now=now)
            if isinstance(found.coupon_problem, CouponUnknown):
                raise found.coupon_problem
    except CouponUnknown:
        pass  # the price says so
    except TooManyRequests as refusal:
        found = found or price_choice(shop.organization_id, asked.lines, coupon_code=None, now=now)
        return replace(found, coupon_problem=refusal)
    assert found is not None  # noqa: S101 - for the type alone
    return found
