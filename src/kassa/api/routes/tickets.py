"""``/tickets``: who has one, giving it to somebody else, replacing it, keeping it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router, Status
from ninja.decorators import decorate_view

from kassa.api.auth import Requires
from kassa.api.idempotency import KeyReused, repeatable
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context, json_of
from kassa.api.ticket_schemas import (
    AcceptIn,
    AttendeeIn,
    BlockIn,
    OfferIn,
    ReasonIn,
    TicketFilters,
    TransferOut,
    WholeTicketOut,
)
from kassa.api.versions import expected_version, show_version
from kassa.catalog.errors import AnswerInvalid, AnswerMissing, AttendeeNameMissing
from kassa.core.clock import utc_now
from kassa.core.errors import ChangedMeanwhile, NotFound
from kassa.core.permissions import Permission
from kassa.orders.models import Ticket
from kassa.tickets.domain.attendee import AttendeeChanges, change_attendee
from kassa.tickets.domain.block import block_ticket, unblock_ticket
from kassa.tickets.domain.reissue import reissue_ticket
from kassa.tickets.domain.revoke_links import revoke_ticket_links, revoke_transfer_links
from kassa.tickets.domain.ticket_document import transfer_document
from kassa.tickets.domain.transfer import (
    NewHolder,
    Offer,
    accept_transfer,
    decline_transfer,
    offer_ticket,
    withdraw_transfer,
)
from kassa.tickets.errors import (
    AttendeeChangesClosed,
    TicketNotTransferable,
    TicketOver,
    TooManyOffers,
    TransferOpen,
    TransferOver,
    TransfersDisabled,
    TransferTooLate,
)
from kassa.tickets.models import Transfer
from kassa.tickets.queries import (
    filter_tickets,
    ticket_document_of,
    ticket_documents,
    ticket_of,
    transfer_of,
    transfers_of,
)

router = Router(tags=["Tickets"])


@router.get(
    "/tickets",
    response=Page[WholeTicketOut],
    auth=Requires(Permission.TICKET_READ),
    openapi_extra=reading(),
    summary="List tickets",
)
def list_tickets(
    request: ApiRequest, filters: Annotated[TicketFilters, Query()], limit: Limit = 50, after: After = None
) -> HttpResponse:
    """List tickets, newest first. One whose order's hold is over shows as expired."""
    now, organization_id = utc_now(), request.auth.organization_id

    def show(tickets: Sequence[Ticket]) -> list[Any]:
        return ticket_documents(organization_id, tickets, now=now)

    rows = filter_tickets(organization_id, now=now, **filters.model_dump())
    return json_of(page_of(rows, limit=limit, after=after, show=show))


@router.get(
    "/tickets/{ticket_id}",
    response=WholeTicketOut,
    auth=Requires(Permission.TICKET_READ),
    openapi_extra=reading(NotFound, has_version=True),
    summary="Read a ticket",
)
def read_ticket(request: ApiRequest, ticket_id: UUID) -> HttpResponse:
    ticket = ticket_of(request.auth.organization_id, ticket_id)
    show_version(request, ticket)
    return _shown(request, ticket)


@router.patch(
    "/tickets/{ticket_id}",
    response=WholeTicketOut,
    auth=Requires(change_attendee),
    openapi_extra=writing(
        NotFound,
        ChangedMeanwhile,
        TicketOver,
        AttendeeChangesClosed,
        AttendeeNameMissing,
        AnswerMissing,
        AnswerInvalid,
    ),
    summary="Change who a ticket is for",
)
def change(request: ApiRequest, ticket_id: UUID, payload: AttendeeIn) -> HttpResponse:
    """Write another name or other answers on a ticket; its code and its links stay as they are.

    To give it to another person, so that the previous holder can no longer use it, offer it to them.
    """
    given = payload.model_dump(exclude_unset=True)
    changed = change_attendee(
        command_context(request),
        ticket_id,
        changes=AttendeeChanges(
            first_name=given.get("first_name"),
            last_name=given.get("last_name"),
            email=given["email"] or "" if "email" in given else None,
            phone=given.get("phone"),
            answers=given.get("fields"),
        ),
        expected=expected_version(request),
    )
    show_version(request, changed)
    return _shown(request, changed)


@router.post(
    "/tickets/{ticket_id}/transfers",
    response={201: TransferOut},
    auth=Requires(offer_ticket),
    openapi_extra=writing(
        NotFound,
        KeyReused,
        TransfersDisabled,
        TransferTooLate,
        TicketNotTransferable,
        TransferOpen,
        TooManyOffers,
    ),
    summary="Offer a ticket to another person",
)
@decorate_view(repeatable)
def offer(request: ApiRequest, ticket_id: UUID, payload: OfferIn) -> Status[dict[str, Any]]:
    """Offer a valid ticket; the new person gets a mail with a link to accept or decline it.

    Until they accept it, for a week and not into the event, it stays whose it is. Nobody sees the
    link but them.
    """
    context = command_context(request)
    wanted = Offer(payload.to_email, payload.to_name, payload.message, payload.language)
    made = offer_ticket(context, ticket_id, offer=wanted)
    return Status(201, transfer_document(made, now=context.now))


@router.get(
    "/tickets/{ticket_id}/transfers",
    response=list[TransferOut],
    auth=Requires(Permission.TICKET_READ),
    openapi_extra=reading(NotFound),
    summary="Read the way a ticket went",
)
def list_transfers(request: ApiRequest, ticket_id: UUID) -> HttpResponse:
    """List to whom a ticket was offered, oldest first, and what came of it."""
    now = utc_now()
    found = transfers_of(request.auth.organization_id, ticket_id)
    return json_of([transfer_document(transfer, now=now) for transfer in found])


