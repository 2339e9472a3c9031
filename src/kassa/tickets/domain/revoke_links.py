"""Secret links are ended one by one: from then on only those given out later open anything."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from kassa.core.activity_log import record_activity
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import NotFound
from kassa.core.permissions import Permission
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import SecurityEventKind
from kassa.orders.models import Order, Ticket
from kassa.tickets.models import Transfer

T = TypeVar("T", Order, Ticket, Transfer)


@command(Permission.ORDER_MANAGE)
def revoke_order_links(context: CommandContext, order_id: UUID) -> Order:
    """End all links of an order; those of its tickets go on, as do its tickets.

    Raises:
        NotFound: the organisation has no such order.
    """
    return _revoke(context, Order.objects.of(context.organization_id), order_id, updated_at=context.now)


@command(Permission.TICKET_WRITE)
def revoke_ticket_links(context: CommandContext, ticket_id: UUID) -> Ticket:
    """End all links of a ticket; its code goes on letting its holder in.

    Raises:
        NotFound: the organisation has no such ticket.
    """
    return _revoke(context, Ticket.objects.of(context.organization_id), ticket_id, updated_at=context.now)


@command(Permission.TICKET_WRITE)
def revoke_transfer_links(context: CommandContext, transfer_id: UUID) -> Transfer:
    """End all links by which an offered ticket can be accepted; the offer itself stays open.

    Raises:
        NotFound: the organisation has no such offer.
    """
    return _revoke(context, Transfer.objects.of(context.organization_id), transfer_id)


def _revoke(context: CommandContext, rows: QuerySet[T], object_id: UUID, **more: Any) -> T:
    with transaction.atomic():
        if not rows.filter(id=object_id).update(link_generation=F("link_generation") + 1, **more):
            raise NotFound
        record_security_event(
            SecurityEventKind.LINKS_REVOKED,
            now=context.now,
            organization_id=context.organization_id,
            actor=context.actor,
            subject_id=object_id,
            details={"of": rows.model._meta.model_name},
        )
        row = rows.get(id=object_id)
        if isinstance(row, Ticket):
            context.actor.require_event(row.event_id)
        elif isinstance(row, Transfer):
            context.actor.require_event(row.ticket.event_id)
        kind = rows.model._meta.model_name or ""
        before, after = ({"link_generation": row.link_generation - step} for step in (1, 0))
        record_activity(context, f"{kind}.links_revoked", (kind, object_id), before=before, after=after)
        return row
