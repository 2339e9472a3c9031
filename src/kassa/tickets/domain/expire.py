"""Offers that nobody accepted in time end by the clock, and so do those whose ticket has ended."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from kassa.core.database import plain_array, statements
from kassa.orders.enums import TicketStatus
from kassa.tickets.domain.events import publish_tickets
from kassa.tickets.domain.offers import TOLD
from kassa.tickets.enums import TransferStatus
from kassa.tickets.locks import lock_tickets
from kassa.tickets.models import Transfer

BATCH = 200
"""How many offers end in one transaction: their tickets are locked until then."""

END_OFFERS = """
UPDATE tickets_transfer o SET ended_at = %s,
    status = CASE WHEN t.status = 'valid' THEN 'expired' ELSE 'withdrawn' END
FROM orders_ticket t
WHERE t.organization_id = o.organization_id AND t.id = o.ticket_id
  AND o.organization_id = %s AND o.id = ANY(%s::uuid[]) AND o.status = 'offered'
  AND (o.expires_at <= %s OR t.status <> 'valid')
RETURNING o.id
"""


def expire_all_transfers(*, now: datetime) -> int:
    """End the offers of every organisation that are over; return how many."""
    due = _due(Transfer.unscoped.all(), now)
    organizations = due.order_by().values_list("organization_id", flat=True).distinct()
    return sum(expire_transfers(organization_id, now=now) for organization_id in list(organizations))


def expire_transfers(organization_id: UUID, *, now: datetime) -> int:
    """End an organisation's offers that are over; return how many. Doing it twice changes nothing."""
    total = 0
    while True:
        due = _due(Transfer.objects.of(organization_id), now).order_by("expires_at", "id")
        found = list(due.values_list("id", "ticket_id")[:BATCH])
        ended = _expire(organization_id, dict(found), now) if found else 0
        total += ended
        if ended < BATCH:
            return total


def _due(offers: QuerySet[Transfer], now: datetime) -> QuerySet[Transfer]:
    is_over = Q(expires_at__lte=now) | ~Q(ticket__status=TicketStatus.VALID)
    return offers.filter(is_over, status=TransferStatus.OFFERED)


def _expire(organization_id: UUID, due: dict[UUID, UUID], now: datetime) -> int:
    with transaction.atomic(), connection.wrap_database_errors:
        lock_tickets(organization_id, due.values())
        ended = statements().queue(END_OFFERS, (now, organization_id, plain_array(due), now)).fetchall()
        transfers = list(Transfer.objects.of(organization_id).filter(id__in=[one for (one,) in ended]))
        told = {transfer.ticket_id: TOLD[TransferStatus(transfer.status)] for transfer in transfers}
        publish_tickets(organization_id, told, transfers=transfers, now=now)
    return len(ended)
