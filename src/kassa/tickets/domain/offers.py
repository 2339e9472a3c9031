"""Open offers of tickets: locked, moved on and ended, for all that can end one."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from kassa.core.actor import ActorKind
from kassa.core.command_context import CommandContext
from kassa.core.errors import NotFound
from kassa.tickets.domain.events import publish_tickets
from kassa.tickets.domain.transfer_rules import status_at
from kassa.tickets.enums import TransferStatus
from kassa.tickets.errors import TransferOver
from kassa.tickets.locks import lock_tickets
from kassa.tickets.models import Transfer

TOLD = {
    TransferStatus.DECLINED: "ticket.transfer_declined",
    TransferStatus.WITHDRAWN: "ticket.transfer_withdrawn",
    TransferStatus.EXPIRED: "ticket.transfer_expired",
}


def is_holder(context: CommandContext) -> bool:
    """Say whether it is a ticket's holder who acts, by its secret link."""
    return context.actor.kind == ActorKind.HOLDER


def locked_ticket(context: CommandContext, ticket_id: UUID, *, held_code: str | None = None) -> Any:
    """Lock a ticket and return it as it is then.

    A holder acts on their own ticket alone, and names the code that their link has (``held_code``). It is
    looked at under the lock: a ticket that went to another person meanwhile is theirs alone.

    Raises:
        NotFound: there is no such ticket that the actor may know of, or not any more with the holder's code.
    """
    if is_holder(context) and context.actor.id != ticket_id:
        raise NotFound
    for ticket in lock_tickets(context.organization_id, [ticket_id]):
        if is_holder(context) and held_code != ticket.code:
            raise NotFound("This ticket has another code by now.")
        context.actor.require_event(ticket.event_id)
        return ticket
    raise NotFound


def locked_transfer(context: CommandContext, transfer_id: UUID) -> tuple[Transfer, Any]:
    """Lock the ticket of an offer, and return both as they are then: nothing else moves an offer.

    Raises:
        NotFound: there is no such offer, or none that the actor may know of.
    """
    transfers = Transfer.objects.of(context.organization_id).filter(id=transfer_id)
    ticket_id = transfers.values_list("ticket_id", flat=True).first()
    if ticket_id is None or (is_holder(context) and context.actor.id != ticket_id):
        raise NotFound
    for ticket in lock_tickets(context.organization_id, [ticket_id]):
        context.actor.require_event(ticket.event_id)
        return transfers.get(), ticket
    raise NotFound


def end_offer(transfer: Transfer, status: TransferStatus, *, now: datetime) -> None:
    """End an open offer without the ticket going anywhere; the caller has locked the ticket."""
    move_offer(transfer, status, now=now)
    told = {transfer.ticket_id: TOLD[status]}
    publish_tickets(transfer.organization_id, told, transfers=[transfer], now=now)


def move_offer(
    transfer: Transfer, status: TransferStatus, *, now: datetime, ended_code_position: int | None = None
) -> None:
    """Give an open offer its end; one that is accepted names the ticket's code that ended with it.

    Raises:
        TransferOver: it is not open, which no offer can be that was read under its ticket's lock.
    """
    moved = (
        Transfer.objects.of(transfer.organization_id)
        .filter(id=transfer.id, status=TransferStatus.OFFERED)
        .update(status=status, ended_at=now, ended_code_position=ended_code_position)
    )
    transfer.refresh_from_db()
    if moved != 1:
        raise TransferOver(transfer.status)


def withdraw_open_offer(organization_id: UUID, ticket_id: UUID, *, now: datetime) -> None:
    """End the open offer of a ticket that the caller has locked, if there is one."""
    offers = Transfer.objects.of(organization_id).filter(ticket_id=ticket_id, status=TransferStatus.OFFERED)
    for transfer in offers:
        is_over = status_at(transfer, now) == TransferStatus.EXPIRED
        end_offer(transfer, TransferStatus.EXPIRED if is_over else TransferStatus.WITHDRAWN, now=now)
