"""What is kept of an order's payments, and what of it pays for nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, Sum

from kassa.core.money import ZERO
from kassa.orders.enums import HOLDING
from kassa.payments.domain.refunds.plan import REFUNDABLE
from kassa.payments.models import Payment


def get_net_received(organization_id: UUID, order_id: UUID) -> Decimal:
    """Return what has come in for an order and not gone back, nor been promised back."""
    payments = Payment.objects.of(organization_id).filter(order_id=order_id)
    left = Sum(F("amount") - F("refunded_amount") - F("disputed_amount"))
    return payments.aggregate(kept=left)["kept"] or ZERO


def get_overpaid_amount(organization_id: UUID, order: Any) -> Decimal:
    """Return what is kept above what the order still has to be paid for; negative: so much is missing.

    Nothing of an order that waits for its payment is spare; all that is kept of one that has ended is.
    """
    if order.status in HOLDING:
        return ZERO
    kept = get_net_received(organization_id, order.id)
    if order.status not in REFUNDABLE:
        return kept
    return kept - Decimal(order.total - order.refunded_amount - order.refunding_amount)
