"""Whose turn it is: which organisations have something due at the demo bank."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kassa.integrations.demo_bank.enums import PaymentStatus
from kassa.integrations.demo_bank.models import DemoPayment, DemoRefund, DemoWebhook


def owners_of_moves(now: datetime) -> list[UUID]:
    """Return the organisations with payments that run out or are decided, or refunds that are done."""
    payments = DemoPayment.unscoped.order_by().values_list("organization_id")
    refunds = DemoRefund.unscoped.order_by().values_list("organization_id")
    due = payments.filter(moves_at__lte=now).union(
        payments.filter(status=PaymentStatus.OPEN, expires_at__lte=now), refunds.filter(moves_at__lte=now)
    )
    return [organization_id for (organization_id,) in due]


def owners_of_webhooks(now: datetime) -> list[UUID]:
    """Return the organisations with webhooks to be sent."""
    due = DemoWebhook.unscoped.filter(send_at__lte=now).order_by()
    return list(due.values_list("organization_id", flat=True).distinct())
