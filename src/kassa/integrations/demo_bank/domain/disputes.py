"""Chargebacks: the buyer's bank takes money back, and decides later who keeps it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from kassa.core.errors import NotFound
from kassa.integrations.demo_bank.domain.find import owner_of
from kassa.integrations.demo_bank.domain.tell import tell_dispute
from kassa.integrations.demo_bank.enums import DisputeStatus
from kassa.integrations.demo_bank.errors import DemoDisputeOver, NothingToDispute
from kassa.integrations.demo_bank.models import DemoDispute, DemoPayment
from kassa.integrations.demo_bank.references import DISPUTE, new_reference

REASON = "product_not_received"


def open_dispute(payment_reference: str, amount: Decimal, now: datetime) -> DemoDispute:
    """Take money of a payment back.

    Raises:
        NotFound: there is no such payment.
        NothingToDispute: less is left of it, or nothing was asked for.
    """
    with transaction.atomic():
        payment = (
            DemoPayment.objects.of(owner_of(payment_reference))
            .select_for_update()
            .filter(payment_reference=payment_reference)
            .first()
        )
        if payment is None:
            raise NotFound("There is no such demo payment.")
        left = payment.amount - payment.refunded_amount - payment.disputed_amount
        if not Decimal(0) < amount <= left:
            raise NothingToDispute(left, payment.currency)
        payment.disputed_amount += amount
        payment.updated_at = now
        payment.save(update_fields=["disputed_amount", "updated_at"])
        dispute = DemoDispute.unscoped.create(
            organization_id=payment.organization_id,
            payment=payment,
            reference=new_reference(DISPUTE, payment.organization_id),
            amount=amount,
            currency=payment.currency,
            reason=REASON,
            created_at=now,
            updated_at=now,
        )
        tell_dispute(payment, dispute, now=now)
    return dispute


def decide_dispute(reference: str, won: bool, now: datetime) -> DemoDispute:
    """Decide a dispute: won, the organiser gets the money again; lost, the buyer keeps it.

    Raises:
        NotFound: there is no such dispute.
        DemoDisputeOver: it is decided already.
    """
    organization_id = owner_of(reference)
    with transaction.atomic():
        dispute = (
            DemoDispute.objects.of(organization_id).select_for_update().filter(reference=reference).first()
        )
        if dispute is None:
            raise NotFound("There is no such demo dispute.")
        if dispute.status != DisputeStatus.OPEN:
            raise DemoDisputeOver(dispute.status)
        dispute.status = DisputeStatus.WON if won else DisputeStatus.LOST
        dispute.updated_at = now
        dispute.save()
        payment = DemoPayment.objects.of(organization_id).select_for_update().get(id=dispute.payment_id)
        if won:
            payment.disputed_amount -= dispute.amount
            payment.updated_at = now
            payment.save(update_fields=["disputed_amount", "updated_at"])
        tell_dispute(payment, dispute, now=now)
    return dispute
