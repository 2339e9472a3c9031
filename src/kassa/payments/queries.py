"""Reads of payments: what an actor may see comes from here."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from kassa.core.errors import NotFound
from kassa.core.money import ZERO, format_amount
from kassa.orders.enums import HOLDING
from kassa.orders.queries import orders_of
from kassa.payments.domain.documents import attempt_document
from kassa.payments.domain.tell import dispute_document, payment_document, refund_document
from kassa.payments.models import Dispute, Payment, PaymentAttempt, Refund, RefundPart


def payments_of_order(organization_id: UUID, order_id: UUID) -> dict[str, Any]:
    """Return all money of an order, oldest first, and what it adds up to, in six queries.

    ``outstanding`` is what is still to be paid while the order waits for it.

    Raises:
        NotFound: the organisation has no such order.
    """
    order = orders_of(organization_id).filter(id=order_id).first()
    if order is None:
        raise NotFound
    attempts = PaymentAttempt.objects.of(organization_id).filter(order_id=order_id).order_by("number")
    payments = list(Payment.objects.of(organization_id).filter(order_id=order_id).order_by("id"))
    refunds = Refund.objects.of(organization_id).filter(order_id=order_id).order_by("id")
    disputes = Dispute.objects.of(organization_id).filter(order_id=order_id).order_by("id")
    parts: dict[UUID, list[RefundPart]] = defaultdict(list)
    for part in RefundPart.objects.of(organization_id).filter(order_id=order_id).order_by("id"):
        parts[part.refund_id].append(part)
    received = sum((payment.amount for payment in payments), ZERO)
    kept = sum(
        (payment.amount - payment.refunded_amount - payment.disputed_amount for payment in payments), ZERO
    )
    pending = sum(
        (part.amount for of_refund in parts.values() for part in of_refund if part.status == "pending"), ZERO
    )
    promised = sum((payment.refunded_amount for payment in payments), ZERO)
    outstanding = max(order.total - kept, ZERO) if order.status in HOLDING else ZERO

    def shown(amount: Decimal) -> str:
        return format_amount(amount, order.currency)

    return {
        "order": str(order.id),
        "number": order.number,
        "currency": order.currency,
        "payment_status": str(order.payment_status),
        "total": shown(order.total),
        "received": shown(received),
        "outstanding": shown(outstanding),
        "refunded": shown(promised - pending),
        "refunding": shown(pending),
        "attempts": [attempt_document(attempt) for attempt in attempts],
        "payments": [payment_document(payment) for payment in payments],
        "refunds": [refund_document(refund, parts[refund.id]) for refund in refunds],
        "disputes": [dispute_document(dispute) for dispute in disputes],
        "links": {"order": f"/api/v1/orders/{order.id}"},
    }
