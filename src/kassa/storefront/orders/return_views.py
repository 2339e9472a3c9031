"""Buyers give tickets back: choose, see what comes back, agree. And they cancel what is not paid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import KassaError
from kassa.orders.models import Order
from kassa.payments.domain.refunds import buyer_refund
from kassa.payments.errors import ReturnRefused
from kassa.storefront.links.link_pages import public_page, show
from kassa.storefront.links.links import find_order
from kassa.storefront.messages import WHY_KEPT
from kassa.storefront.orders.page import OrderPage, order_page
from kassa.storefront.orders.returns import preview_of, return_lines, ticket_returns
from kassa.storefront.orders.views import show_order_page
from kassa.storefront.refusals import refusal_text
from kassa.storefront.shops import shop_of
from kassa.web.language import activate_language
from kassa.web.redirects import see_other_page

Problem = str | Promise | None


@dataclass(frozen=True, slots=True)
class Choice:
    """What a buyer has chosen to give back, and to which sum they have agreed."""

    tickets: tuple[UUID, ...]
    agreed: Decimal | None
    """None: to none."""


@public_page("GET", "HEAD", "POST")
def return_tickets(request: HttpRequest, token: str) -> HttpResponse:
    """Show what may be given back and what would come back for it; sent as a form, give it back."""
    now = utc_now()
    order = find_order(token)
    activate_language(request, order.customer_language)
    if request.method == "POST":
        return _give_back(request, order, token, now)
    choice = Choice(_ids(request.GET.getlist("ticket")), None)
    is_empty = "preview" in request.GET and not choice.tickets
    nothing = _("Choose what you want to return.") if is_empty else None
    return _show(request, order, token, choice, now, problem=nothing, status=422 if nothing else 200)


@public_page("POST")
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    """Cancel an order that its buyer has not paid."""
    now = utc_now()
    order = find_order(token)
    activate_language(request, order.customer_language)
    try:
        buyer_refund.cancel_unpaid(_by_buyer(order, now), order.id)
    except KassaError as refused:
        order.refresh_from_db()
        problem = _problem(refused)
        return show_order_page(request, order, token, now=now, problem=problem, status=refused.status)
    return see_other_page(request, reverse("storefront:order", args=[token]), done="cancelled")


def _give_back(request: HttpRequest, order: Order, token: str, now: datetime) -> HttpResponse:
    choice = Choice(_ids(request.POST.getlist("ticket")), _amount(request.POST.get("agreed", "")))
    if choice.agreed is None:
        return _show(request, order, token, choice, now)
    try:
        buyer_refund.return_tickets(
            _by_buyer(order, now), order.id, ticket_ids=choice.tickets, agreed=choice.agreed
        )
    except KassaError as refused:
        order.refresh_from_db()
        problem = _problem(refused)
        return _show(request, order, token, choice, now, problem=problem, status=refused.status)
    return see_other_page(request, reverse("storefront:order", args=[token]), done="returned")


def _show(
    request: HttpRequest,
    order: Order,
    token: str,
    choice: Choice,
    now: datetime,
    *,
    problem: Problem = None,
    status: int = 200,
) -> HttpResponse:
    page = order_page(order, now=now)
    events = {one.event.id: one.event for one in page.events}
    tickets = [line.ticket for one in page.events for line in one.lines]
    returns = ticket_returns(order, tickets, events, page.settings, now=now)
    possible = [one for one in returns if returns[one].why_not is None]
    chosen = [one for one in choice.tickets if one in possible]
    if len(possible) == 1 and not choice.tickets and not problem:
        chosen = possible  # there is nothing to choose
    gone = next(
        (returns[one].why_not for one in choice.tickets if one in returns and one not in chosen), None
    )
    if gone is not None and problem is None:
        problem = WHY_KEPT[gone]
    context = {
        "page": page,
        "shop": shop_of(order.organization_id),
        "token": token,
        "events": return_lines(page.events, returns, chosen) if returns else (),
        "chosen": chosen,
        "is_only": len(tickets) == len(chosen) == 1,
        "problem": problem,
    }
    if chosen:
        try:
            context["preview"] = _preview(order, page, chosen, now)
        except KassaError as refused:
            context["problem"], status = problem or _problem(refused), max(status, refused.status)
    return show(request, "return", context, status=status)


def _preview(order: Order, page: OrderPage, chosen: list[UUID], now: datetime) -> object:
    plan, currency = buyer_refund.preview_return(order.organization_id, order.id, ticket_ids=chosen, now=now)
    return preview_of(plan, currency, page.events)


def _problem(refused: KassaError) -> Problem:
    if isinstance(refused, ReturnRefused):
        return WHY_KEPT[refused.reason]
    return refusal_text(refused)


def _by_buyer(order: Order, now: datetime) -> CommandContext:
    return CommandContext(Actor.buyer(order.organization_id), now)


def _ids(sent: Iterable[str]) -> tuple[UUID, ...]:
    """Return what was sent as ids, each once; what is none chooses nothing."""
    found: dict[UUID, None] = {}
    for text in sent:
        try:
            found[UUID(text)] = None
        except ValueError:
            continue
    return tuple(found)


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
