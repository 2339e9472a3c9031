"""Staff keep a ticket from letting anybody in, and let it again."""

from __future__ import annotations

from uuid import UUID

from django.db import connection, transaction

from kassa.core.activity_log import record_activity
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.permissions import Permission
from kassa.orders.domain.ticket_changes import set_block
from kassa.orders.enums import LIVE_TICKETS
from kassa.orders.models import Ticket
from kassa.tickets.domain.events import publish_tickets
from kassa.tickets.domain.offers import locked_ticket
from kassa.tickets.errors import TicketOver


@command(Permission.TICKET_WRITE)
def block_ticket(context: CommandContext, ticket_id: UUID, *, reason: str) -> Ticket:
    """Keep a ticket from letting anybody in; it keeps its place and its status.

    Blocking it again changes the reason, and nothing if that is the same.

    Raises:
        NotFound: there is no such ticket.
        TicketOver: it lets nobody in anyhow.
    """
    organization_id = context.organization_id
    with transaction.atomic(), connection.wrap_database_errors:
        ticket = locked_ticket(context, ticket_id)
        if ticket.status not in LIVE_TICKETS:
            raise TicketOver(str(ticket.status))
        if ticket.blocked_at is None or ticket.block_reason != reason:
            blocked_at = ticket.blocked_at or context.now
            set_block(organization_id, ticket_id, blocked_at=blocked_at, reason=reason, now=context.now)
            before = {"blocked_at": ticket.blocked_at, "block_reason": ticket.block_reason}
            after = {"blocked_at": blocked_at, "block_reason": reason}
            record_activity(context, "ticket.blocked", ("ticket", ticket_id), before=before, after=after)
            if ticket.blocked_at is None:
                _tell(organization_id, ticket_id, "ticket.blocked", context, reason)
        return Ticket.objects.of(organization_id).get(id=ticket_id)


@command(Permission.TICKET_WRITE)
def unblock_ticket(context: CommandContext, ticket_id: UUID) -> Ticket:
    """Let a ticket that staff have blocked be what it is; one that is not blocked stays as it is.

    Raises:
        NotFound: there is no such ticket.
    """
    organization_id = context.organization_id
    with transaction.atomic(), connection.wrap_database_errors:
        ticket = locked_ticket(context, ticket_id)
        if ticket.blocked_at is not None:
            set_block(organization_id, ticket_id, blocked_at=None, reason="", now=context.now)
            before = {"blocked_at": ticket.blocked_at, "block_reason": ticket.block_reason}
            record_activity(context, "ticket.unblocked", ("ticket", ticket_id), before=before)
            _tell(organization_id, ticket_id, "ticket.unblocked", context, context.reason)
        return Ticket.objects.of(organization_id).get(id=ticket_id)


def _tell(organization_id: UUID, ticket_id: UUID, name: str, context: CommandContext, reason: str) -> None:
    publish_tickets(organization_id, {ticket_id: name}, now=context.now, reason=reason)
