"""The page on which an offered ticket is accepted or declined."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse

from kassa.catalog.errors import AnswerRefused
from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext, build_context
from kassa.core.errors import KassaError
from kassa.organizations.queries import organization_settings
from kassa.storefront.links.link_pages import public_page, show
from kassa.storefront.links.links import find_transfer
from kassa.storefront.messages import ANSWER_DOES_NOT_FIT, problem_text
from kassa.storefront.shops import shop_of
from kassa.storefront.tickets.forms import AcceptForm
from kassa.storefront.transfers.page import TransferPage, transfer_page
from kassa.tickets.domain.transfer import NewHolder, accept_transfer, decline_transfer, name_parts
from kassa.web.language import activate_language
from kassa.web.redirects import see_other_page


@public_page("GET", "HEAD", "POST")
def show_transfer(request: HttpRequest, token: str) -> HttpResponse:
    """Show an offered ticket to the new person, or do what they decide."""
    now = utc_now()
    transfer = find_transfer(token)
    activate_language(
        request, transfer.language or organization_settings(transfer.organization_id).default_language
    )
    page = transfer_page(transfer, now=now)
    if request.method == "POST":
        return _act(request, page, now)
    return _show(request, page)


def _act(request: HttpRequest, page: TransferPage, now: datetime) -> HttpResponse:
    transfer = page.transfer
    context = build_context(Actor.holder(transfer.organization_id, transfer.ticket_id), now=now)
    try:
        match request.POST.get("action"):
            case "decline":
                decline_transfer(context, transfer.id)
            case "accept" if page.is_open:
                return _accept(request, page, context)
            case "accept":  # sent twice: the page says what came of it
                pass
            case _:
                return _show(request, page, problem=problem_text(KassaError("")), status=400)
    except KassaError as error:
        transfer.refresh_from_db()
        fresh = transfer_page(transfer, now=now)
        typed = _form(fresh, request)
        return _show(request, fresh, form=typed, problem=problem_text(error), status=error.status)
    return see_other_page(request, request.path)


def _accept(request: HttpRequest, page: TransferPage, context: CommandContext) -> HttpResponse:
    form = _form(page, request)
    if form.is_valid():
        given = form.cleaned_data
        holder = NewHolder(given["first_name"], given["last_name"], given["phone"], form.answers())
        try:
            accept_transfer(context, page.transfer.id, holder=holder)
        except AnswerRefused as refused:
            form.add_error(f"answer-{refused.question}", ANSWER_DOES_NOT_FIT)
        else:
            return see_other_page(request, request.path)
    return _show(request, page, form=form, status=422)


def _form(page: TransferPage, request: HttpRequest | None = None) -> AcceptForm:
    first_name, last_name = name_parts(page.transfer.to_name)
    return AcceptForm(
        request.POST if request else None,
        initial={"first_name": first_name, "last_name": last_name},
        names_required=page.of_ticket.names_required,
        questions=page.questions,
        answers={},
    )


def _show(
    request: HttpRequest,
    page: TransferPage,
    *,
    form: AcceptForm | None = None,
    problem: object = None,
    status: int = 200,
) -> HttpResponse:
    shop = shop_of(page.transfer.organization_id)
    context = {"page": page, "shop": shop, "form": form or _form(page), "problem": problem}
    return show(request, "transfer", context, status=status)
