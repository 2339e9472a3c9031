"""What a buyer does on the payment page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from kassa.integrations.demo_bank.domain.find import find_payment, owner_of
from kassa.integrations.demo_bank.domain.settle import settle_locked, status_at
from kassa.integrations.demo_bank.domain.tell import tell_payment
from kassa.integrations.demo_bank.enums import Method, PaymentStatus, RefundMode, Speed, WebhookMode
from kassa.integrations.demo_bank.errors import DemoPaymentOver
from kassa.integrations.demo_bank.models import DemoPayment

SLOW = timedelta(seconds=10)
"""How long a slow payment is processing."""


@dataclass(frozen=True, slots=True)
class _Order:
    """What the buyer asks for, and how the bank is to go about it."""

    outcome: PaymentStatus
    webhook: WebhookMode
    speed: Speed = Speed.AT_ONCE
    refunds: RefundMode = RefundMode.WORK
    method: Method = Method.CARD


def pay(
    reference: str,
    *,
    now: datetime,
    webhook: WebhookMode = WebhookMode.AT_ONCE,
    speed: Speed = Speed.AT_ONCE,
    refunds: RefundMode = RefundMode.WORK,
    method: Method = Method.CARD,
) -> DemoPayment:
    """Pay; a slow payment is processing first. Once only, however many try at the same moment.

    Raises:
        NotFound: there is no such payment.
        DemoPaymentOver: it is not open any more.
    """
    return _act(reference, _Order(PaymentStatus.SUCCEEDED, webhook, speed, refunds, method), now)


def decline(
    reference: str,
    *,
    now: datetime,
    webhook: WebhookMode = WebhookMode.AT_ONCE,
    speed: Speed = Speed.AT_ONCE,
    method: Method = Method.CARD,
) -> DemoPayment:
    """Let the bank refuse the payment. Raises as :func:`pay` does."""
    return _act(reference, _Order(PaymentStatus.FAILED, webhook, speed, method=method), now)


def cancel(reference: str, *, now: datetime, webhook: WebhookMode = WebhookMode.AT_ONCE) -> DemoPayment:
    """Leave without paying. Raises as :func:`pay` does."""
    return _act(reference, _Order(PaymentStatus.CANCELLED, webhook), now)


def _act(reference: str, order: _Order, now: datetime) -> DemoPayment:
    with transaction.atomic():
        # The claim decides who of several at once it is, and keeps the row locked until the end.
        claimed = (
            DemoPayment.objects.of(owner_of(reference))
            .filter(reference=reference, status=PaymentStatus.OPEN, expires_at__gt=now)
            .update(
                webhook_mode=order.webhook, refund_mode=order.refunds, method=order.method, updated_at=now
            )
        )
        payment = find_payment(reference)
        if not claimed:
            raise DemoPaymentOver(status_at(payment, now))
        if order.speed is Speed.SLOW:
            _process(payment, order.outcome, now)
        else:
            settle_locked(payment, order.outcome, now=now)
    return payment


def _process(payment: DemoPayment, outcome: PaymentStatus, now: datetime) -> None:
    payment.status = PaymentStatus.PROCESSING
    payment.outcome = outcome
    payment.moves_at = now + SLOW
    payment.save()
    tell_payment(payment, now=now)
