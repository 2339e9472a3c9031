"""Attempts as the API shows them and the outbox tells them."""

from __future__ import annotations

from typing import Any

from kassa.core.clock import format_moment
from kassa.core.money import format_amount
from kassa.core.outbox import DomainEvent, build_event
from kassa.payments.models import PaymentAttempt


def attempt_document(attempt: PaymentAttempt) -> dict[str, Any]:
    """Return one try to pay."""
    order = f"/api/v1/orders/{attempt.order_id}"
    return {
        "id": str(attempt.id),
        "order": str(attempt.order_id),
        "number": attempt.number,
        "provider": attempt.provider,
        "provider_reference": attempt.provider_reference,
        "payment_reference": attempt.payment_reference,
        "status": str(attempt.status),
        "amount": format_amount(attempt.amount, attempt.currency),
        "currency": attempt.currency,
        "checkout_url": attempt.checkout_url or None,
        "instructions": attempt.instructions,
        "return_url": attempt.return_url,
        "cancel_url": attempt.cancel_url,
        "expires_at": format_moment(attempt.expires_at),
        "error": attempt.error,
        "created_at": format_moment(attempt.created_at),
        "updated_at": format_moment(attempt.updated_at),
        "links": {"order": order, "payments": f"{order}/payments", "retry": f"{order}/retry-payment"},
    }


def attempt_event(name: str, attempt: PaymentAttempt) -> DomainEvent:
    """Return what is told of an attempt: ``payment.opened``, ``.failed``, ``.cancelled``, ``.expired``."""
    return build_event(name, attempt.id, key=attempt.order_id, fields=attempt_document(attempt))
