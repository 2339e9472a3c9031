"""A lost ticket is replaced: the same place, the same person, another code."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from kassa.catalog.queries import event_of
from kassa.core.activity_log import record_activity
from kassa.core.actor import ActorKind
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.permissions import Permission
from kassa.orders.enums import ADMITTING_TICKETS, TicketStatus
from kassa.orders.models import Ticket
from kassa.tickets.domain.events import publish_tickets
from kassa.tickets.domain.new_code import replace_code
from kassa.tickets.domain.offers import is_holder, locked_ticket, withdraw_open_offer
from kassa.tickets.domain.transfer_rules import check_transferable
from kassa.tickets.enums import EndOfCode
from kassa.tickets.errors import TicketOver, TooManyReplacements
from kassa.tickets.models import FormerCode

"""Somebody who is in already may need a ticket to come in again."""
BY_HOLDER = (TicketStatus.VALID,)
MOST_BY_HOLDER_A_DAY = 10
DAY = timedelta(days=1)


@command(Permission.TICKET_WRITE, or_kinds=[ActorKind.HOLDER])
def reissue_ticket(context: CommandContext, ticket_id: UUID, *, held_code: str | None = None) -> Ticket:
    """Give a ticket a fresh code; the old one, and every link that holds it, lets nobody in from then on.

    An open offer of it ends: whoever found the lost ticket may have made it. A ticket that staff keep back
    stays kept back.

    ``held_code``: the code that the link of the holder has who asks. A holder may only replace a ticket
    that could let them in, and twice at once does it once.

    Raises:
        NotFound: there is no such ticket, or not any more with the holder's code.
        TicketOver: it is neither valid nor used; for its holder, it is not valid.
        TicketNotTransferable: the holder asks, and somebody keeps the ticket back.
        TooManyReplacements: the holder asks, and it was replaced too often today.
    """
    organization_id, by_holder = context.organization_id, is_holder(context)
    with transaction.atomic(), connection.wrap_database_errors:
        ticket = locked_ticket(context, ticket_id, held_code=held_code)
        if ticket.status not in (BY_HOLDER if by_holder else ADMITTING_TICKETS):
            raise TicketOver(str(ticket.status))
        if by_holder:
            check_transferable(ticket, event_of(organization_id, ticket.event_id))
            _check_not_too_often(organization_id, ticket_id, context.now)
        withdraw_open_offer(organization_id, ticket_id, now=context.now)
        replace_code(organization_id, ticket, reason=EndOfCode.REISSUED, now=context.now)
        publish_tickets(organization_id, {ticket_id: "ticket.reissued"}, now=context.now)
        fresh = Ticket.objects.of(organization_id).get(id=ticket_id)
        codes = {"before": {"code": ticket.code}, "after": {"code": fresh.code}}
        record_activity(context, "ticket.reissued", ("ticket", ticket_id), **codes, concealed=["code"])
        return fresh


def _check_not_too_often(organization_id: UUID, ticket_id: UUID, now: datetime) -> None:
    """Keep mail from being sent again and again to whomever the holder has written on the ticket."""
    codes = FormerCode.objects.of(organization_id).filter(ticket_id=ticket_id, reason=EndOfCode.REISSUED)
    if codes.filter(ended_at__gt=now - DAY).count() >= MOST_BY_HOLDER_A_DAY:
        raise TooManyReplacements(MOST_BY_HOLDER_A_DAY)