@router.get(
    "/transfers/{transfer_id}",
    response=TransferOut,
    auth=Requires(Permission.TICKET_READ),
    openapi_extra=reading(NotFound),
    summary="Read an offer of a ticket",
)
def read_transfer(request: ApiRequest, transfer_id: UUID) -> HttpResponse:
    return _offer_shown(transfer_of(request.auth.organization_id, transfer_id))


@router.post(
    "/transfers/{transfer_id}/accept",
    response=TransferOut,
    auth=Requires(accept_transfer),
    openapi_extra=writing(NotFound, TransferOver, TicketNotTransferable, AttendeeNameMissing),
    summary="Accept an offered ticket",
)
def accept(request: ApiRequest, transfer_id: UUID, payload: AcceptIn | None = None) -> HttpResponse:
    """Accept for the new person: the old code and the old links die at once. Twice changes nothing.

    The new person gets the new ticket by mail. Refunds still go to the buyer.
    """
    given = payload or AcceptIn()
    is_named = given.first_name or given.last_name
    holder = NewHolder(given.first_name, given.last_name, given.phone) if is_named else None
    return _offer_shown(accept_transfer(command_context(request), transfer_id, holder=holder))


@router.post(
    "/transfers/{transfer_id}/decline",
    response=TransferOut,
    auth=Requires(decline_transfer),
    openapi_extra=writing(NotFound, TransferOver),
    summary="Decline an offered ticket",
)
def decline(request: ApiRequest, transfer_id: UUID) -> HttpResponse:
    """Decline for the new person; the ticket stays whose it is. Twice changes nothing."""
    return _offer_shown(decline_transfer(command_context(request), transfer_id))


@router.post(
    "/transfers/{transfer_id}/withdraw",
    response=TransferOut,
    auth=Requires(withdraw_transfer),
    openapi_extra=writing(NotFound, TransferOver),
    summary="Withdraw an offer of a ticket",
)
def withdraw(request: ApiRequest, transfer_id: UUID) -> HttpResponse:
    """Take an offer back before it is accepted. Twice changes nothing."""
    return _offer_shown(withdraw_transfer(command_context(request), transfer_id))


@router.post(
    "/tickets/{ticket_id}/reissue",
    response=WholeTicketOut,
    auth=Requires(reissue_ticket),
    openapi_extra=writing(NotFound, KeyReused, TicketOver),
    summary="Replace a lost ticket",
)
@decorate_view(repeatable)
def reissue(request: ApiRequest, ticket_id: UUID, payload: ReasonIn | None = None) -> HttpResponse:
    """Give a ticket a fresh code; the old one stops being valid, and an open offer of it ends.

    The holder gets the new one by mail. Send an `Idempotency-Key`: each call replaces it once more.
    """
    context = command_context(request, payload.reason if payload else None)
    return _shown(request, reissue_ticket(context, ticket_id))


@router.post(
    "/tickets/{ticket_id}/links/revoke",
    response=WholeTicketOut,
    auth=Requires(revoke_ticket_links),
    openapi_extra=writing(NotFound, KeyReused),
    summary="End a ticket's links",
)
@decorate_view(repeatable)
def revoke_links(request: ApiRequest, ticket_id: UUID, payload: ReasonIn | None = None) -> HttpResponse:
    """End every link to the ticket's page given out so far. Its code stays; `links.page` is a new one.

    Anyone who has seen the page knows the code as well: if that is a stranger, replace the ticket.
    """
    context = command_context(request, payload.reason if payload else None)
    return _shown(request, revoke_ticket_links(context, ticket_id))


@router.post(
    "/transfers/{transfer_id}/links/revoke",
    response=TransferOut,
    auth=Requires(revoke_transfer_links),
    openapi_extra=writing(NotFound, KeyReused),
    summary="End the links to an offer",
)
@decorate_view(repeatable)
def revoke_transfer(request: ApiRequest, transfer_id: UUID, payload: ReasonIn | None = None) -> HttpResponse:
    """End every link by which the offer can be accepted so far; it stays open.

    Send the message about it once more, and the new person has a link that works.
    """
    context = command_context(request, payload.reason if payload else None)
    return _offer_shown(revoke_transfer_links(context, transfer_id))


@router.post(
    "/tickets/{ticket_id}/block",
    response=WholeTicketOut,
    auth=Requires(block_ticket),
    openapi_extra=writing(NotFound, TicketOver),
    summary="Block a ticket",
)
def block(request: ApiRequest, ticket_id: UUID, payload: BlockIn | None = None) -> HttpResponse:
    """Keep a ticket from letting anybody in; it keeps its place. Again with another reason changes that."""
    reason = payload.reason if payload else ""
    context = command_context(request, reason)
    return _shown(request, block_ticket(context, ticket_id, reason=reason))


@router.post(
    "/tickets/{ticket_id}/unblock",
    response=WholeTicketOut,
    auth=Requires(unblock_ticket),
    openapi_extra=writing(NotFound),
    summary="Unblock a ticket",
)
def unblock(request: ApiRequest, ticket_id: UUID, payload: ReasonIn | None = None) -> HttpResponse:
    """Let a blocked ticket let people in again. Twice changes nothing."""
    context = command_context(request, payload.reason if payload else None)
    return _shown(request, unblock_ticket(context, ticket_id))


def _shown(request: ApiRequest, ticket: Ticket) -> HttpResponse:
    """Answer with a ticket; what is as good as having it, only for keys that may read tickets."""
    document = ticket_document_of(request.auth.organization_id, ticket, now=utc_now())
    if Permission.TICKET_READ not in request.auth.permissions:
        document = {**document, "qr_code": None, "links": {**document["links"], "page": None}}
    return json_of(document)


def _offer_shown(transfer: Transfer) -> HttpResponse:
    return json_of(transfer_document(transfer, now=utc_now()))
