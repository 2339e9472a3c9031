"""A ticket goes to another person: offered, then accepted, declined, withdrawn or forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from kassa.catalog.domain.answers import check_answers
from kassa.catalog.models import Event
from kassa.catalog.queries import event_of
from kassa.core.activity_log import record_activity
from kassa.core.actor import ActorKind
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.email_addresses import email_key
from kassa.core.errors import InvalidInput, KassaError
from kassa.core.permissions import Permission
from kassa.orders.domain.ticket_changes import hand_over_ticket
from kassa.orders.enums import TicketStatus
from kassa.orders.models import Order
from kassa.organizations.queries import organization_settings
from kassa.tickets.domain.attendee import check_names, questions_of_ticket
from kassa.tickets.domain.events import publish_tickets
from kassa.tickets.domain.new_code import replace_code
from kassa.tickets.domain.offers import end_offer, is_holder, locked_ticket, locked_transfer, move_offer
from kassa.tickets.domain.transfer_rules import (
    check_in_time,
    check_open,
    check_transferable,
    offer_ends_at,
    status_at,
)
from kassa.tickets.enums import EndOfCode, TransferStatus
from kassa.tickets.errors import TooManyOffers, TransferOpen, TransferOver, TransferTooLate
from kassa.tickets.models import Transfer

MOST_OFFERS_A_DAY = 10
DAY = timedelta(days=1)
BY_HOLDERS = (ActorKind.HOLDER,)
PERSONAL = frozenset({"from_name", "from_email", "to_name", "to_email", "message"})
"""What the activity log names of an offer without its value."""


@dataclass(frozen=True, slots=True)
class Offer:
    """To whom a ticket is offered, and with what words."""

    to_email: str
    to_name: str = ""
    message: str = ""
    language: str | None = None
    """What the new person is written to in. None: the organisation's language."""


@dataclass(frozen=True, slots=True)
class NewHolder:
    """Who accepts a ticket. The e-mail address is the one that the ticket was offered to."""

    first_name: str
    last_name: str = ""
    phone: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    """To what the event asks of a ticket, by the question's key. What is not answered can be later."""


@command(Permission.TICKET_WRITE, or_kinds=BY_HOLDERS)
def offer_ticket(
    context: CommandContext, ticket_id: UUID, *, offer: Offer, held_code: str | None = None
) -> Transfer:
    """Offer a ticket to another person; until they accept it, it stays whose it is.

    ``held_code``: the code that the secret link of the holder has who asks.

    Raises:
        NotFound: there is no such ticket, or not any more with the holder's code.
        TransfersDisabled, TransferTooLate: tickets of its event are not given away, or not any more.
        TicketNotTransferable: it is not a valid ticket, or somebody keeps it back.
        TransferOpen: it is offered already.
        TooManyOffers: it was offered too often today.
        InvalidInput: it is theirs already.
    """
    organization_id = context.organization_id
    with transaction.atomic(), connection.wrap_database_errors:
        ticket = locked_ticket(context, ticket_id, held_code=held_code)
        settings = organization_settings(organization_id)
        event = event_of(organization_id, ticket.event_id)
        check_open(event, settings, now=context.now)
        check_transferable(ticket, event)
        _end_overdue(organization_id, ticket_id, context.now)
        _check_not_too_often(organization_id, ticket_id, context.now)
        holder_name, holder_email = _holder(organization_id, ticket)
        if email_key(holder_email) == email_key(offer.to_email):
            raise InvalidInput("This person already has the ticket.", field="to_email")
        transfer = Transfer.unscoped.create(
            organization_id=organization_id,
            ticket_id=ticket_id,
            from_name=holder_name,
            from_email=holder_email,
            to_name=offer.to_name,
            to_email=offer.to_email,
            message=offer.message,
            language=offer.language,
            offered_by=None if is_holder(context) else context.actor.id,
            offered_by_kind=context.actor.kind,
            offered_at=context.now,
            expires_at=offer_ends_at(event, settings, now=context.now),
        )
        told = {ticket_id: "ticket.transfer_offered"}
        publish_tickets(organization_id, told, transfers=[transfer], now=context.now)
        record_activity(context, "transfer.created", transfer, concealed=PERSONAL)
    return transfer


@command(Permission.TICKET_WRITE, or_kinds=BY_HOLDERS)
def accept_transfer(
    context: CommandContext, transfer_id: UUID, *, holder: NewHolder | None = None
) -> Transfer:
    """Give an offered ticket to the new person: its old code and its old link die at once.

    Without ``holder`` their name is the one the ticket was offered under. Answers given for the person
    before are gone: they were that person's. Accepting twice changes nothing.

    Raises:
        NotFound: there is no such offer.
        TransferOver: it was declined, withdrawn or not accepted in time, or its ticket has ended.
        TicketNotTransferable: somebody keeps the ticket back for now.
        AttendeeNameMissing: its ticket type needs a first and a last name, and one of them is missing.
        AnswerMissing, AnswerInvalid: an answer is not one that its question takes.
    """
    organization_id = context.organization_id
    refused: KassaError | None = None
    with transaction.atomic(), connection.wrap_database_errors:
        transfer, ticket = locked_transfer(context, transfer_id)
        if transfer.status == TransferStatus.ACCEPTED:
            return transfer
        event = event_of(organization_id, ticket.event_id)
        refused = _refusal(organization_id, transfer, ticket, event, now=context.now)
        if refused is None:
            _hand_over(organization_id, transfer, ticket, holder or _named(transfer), now=context.now)
            _record_end(context, transfer)
        elif transfer.status == TransferStatus.OFFERED and ticket.status != TicketStatus.VALID:
            end_offer(transfer, TransferStatus.WITHDRAWN, now=context.now)
    if refused is not None:
        raise refused
    return transfer


