"""Payments, refunds and disputes as the API shows them and the outbox tells them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kassa.core.clock import format_moment
from kassa.core.masking import mask_last_word
from kassa.core.money import format_amount
from kassa.core.outbox import DomainEvent, build_event
from kassa.payments.domain.receipts.incoming_payment import PaymentOutcome
from kassa.payments.models import Dispute, Payment, Refund, RefundPart

CONFIRMING = (PaymentOutcome.CONFIRMED, PaymentOutcome.TAKEN_BACK)


def payment_document(payment: Payment) -> dict[str, Any]:
    """Return a sum that came in."""
    currency = payment.currency
    return {
        "id": str(payment.id),
        "order": str(payment.order_id),
        "attempt": None if payment.attempt_id is None else str(payment.attempt_id),
        "provider": payment.provider,
        "method": payment.method,
        "provider_reference": payment.provider_reference,
        "amount": format_amount(payment.amount, currency),
        "refunded_amount": format_amount(payment.refunded_amount, currency),
        "disputed_amount": format_amount(payment.disputed_amount, currency),
        "gateway_fee": None if payment.gateway_fee is None else format_amount(payment.gateway_fee, currency),
        "platform_fee": format_amount(payment.platform_fee, currency),
        "currency": currency,
        "received_at": format_moment(payment.received_at),
    }


def refund_document(refund: Refund, parts: Iterable[RefundPart]) -> dict[str, Any]:
    """Return a refund: what is given back and why, and how far each part of it has come."""
    currency = refund.currency
    return {
        "id": str(refund.id),
        "order": str(refund.order_id),
        "kind": str(refund.kind),
        "status": str(refund.status),
        "amount": format_amount(refund.amount, currency),
        "currency": currency,
        "lines": refund.lines,
        "reason": refund.reason,
        "parts": [
            {
                "id": str(part.id),
                "payment": str(part.payment_id),
                "provider": part.provider,
                "amount": format_amount(part.amount, currency),
                "status": str(part.status),
                "by_hand": part.status == "pending" and part.next_try_at is None,
                "provider_reference": part.provider_reference,
                "error": part.error,
                "completed_at": format_moment(part.completed_at),
            }
            for part in parts
        ],
        "created_at": format_moment(refund.created_at),
        "completed_at": format_moment(refund.completed_at),
    }


def dispute_document(dispute: Dispute) -> dict[str, Any]:
    """Return a chargeback."""
    return {
        "id": str(dispute.id),
        "order": str(dispute.order_id),
        "payment": str(dispute.payment_id),
        "provider": dispute.provider,
        "provider_reference": dispute.provider_reference,
        "status": str(dispute.status),
        "amount": format_amount(dispute.amount, dispute.currency),
        "fee": format_amount(dispute.fee, dispute.currency),
        "currency": dispute.currency,
        "reason": dispute.reason,
        "opened_at": format_moment(dispute.opened_at),
        "closed_at": format_moment(dispute.closed_at),
    }


def payment_event(payment: Payment, outcome: str) -> DomainEvent:
    """Return ``payment.confirmed``, or ``payment.received`` for money that does not confirm its order.

    ``outcome`` says what became of it: it waits for the rest, or goes back.
    """
    fields = {**payment_document(payment), "outcome": outcome}
    name = "payment.confirmed" if outcome in CONFIRMING else "payment.received"
    return build_event(name, payment.id, key=payment.order_id, fields=fields)


def refund_event(name: str, refund: Refund, parts: Iterable[RefundPart]) -> DomainEvent:
    """Return ``refund.requested``, ``refund.refused``, ``refund.completed`` or ``refund.returned``."""
    document = refund_document(refund, parts)
    document["lines"] = [_mask_line(line) for line in document["lines"]]
    return build_event(name, refund.id, key=refund.order_id, fields=document)


def dispute_event(dispute: Dispute) -> DomainEvent:
    """Return ``dispute.open``, ``dispute.won`` or ``dispute.lost``."""
    name = f"dispute.{dispute.status}"
    return build_event(name, dispute.id, key=dispute.order_id, fields=dispute_document(dispute))


def _mask_line(line: dict[str, Any]) -> dict[str, Any]:
    """Hide the code at the end of a ticket's name: whoever may read events is not yet let in."""
    return {**line, "label": mask_last_word(line["label"])} if line["what"] == "ticket" else line
