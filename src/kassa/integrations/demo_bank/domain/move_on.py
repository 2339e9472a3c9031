"""Time passes: slow payments are decided, pending refunds are done, pages run out."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from kassa.integrations.demo_bank.domain.refund import finish_refund
from kassa.integrations.demo_bank.domain.settle import settle_locked
from kassa.integrations.demo_bank.domain.turns import owners_of_moves
from kassa.integrations.demo_bank.enums import PaymentStatus, RefundStatus
from kassa.integrations.demo_bank.models import DemoPayment, DemoRefund


def move_on(*, now: datetime) -> int:
    """Move everything on whose time has come; return how much that was. Twice changes nothing more."""
    return sum(_move_organization_on(organization_id, now) for organization_id in owners_of_moves(now))


def _move_organization_on(organization_id: UUID, now: datetime) -> int:
    payments = DemoPayment.objects.of(organization_id)
    decided = payments.filter(status=PaymentStatus.PROCESSING, moves_at__lte=now)
    ended = payments.filter(status=PaymentStatus.OPEN, expires_at__lte=now)
    pending = DemoRefund.objects.of(organization_id).filter(status=RefundStatus.PENDING, moves_at__lte=now)
    moved = 0
    with transaction.atomic():
        for payment in decided.select_for_update(skip_locked=True):
            settle_locked(payment, PaymentStatus(payment.outcome), now=now)
            moved += 1
        for payment in ended.select_for_update(skip_locked=True):
            settle_locked(payment, PaymentStatus.EXPIRED, now=now)
            moved += 1
        for refund in pending.select_for_update(skip_locked=True, of=("self",)).select_related("payment"):
            finish_refund(refund.payment, refund, now=now)
            moved += 1
    return moved