@command(Permission.TICKET_WRITE, or_kinds=BY_HOLDERS)
def decline_transfer(context: CommandContext, transfer_id: UUID) -> Transfer:
    """Say that the new person does not want the ticket. Twice changes nothing.

    Raises:
        NotFound: there is no such offer.
        TransferOver: it is not open any more.
    """
    return _end_by_hand(context, transfer_id, TransferStatus.DECLINED)


@command(Permission.TICKET_WRITE, or_kinds=BY_HOLDERS)
def withdraw_transfer(context: CommandContext, transfer_id: UUID) -> Transfer:
    """Take an offer back before it is accepted. Twice changes nothing.

    Raises:
        NotFound: there is no such offer.
        TransferOver: it is not open any more.
    """
    return _end_by_hand(context, transfer_id, TransferStatus.WITHDRAWN)


def _end_by_hand(context: CommandContext, transfer_id: UUID, status: TransferStatus) -> Transfer:
    with transaction.atomic(), connection.wrap_database_errors:
        transfer, _ = locked_transfer(context, transfer_id)
        now_is = status_at(transfer, context.now)
        if now_is == status:
            return transfer
        if now_is != TransferStatus.OFFERED:
            raise TransferOver(now_is)
        end_offer(transfer, status, now=context.now)
        _record_end(context, transfer)
    return transfer


def _record_end(context: CommandContext, transfer: Transfer) -> None:
    before, after = {"status": TransferStatus.OFFERED}, {"status": transfer.status}
    record_activity(context, f"transfer.{transfer.status}", transfer, before=before, after=after)


def _refusal(
    organization_id: UUID, transfer: Transfer, ticket: Any, event: Event, *, now: datetime
) -> KassaError | None:
    """Return why an offer cannot be accepted now. None: it can."""
    status = status_at(transfer, now)
    if status != TransferStatus.OFFERED:
        return TransferOver(status)
    if ticket.status != TicketStatus.VALID:
        return TransferOver(TransferStatus.WITHDRAWN)
    try:
        check_transferable(ticket, event)
        # The event may have been moved since the ticket was offered.
        check_in_time(event, organization_settings(organization_id), now=now)
    except TransferTooLate:
        return TransferOver(TransferStatus.EXPIRED)
    except KassaError as error:
        return error
    return None


def _hand_over(
    organization_id: UUID, transfer: Transfer, ticket: Any, holder: NewHolder, *, now: datetime
) -> None:
    check_names(
        organization_id, ticket.ticket_type_id, first_name=holder.first_name, last_name=holder.last_name
    )
    answers = check_answers(questions_of_ticket(organization_id, ticket), holder.answers, partial=True)
    position = replace_code(organization_id, ticket, reason=EndOfCode.TRANSFERRED, now=now)
    hand_over_ticket(
        organization_id,
        ticket.id,
        {
            "attendee_first_name": holder.first_name,
            "attendee_last_name": holder.last_name,
            "attendee_phone": holder.phone,
            "attendee_fields": {key: answer for key, answer in answers.items() if answer is not None},
        },
        from_email=transfer.from_email,
        to_email=transfer.to_email,
        now=now,
    )
    move_offer(transfer, TransferStatus.ACCEPTED, ended_code_position=position, now=now)
    publish_tickets(organization_id, {ticket.id: "ticket.transferred"}, transfers=[transfer], now=now)


def _end_overdue(organization_id: UUID, ticket_id: UUID, now: datetime) -> None:
    """Make room for a new offer.

    Raises:
        TransferOpen: the last one can still be accepted.
    """
    last = (
        Transfer.objects.of(organization_id)
        .filter(ticket_id=ticket_id, status=TransferStatus.OFFERED)
        .first()
    )
    if last is None:
        return
    if status_at(last, now) == TransferStatus.OFFERED:
        raise TransferOpen(last.id)
    end_offer(last, TransferStatus.EXPIRED, now=now)


def _check_not_too_often(organization_id: UUID, ticket_id: UUID, now: datetime) -> None:
    """Keep a ticket from being offered, and so mail from being sent, again and again."""
    offers = Transfer.objects.of(organization_id).filter(ticket_id=ticket_id, offered_at__gt=now - DAY)
    if offers.count() >= MOST_OFFERS_A_DAY:
        raise TooManyOffers(MOST_OFFERS_A_DAY)


def _holder(organization_id: UUID, ticket: Any) -> tuple[str, str]:
    """Return the name and the address of who has a ticket: the person on it, or else the buyer."""
    order = Order.objects.of(organization_id).get(id=ticket.order_id)
    name = f"{ticket.attendee_first_name} {ticket.attendee_last_name}".strip()
    return (
        name or f"{order.customer_first_name} {order.customer_last_name}".strip(),
        ticket.attendee_email or order.customer_email,
    )


def name_parts(name: str) -> tuple[str, str]:
    """Return a whole name as first and last name: the last word is the last name, if there are several."""
    first_name, _, last_name = name.rpartition(" ")
    return (first_name, last_name) if first_name else (last_name, "")


def _named(transfer: Transfer) -> NewHolder:
    return NewHolder(*name_parts(transfer.to_name))
