"""The page of a ticket: what to show at the door, and what its holder may do with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language

from kassa.catalog.errors import AnswerRefused
from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext, build_context
from kassa.core.errors import InvalidInput, KassaError
from kassa.storefront.links.link_pages import public_page, show
from kassa.storefront.links.links import find_ticket
from kassa.storefront.messages import ANSWER_DOES_NOT_FIT, DONE, THEIRS_ALREADY, problem_text
from kassa.storefront.shops import shop_of
from kassa.storefront.tickets.forms import AttendeeForm, OfferForm
from kassa.storefront.tickets.page import TicketPage, ticket_page
from kassa.storefront.tickets.wallets import usable_wallets
from kassa.storefront.visitors.limits import MAILS, require_mail_to, require_visitor
from kassa.tickets.domain.attendee import AttendeeChanges, change_attendee
from kassa.tickets.domain.links import ticket_token
from kassa.tickets.domain.reissue import reissue_ticket
from kassa.tickets.domain.transfer import Offer, offer_ticket, withdraw_transfer
from kassa.tickets.queries import find_holder_language
from kassa.web.forms import Form
from kassa.web.headers import set_headers
from kassa.web.language import activate_language
from kassa.web.redirects import see_other_page

Problem = object
Forms = dict[str, Form]


@public_page("GET", "HEAD", "POST")
def show_ticket(request: HttpRequest, token: str) -> HttpResponse:
    """Show a ticket to its holder, or do what they ask for."""
    now = utc_now()
    ticket = find_ticket(token)
    activate_language(request, find_holder_language(ticket))
    page = ticket_page(ticket, now=now)
    if request.method == "POST":
        return _act(request, token, page, now)
    return _show(request, token, page)


def _act(request: HttpRequest, token: str, page: TicketPage, now: datetime) -> HttpResponse:
    act = ACTIONS.get(request.POST.get("action", ""))
    if act is None:
        return _show(request, token, page, problem=problem_text(KassaError("")), status=400)
    context = build_context(Actor.holder(page.ticket.organization_id, page.ticket.id), now=now)
    try:
        return act(request, token, page, context)
    except KassaError as error:
        # The ticket may have changed meanwhile, or gone to somebody else: what is shown beside the refusal
        # is what the link opens now.
        fresh = ticket_page(find_ticket(token), now=now)
        typed = _typed(request, fresh)
        problem = problem_text(error)
        response = _show(request, token, fresh, forms=typed, problem=problem, status=error.status)
        set_headers(response, error.answer_headers)
        return response


def _change(request: HttpRequest, token: str, page: TicketPage, context: CommandContext) -> HttpResponse:
    form = _attendee_form(page, request)
    if not form.is_valid():
        return _show(request, token, page, forms={"attendee": form}, status=422)
    given = form.cleaned_data
    changes = AttendeeChanges(
        first_name=given["first_name"],
        last_name=given["last_name"],
        email=given["email"],
        phone=given["phone"],
        answers=form.answers() or None,
    )
    try:
        ticket = page.ticket
        change_attendee(context, ticket.id, changes=changes, held_code=ticket.code)
    except AnswerRefused as refused:
        form.add_error(f"answer-{refused.question}", ANSWER_DOES_NOT_FIT)
        return _show(request, token, page, forms={"attendee": form}, status=422)
    return see_other_page(request, request.path, done="changed")


def _offer(request: HttpRequest, token: str, page: TicketPage, context: CommandContext) -> HttpResponse:
    form = OfferForm(request.POST, prefix="offer")
    if not form.is_valid():
        return _show(request, token, page, forms={"offer": form}, status=422)
    given = form.cleaned_data
    # Friends mostly read the same language.
    offer = Offer(given["to_email"], given["to_name"], given["message"], get_language())
    require_visitor(MAILS, request, now=context.now)
    require_mail_to(request, given["to_email"], now=context.now)
    try:
        ticket = page.ticket
        offer_ticket(context, ticket.id, offer=offer, held_code=ticket.code)
    except InvalidInput:
        form.add_error("to_email", THEIRS_ALREADY)
        return _show(request, token, page, forms={"offer": form}, status=422)
    return see_other_page(request, request.path, done="offered")


def _withdraw(request: HttpRequest, token: str, page: TicketPage, context: CommandContext) -> HttpResponse:
    if page.offer is not None:
        withdraw_transfer(context, page.offer.id)
    return see_other_page(request, request.path, done="withdrawn")


def _replace(request: HttpRequest, token: str, page: TicketPage, context: CommandContext) -> HttpResponse:
    ticket = page.ticket
    fresh = reissue_ticket(context, ticket.id, held_code=ticket.code)
    new = ticket_token(ticket.organization_id, ticket.id, fresh.link_generation, fresh.code)
    return see_other_page(request, reverse("storefront:ticket", args=[new]), done="replaced")


ACTIONS: dict[str, Callable[[HttpRequest, str, TicketPage, CommandContext], HttpResponse]] = {
    "change": _change,
    "offer": _offer,
    "withdraw": _withdraw,
    "replace": _replace,
}


def _attendee_form(page: TicketPage, request: HttpRequest | None = None) -> AttendeeForm:
    ticket = page.ticket
    present = {
        name: getattr(ticket, f"attendee_{name}") for name in ("first_name", "last_name", "email", "phone")
    }
    return AttendeeForm(
        request.POST if request else None,
        prefix="attendee",
        initial=present,
        names_required=page.names_required,
        questions=page.questions,
        answers=ticket.attendee_fields,
    )


def _typed(request: HttpRequest, page: TicketPage) -> Forms:
    """Return the form that was sent, so that nothing has to be typed again."""
    match request.POST.get("action"):
        case "change":
            return {"attendee": _attendee_form(page, request)}
        case "offer":
            return {"offer": OfferForm(request.POST, prefix="offer")}
    return {}


def _show(
    request: HttpRequest,
    token: str,
    page: TicketPage,
    *,
    forms: Forms | None = None,
    problem: Problem = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "page": page,
        "shop": shop_of(page.ticket.organization_id),
        "token": token,
        "wallets": usable_wallets(page.wallets, request.headers.get("User-Agent", "")),
        "attendee_form": _attendee_form(page),
        "offer_form": OfferForm(prefix="offer"),
        **{f"{name}_form": form for name, form in (forms or {}).items()},
        "problem": problem,
        "done": DONE.get(request.GET.get("done", "")),
    }
    return show(request, "ticket", context, status=status)
