"""Giving money back."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from kassa.core.money import format_amount
from kassa.integrations.demo_bank.domain.tell import tell_refund
from kassa.integrations.demo_bank.enums import RefundMode, RefundStatus
from kassa.integrations.demo_bank.models import DemoPayment, DemoRefund
from kassa.integrations.demo_bank.references import REFUND, new_reference
from kassa.payments.providers.protocol import RefundRequest

PENDING = timedelta(seconds=20)
"""How long a pending refund stays so."""


def refund_payment(
    organization_id: UUID, request: RefundRequest, *, now: datetime
) -> tuple[DemoPayment, DemoRefund] | None:
    """Give money back, or return what became of it under the same key; None if the payment is not known.

    What cannot be given back is refused, and stays refused under that key.
    """
    with transaction.atomic():
        payment = (
            DemoPayment.objects.of(organization_id)
            .select_for_update()
            .filter(payment_reference=request.payment_reference)
            .first()
        )
        if payment is None:
            return None
        known = DemoRefund.objects.of(organization_id).filter(key=request.key).first()
        if known is not None:
            return payment, known
        refund = _decide(payment, request, now)
        if refund.status != RefundStatus.REFUSED:
            payment.refunded_amount += refund.amount
            payment.updated_at = now
            payment.save(update_fields=["refunded_amount", "updated_at"])
        refund.save(force_insert=True)
        tell_refund(payment, refund, now=now)
    return payment, refund


def finish_refund(payment: DemoPayment, refund: DemoRefund, *, now: datetime) -> None:
    """Say of a pending refund that the money is back; its row is locked by the caller's transaction."""
    refund.status = RefundStatus.SUCCEEDED
    refund.moves_at = None
    refund.updated_at = now
    refund.save()
    tell_refund(payment, refund, now=now)


def _decide(payment: DemoPayment, request: RefundRequest, now: datetime) -> DemoRefund:
    mode = RefundMode(payment.refund_mode)
    error = _refusal(payment, request, mode)
    status = RefundStatus.SUCCEEDED
    if error:
        status = RefundStatus.REFUSED
    elif mode is RefundMode.PENDING:
        status = RefundStatus.PENDING
    return DemoRefund(
        organization_id=payment.organization_id,
        payment=payment,
        key=request.key,
        client_reference=request.refund_part_id,
        reference=new_reference(REFUND, payment.organization_id),
        amount=request.amount,
        currency=request.currency,
        reason=request.reason,
        status=status,
        error=error,
        moves_at=now + PENDING if status is RefundStatus.PENDING else None,
        created_at=now,
        updated_at=now,
    )


def _refusal(payment: DemoPayment, request: RefundRequest, mode: RefundMode) -> str:
    left = payment.amount - payment.refunded_amount - payment.disputed_amount
    if request.currency != payment.currency:
        return f"The payment was made in {payment.currency}, not in {request.currency}."
    if not Decimal(0) < request.amount <= left:
        return f"Only {format_amount(left, payment.currency)} {payment.currency} can still be given back."
    tries = DemoRefund.objects.of(payment.organization_id).filter(client_reference=request.refund_part_id)
    if mode is RefundMode.REFUSED_FIRST and not tries.exists():
        return "The demo bank was told on its page to refuse the first try of each refund."
    return ""
