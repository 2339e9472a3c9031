"""Writing down the webhooks that are to be sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from kassa.integrations.demo_bank.enums import WebhookMode
from kassa.integrations.demo_bank.messages import (
    dispute_data,
    payment_data,
    refund_data,
    write_message,
)
from kassa.integrations.demo_bank.models import DemoDispute, DemoPayment, DemoRefund, DemoWebhook
from kassa.integrations.demo_bank.references import EVENT, new_reference

LATE = timedelta(seconds=30)
"""How long a late webhook keeps Kassa waiting."""


def tell_payment(payment: DemoPayment, *, now: datetime) -> None:
    """Write the webhook of a payment's new state, in the transaction that gave it that state."""
    _tell(payment, "payment", payment_data(payment), mode=WebhookMode(payment.webhook_mode), now=now)


def tell_refund(payment: DemoPayment, refund: DemoRefund, *, now: datetime) -> None:
    """Write the webhook of a refund's new state."""
    data = refund_data(payment, refund)
    _tell(payment, "refund", data, mode=WebhookMode(payment.webhook_mode), now=now)


def tell_dispute(payment: DemoPayment, dispute: DemoDispute, *, now: datetime) -> None:
    """Write the webhook of a dispute: always at once, since nothing else would ever tell of it."""
    _tell(payment, "dispute", dispute_data(payment, dispute), mode=WebhookMode.AT_ONCE, now=now)


def _tell(payment: DemoPayment, kind: str, data: dict[str, Any], *, mode: WebhookMode, now: datetime) -> None:
    if mode is WebhookMode.NEVER:
        return
    event_id = new_reference(EVENT, payment.organization_id)
    DemoWebhook.unscoped.create(
        organization_id=payment.organization_id,
        payment=payment,
        event_id=event_id,
        type=f"{kind}.{data['state']}",
        body=write_message(
            event_id=event_id, kind=kind, organization_id=payment.organization_id, data=data, now=now
        ),
        send_at=now + LATE if mode is WebhookMode.LATE else now,
        sends_left=2 if mode is WebhookMode.TWICE else 1,
        created_at=now,
    )
