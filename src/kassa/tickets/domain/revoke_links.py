"""Secret links are ended one by one: from then on only those given out later open anything."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from kassa.core.command_context import CommandContext
from kassa.core.errors import NotFound
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import SecurityEventKind
from kassa.orders.models import Order, Ticket
from kassa.tickets.models import Transfer

T = TypeVar("T", Order, Ticket, Transfer)


def revoke_order_links(organization_id: UUID, order_id: UUID, *, context: CommandContext) -> Order:
    """End all links of an order; those of its tickets go on, as do its tickets.

    Raises:
        NotFound: the organisation has no such order.
    """
    orders = Order.objects.of(organization_id)
    return _revoke(orders, organization_id, order_id, context=context, updated_at=context.now)


def revoke_ticket_links(organization_id: UUID, ticket_id: UUID, *, context: CommandContext) -> Ticket:
    """End all links of a ticket; its code goes on letting its holder in.

    Raises:
        NotFound: the organisation has no such ticket.
    """
    tickets = Ticket.objects.of(organization_id)
    return _revoke(tickets, organization_id, ticket_id, context=context, updated_at=context.now)


def revoke_transfer_links(organization_id: UUID, transfer_id: UUID, *, context: CommandContext) -> Transfer:
    """End all links by which an offered ticket can be accepted; the offer itself stays open.

    Raises:
        NotFound: the organisation has no such offer.
    """
    transfers = Transfer.objects.of(organization_id)
    return _revoke(transfers, organization_id, transfer_id, context=context)


def _revoke(
    rows: QuerySet[T], organization_id: UUID, object_id: UUID, *, context: CommandContext, **more: Any
) -> T:
    with transaction.atomic():
        if not rows.filter(id=object_id).update(link_generation=F("link_generation") + 1, **more):
            raise NotFound
        record_security_event(
            SecurityEventKind.LINKS_REVOKED,
            now=context.now,
            organization_id=organization_id,
            actor=context.actor,
            subject_id=object_id,
            details={"of": rows.model._meta.model_name},
        )
        return rows.get(id=object_id)
