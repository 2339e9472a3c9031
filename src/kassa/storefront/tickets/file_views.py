"""Tickets to take along: to print, for the calendar, for a phone's wallet."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import content_disposition_header
from django.utils.translation import get_language

from kassa.core.clock import utc_now
from kassa.core.errors import NotFound
from kassa.orders.models import Order, Ticket
from kassa.orders.queries import get_order, list_order_tickets
from kassa.storefront.links.link_pages import public_page
from kassa.storefront.links.links import LinkDead, find_order, find_ticket
from kassa.tickets.domain.capabilities import admits, can_print
from kassa.tickets.domain.documents import calendar_file, tickets_pdf
from kassa.tickets.domain.keys import signing_key
from kassa.tickets.domain.qr import qr_text
from kassa.tickets.domain.qr_image import qr_png
from kassa.tickets.domain.wallet import apple_pass, google_wallet_link
from kassa.tickets.queries import find_holder_language, still_held
from kassa.web.language import activate_language

PDF = "application/pdf"
PNG = "image/png"
CALENDAR = "text/calendar; charset=utf-8"
APPLE_WALLET = "application/vnd.apple.pkpass"
LETTERS_IN_NAME = 4
NOTHING = "There is no ticket to take along at this address."


@public_page()
def order_pdf(request: HttpRequest, token: str) -> HttpResponse:
    """Answer with the buyer's own tickets of an order, a page each; those given away are left out."""
    order, tickets = _own_tickets(request, token)
    pdf = tickets_pdf(
        order.organization_id,
        ticket_ids=[ticket.id for ticket in tickets],
        language=get_language(),
        now=utc_now(),
    )
    return _file(pdf, PDF, f"{order.number}.pdf", tickets)


@public_page()
def order_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """Answer with the dates of the buyer's own tickets of an order."""
    order, tickets = _own_tickets(request, token)
    dates = calendar_file(
        order.organization_id,
        order_id=order.id,
        ticket_ids=[ticket.id for ticket in tickets],
        language=get_language(),
        now=utc_now(),
    )
    return _file(dates, CALENDAR, f"{order.number}.ics", tickets)


@public_page()
def ticket_pdf(request: HttpRequest, token: str) -> HttpResponse:
    """Answer with a ticket to print."""
    ticket = _ticket(request, token)
    pdf = tickets_pdf(ticket.organization_id, ticket_ids=[ticket.id], language=get_language(), now=utc_now())
    return _file(pdf, PDF, f"{_number(ticket)}.pdf", [ticket])


@public_page()
def ticket_qr(request: HttpRequest, token: str) -> HttpResponse:
    """Answer with the QR code of a ticket as a picture, for messages that show it."""
    ticket = _ticket(request, token)
    picture = qr_png(qr_text(ticket, signing_key(ticket.organization_id, utc_now())))
    return _file(picture, PNG, f"{_number(ticket)}.png", [ticket])


@public_page()
def ticket_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """Answer with the date of a ticket."""
    ticket = _ticket(request, token)
    dates = calendar_file(
        ticket.organization_id, ticket_ids=[ticket.id], language=get_language(), now=utc_now()
    )
    return _file(dates, CALENDAR, f"{_number(ticket)}.ics", [ticket])


@public_page()
def ticket_pass(request: HttpRequest, token: str) -> HttpResponse:
    """Answer with a pass for Apple's wallet, where the organisation has an account for them."""
    ticket = _ticket(request, token)
    signed = apple_pass(ticket.organization_id, ticket.id, utc_now(), language=get_language())
    return _file(signed, APPLE_WALLET, f"{_number(ticket)}.pkpass", [ticket])


@public_page()
def ticket_google(request: HttpRequest, token: str) -> HttpResponse:
    """Send the browser to Google's wallet, where the organisation has an account there."""
    ticket = _ticket(request, token)
    link = google_wallet_link(ticket.organization_id, ticket.id, utc_now(), language=get_language())
    _check_still_theirs([ticket])
    return HttpResponseRedirect(link)


def _own_tickets(request: HttpRequest, token: str) -> tuple[Order, list[Ticket]]:
    order = find_order(token)
    activate_language(request, order.customer_language)
    tickets = list_order_tickets(order.organization_id, order.id)
    own = [ticket for ticket in tickets if can_print(ticket, order, now=utc_now())]
    if not own:
        raise NotFound(NOTHING)
    return order, own


def _ticket(request: HttpRequest, token: str) -> Ticket:
    """Return a ticket that lets its holder in."""
    try:
        ticket = find_ticket(token)
    except LinkDead as dead:
        raise NotFound(NOTHING) from dead
    order = get_order(ticket.organization_id, ticket.order_id)
    if not admits(ticket, order, now=utc_now()):
        raise NotFound(NOTHING)
    activate_language(request, find_holder_language(ticket))
    return ticket


def _number(ticket: Ticket) -> str:
    """Return what a file of a ticket is called: the end of its code tells several of them apart."""
    number = get_order(ticket.organization_id, ticket.order_id).number
    return f"{number}-{ticket.code[-LETTERS_IN_NAME:]}"


def _check_still_theirs(tickets: list[Ticket]) -> None:
    """Let go out what was made of tickets that are still as they were when their link was read.

    Raises:
        NotFound: one has another code by now, which may be in what was made, and is not theirs to see.
    """
    if still_held(tickets[0].organization_id, tickets) != tickets:
        raise NotFound(NOTHING)


def _file(content: bytes, media_type: str, name: str, tickets: list[Ticket]) -> HttpResponse:
    _check_still_theirs(tickets)
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=False, filename=name) or ""
    return response
