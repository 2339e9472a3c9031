"""Orders whose hold is over give everything back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.core.database import plain_array
from kassa.orders.domain.events import publish_orders
from kassa.orders.domain.release import release_orders
from kassa.orders.enums import TicketStatus
from kassa.orders.locks import lock_orders
from kassa.orders.models import Order
from kassa.orders.queries import given_up

BATCH = 500
"""How many orders are released in one transaction: short locks, and still in bulk."""

EXPIRE = """
UPDATE orders_order SET status = 'expired', payment_status = CASE
        WHEN payment_status IN ('pending', 'failed') THEN 'cancelled' ELSE payment_status END,
    expired_at = %s, updated_at = %s
WHERE organization_id = %s AND id = ANY(%s::uuid[]) AND status IN ('draft', 'pending') AND expires_at <= %s
  AND (payment_awaited_until IS NULL OR payment_awaited_until <= %s)
RETURNING id
"""


def expire_orders(organization_id: UUID, *, now: datetime) -> int:
    """Expire an organisation's overdue orders; return how many. Doing it twice changes nothing.

    One that may have been paid waits until its provider was asked, for a bounded time.
    """
    total = 0
    while True:
        overdue = list(
            Order.objects.of(organization_id)
            .filter(given_up(now))
            .order_by("expires_at")
            .values_list("id", flat=True)[:BATCH]
        )
        if not overdue:
            return total
        total += _expire(organization_id, overdue, now)
        if len(overdue) < BATCH:
            return total


def _expire(organization_id: UUID, order_ids: list[UUID], now: datetime) -> int:
    context = CommandContext(actor=Actor.system(organization_id), now=now, reason="The hold time is over.")
    with transaction.atomic():
        database, _ = lock_orders(context, order_ids)
        moved = database.queue(
            EXPIRE, (now, now, organization_id, plain_array(order_ids), now, now)
        ).fetchall()
        expired = [order_id for (order_id,) in moved]
        if expired:
            release_orders(
                database,
                organization_id,
                expired,
                ticket_status=TicketStatus.EXPIRED,
                were_sold=False,
                now=now,
            )
            publish_orders(
                database,
                organization_id,
                expired,
                order_event_name="order.expired",
                ticket_event_name="ticket.expired",
                now=now,
            )
    return len(expired)
