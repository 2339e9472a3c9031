"""Tickets as files: to print, to put into a calendar or a wallet."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router

from kassa.api.auth import Requires
from kassa.api.problems import reading
from kassa.api.requests import ApiRequest
from kassa.api.ticket_document_schemas import WalletLinkOut
from kassa.core.clock import utc_now
from kassa.core.errors import KassaError, NotFound
from kassa.core.languages import Language
from kassa.core.permissions import Permission
from kassa.tickets.domain.documents import calendar_file, tickets_pdf
from kassa.tickets.domain.wallet import apple_pass, google_wallet_link
from kassa.tickets.domain.wallet_apple import MEDIA_TYPE as PASS
from kassa.tickets.errors import NothingScheduled, NoTicketsToPrint, SigningKeyUnreadable, WalletNotConfigured

router = Router(tags=["Ticket documents"])

PDF, CALENDAR = "application/pdf", "text/calendar"
ChosenLanguage = Annotated[
    Language | None, Query(description="Left out: the buyer's, or else the organisation's.")
]


def file_of(media_type: str, description: str, *errors: type[KassaError]) -> dict[str, Any]:
    """Describe an operation that answers with a file."""
    described = reading(NotFound, *errors)
    described["responses"][200] = {
        "description": description,
        "content": {media_type: {"schema": {"type": "string", "format": "binary"}}},
    }
    return described


def send_file(content: bytes, media_type: str, name: str) -> HttpResponse:
    """Answer with a file that nobody but who asked may keep."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


PRINTED = file_of(PDF, "A page for each ticket.", NoTicketsToPrint, SigningKeyUnreadable)
ENTERED = file_of(CALENDAR, "An entry for each event.", NoTicketsToPrint, NothingScheduled)


@router.get(
    "/orders/{order_id}/tickets.pdf",
    auth=Requires(Permission.TICKET_READ),
    openapi_extra=PRINTED,
    summary="Print an order's tickets",
)
def order_pdf(request: ApiRequest, order_id: UUID, language: ChosenLanguage = None) -> HttpResponse:
    """Print all valid or used tickets of an order that did not go to somebody else, a page each."""
    pdf = tickets_pdf(request.auth.organization_id, order_id=order_id, language=language, now=utc_now())
    return send_file(pdf, PDF, "tickets.pdf")


@router.get(
    "/tickets/{ticket_id}/ticket.pdf",
    auth=Requires(Permission.TICKET_READ),
    openapi_extra=PRINTED,
    summary="Print a ticket",
)
def ticket_pdf(request: ApiRequest, ticket_id: UUID, language: ChosenLanguage = None) -> HttpResponse:
    """Print one ticket."""
    pdf = tickets_pdf(request.auth.organization_id, ticket_ids=[ticket_id], language=language, now=utc_now())
    return send_file(pdf, PDF, "ticket.pdf")


@router.get(
    "/orders/{order_id}/calendar.ics",
    auth=Requires(Permission.TICKET_READ),
    openapi_extra=ENTERED,
    summary="Get an order's calendar entries",
)
def order_calendar(request: ApiRequest, order_id: UUID, language: ChosenLanguage = None) -> HttpResponse:
    """An iCalendar file with the events of an order, one entry each."""
    file = calendar_file(request.auth.organization_id, order_id=order_id, language=language, now=utc_now())
    return send_file(file, CALENDAR, "calendar.ics")


@router.get(
    "/tickets/{ticket_id}/calendar.ics",
    auth=Requires(Permission.TICKET_READ),
    openapi_extra=ENTERED,
    summary="Get a ticket's calendar entry",
)
def ticket_calendar(request: ApiRequest, ticket_id: UUID, language: ChosenLanguage = None) -> HttpResponse:
    """An iCalendar file with the event of a ticket."""
    file = calendar_file(
        request.auth.organization_id, ticket_ids=[ticket_id], language=language, now=utc_now()
    )
    return send_file(file, CALENDAR, "calendar.ics")


@router.get(
    "/tickets/{ticket_id}/pass.pkpass",
    auth=Requires(Permission.TICKET_READ),
    openapi_extra=file_of(
        PASS, "The signed pass.", NoTicketsToPrint, SigningKeyUnreadable, WalletNotConfigured
    ),
    summary="Get a pass for Apple Wallet",
)
def pass_file(request: ApiRequest, ticket_id: UUID, language: ChosenLanguage = None) -> HttpResponse:
    """A ticket for Apple Wallet, signed with the organisation's certificate."""
    made = apple_pass(request.auth.organization_id, ticket_id, utc_now(), language=language)
    return send_file(made, PASS, "ticket.pkpass")


@router.get(
    "/tickets/{ticket_id}/google-wallet",
    response=WalletLinkOut,
    auth=Requires(Permission.TICKET_READ),
    openapi_extra=reading(NotFound, NoTicketsToPrint, SigningKeyUnreadable, WalletNotConfigured),
    summary="Get a link to Google Wallet",
)
def google_link(request: ApiRequest, ticket_id: UUID, language: ChosenLanguage = None) -> dict[str, Any]:
    """The address at which a ticket's holder saves it to Google Wallet."""
    return {"url": google_wallet_link(request.auth.organization_id, ticket_id, utc_now(), language=language)}
