"""Giving a payment the state it comes to, once."""

from __future__ import annotations

from datetime import datetime

from kassa.core.stored_sentences import stored_sentence
from kassa.integrations.demo_bank.domain.fees import gateway_fee
from kassa.integrations.demo_bank.domain.tell import tell_payment
from kassa.integrations.demo_bank.enums import PaymentStatus
from kassa.integrations.demo_bank.models import DemoPayment
from kassa.integrations.demo_bank.references import PAYMENT, new_reference

ERRORS = {
    PaymentStatus.FAILED: stored_sentence("The bank declined the payment."),
    PaymentStatus.EXPIRED: stored_sentence("The payment page was open for too long."),
}
"""What buyers read, in their language."""


def settle_locked(payment: DemoPayment, status: PaymentStatus, *, now: datetime) -> None:
    """Give a payment its last state and write the webhook; its row is locked by the caller's transaction."""
    payment.status = status
    payment.moves_at = None
    payment.updated_at = now
    payment.error = ERRORS.get(status, "")
    if status is PaymentStatus.SUCCEEDED:
        payment.payment_reference = new_reference(PAYMENT, payment.organization_id)
        payment.gateway_fee = gateway_fee(payment.amount, payment.currency)
    payment.save()
    tell_payment(payment, now=now)


def status_at(payment: DemoPayment, now: datetime) -> PaymentStatus:
    """Return the state of a payment, open pages that have run out being expired already."""
    status = PaymentStatus(payment.status)
    is_over = status is PaymentStatus.OPEN and payment.expires_at <= now
    return PaymentStatus.EXPIRED if is_over else status
