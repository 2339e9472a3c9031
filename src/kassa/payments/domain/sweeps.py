"""Which organisations have something to do: for the jobs that look after what was missed."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.core.errors import KassaError
from kassa.orders.enums import OrderStatus
from kassa.payments.domain.manual_status import refund_ended
from kassa.payments.enums import EventRefundStatus, RefundStatus, WebhookStatus
from kassa.payments.models import EventRefund, Payment, RefundPart, WebhookEvent
from kassa.payments.reasons import ORDER_ENDED

BATCH = 100
ENDED = (OrderStatus.CANCELLED, OrderStatus.EXPIRED)
logger = logging.getLogger("kassa.payments")


def organizations_with_webhooks(*, now: datetime) -> list[UUID]:
    """Return who has messages to settle."""
    due = WebhookEvent.unscoped.filter(status=WebhookStatus.RECEIVED, next_try_at__lte=now)
    return list(due.order_by().values_list("organization_id", flat=True).distinct())


def organizations_with_refunds(*, now: datetime) -> list[UUID]:
    """Return who has refunds to send."""
    due = RefundPart.unscoped.filter(status=RefundStatus.PENDING, next_try_at__lte=now)
    return list(due.order_by().values_list("organization_id", flat=True).distinct())


def running_event_refunds() -> list[tuple[UUID, UUID]]:
    """Return the organisation and the id of each run that is not done."""
    runs = EventRefund.unscoped.filter(status=EventRefundStatus.RUNNING)
    return list(runs.order_by("id").values_list("organization_id", "id"))


def refund_all_ended(*, now: datetime) -> int:
    """Promise back what was paid in part for orders that have ended, everywhere; return of how many."""
    kept = Payment.unscoped.filter(waits=True, order__status__in=ENDED)
    by_organization: dict[UUID, list[UUID]] = {}
    for organization_id, order_id in kept.values_list("organization_id", "order_id").distinct():
        by_organization.setdefault(organization_id, []).append(order_id)
    done = 0
    for organization_id, order_ids in by_organization.items():
        context = CommandContext(Actor.system(organization_id), now, ORDER_ENDED)
        for start in range(0, len(order_ids), BATCH):
            try:
                with transaction.atomic(), connection.wrap_database_errors:
                    done += _refund_ended(organization_id, order_ids[start : start + BATCH], context)
            except (KassaError, DatabaseError) as error:  # perhaps they are busy: the next round takes them
                connection.close_if_unusable_or_obsolete()
                logger.warning("Ended orders of %s are not refunded yet: %s", organization_id, error)
    return done


def _refund_ended(organization_id: UUID, order_ids: list[UUID], context: CommandContext) -> int:
    """Promise back what is kept of orders that have ended; of none does anything wait afterwards."""
    done = refund_ended(context, order_ids)
    # Of some nothing is kept, as the buyer's bank has it all: they would be looked at for ever.
    payments = Payment.objects.of(organization_id).filter(order_id__in=order_ids, waits=True)
    payments.filter(order__status__in=ENDED).update(waits=False)
    return done
