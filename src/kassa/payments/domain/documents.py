"""Attempts, payments, refunds and disputes as the API shows them and the outbox tells them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

from kassa.core.clock import format_moment
from kassa.core.money import format_amount
from kassa.core.outbox import DomainEvent
from kassa.payments.models import Dispute, Payment, PaymentAttempt, Refund, RefundPart


def attempt_document(attempt: PaymentAttempt) -> dict[str, Any]:
    """Return one try to pay."""
    order = f"/api/v1/orders/{attempt.order_id}"
    return {
        "id": str(attempt.id),
        "order": str(attempt.order_id),
        "number": attempt.number,
        "provider": attempt.provider,
        "status": str(attempt.status),
        "amount": format_amount(attempt.amount, attempt.currency),
        "currency": attempt.currency,
        "checkout_url": attempt.checkout_url or None,
        "instructions": attempt.instructions,
        "return_url": attempt.return_url,
        "cancel_url": attempt.cancel_url,
        "expires_at": _moment(attempt.expires_at),
        "error": attempt.error,
        "created_at": format_moment(attempt.created_at),
        "updated_at": format_moment(attempt.updated_at),
        "links": {"order": order, "payments": f"{order}/payments", "retry": f"{order}/retry-payment"},
    }


def payment_document(payment: Payment) -> dict[str, Any]:
    """Return one sum that came in; ``gateway_fee`` is null while the provider has not said what it keeps."""
    currency = payment.currency
    fee = payment.gateway_fee
    return {
        "id": str(payment.id),
        "order": str(payment.order_id),
        "attempt": None if payment.attempt_id is None else str(payment.attempt_id),
        "provider": payment.provider,
        "method": payment.method,
        "provider_reference": payment.provider_reference,
        "amount": format_amount(payment.amount, currency),
        "currency": currency,
        "refunded_amount": format_amount(payment.refunded_amount, currency),
        "disputed_amount": format_amount(payment.disputed_amount, currency),
        "gateway_fee": None if fee is None else format_amount(fee, currency),
        "platform_fee": format_amount(payment.platform_fee, currency),
        "received_at": format_moment(payment.received_at),
    }


def refund_document(refund: Refund, parts: Iterable[RefundPart]) -> dict[str, Any]:
    """Return one refund, and how each part of it stands at the provider whose payment it goes back to."""
    return {
        "id": str(refund.id),
        "order": str(refund.order_id),
        "kind": str(refund.kind),
        "status": str(refund.status),
        "amount": format_amount(refund.amount, refund.currency),
        "currency": refund.currency,
        "reason": refund.reason,
        "lines": refund.lines,
        "parts": [_part(part) for part in parts],
        "created_at": format_moment(refund.created_at),
        "completed_at": _moment(refund.completed_at),
    }


def _part(part: RefundPart) -> dict[str, Any]:
    return {
        "id": str(part.id),
        "payment": str(part.payment_id),
        "provider": part.provider,
        "amount": format_amount(part.amount, part.currency),
        "status": str(part.status),
        "error": part.error,
        "completed_at": _moment(part.completed_at),
    }


def dispute_document(dispute: Dispute) -> dict[str, Any]:
    """Return one chargeback."""
    return {
        "id": str(dispute.id),
        "order": str(dispute.order_id),
        "payment": str(dispute.payment_id),
        "provider": dispute.provider,
        "provider_reference": dispute.provider_reference,
        "status": str(dispute.status),
        "amount": format_amount(dispute.amount, dispute.currency),
        "currency": dispute.currency,
        "fee": format_amount(dispute.fee, dispute.currency),
        "reason": dispute.reason,
        "opened_at": format_moment(dispute.opened_at),
        "closed_at": _moment(dispute.closed_at),
    }


def attempt_event(name: str, attempt: PaymentAttempt) -> DomainEvent:
    """Return what is told of an attempt: ``payment.opened``, ``.failed``, ``.cancelled``, ``.expired``."""
    return DomainEvent(name, f"payments/{attempt.id}", orjson.dumps(attempt_document(attempt)))


def payment_event(payment: Payment, outcome: str) -> DomainEvent:
    """Return what is told of money that came in, and what became of it."""
    data = {**payment_document(payment), "outcome": outcome}
    return DomainEvent("payment.received", f"payments/{payment.id}", orjson.dumps(data))


def _moment(value: datetime | None) -> str | None:
    return None if value is None else format_moment(value)
