"""The demo bank's messages: payments, refunds and disputes as JSON and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from kassa.core.clock import format_moment
from kassa.core.money import format_amount
from kassa.integrations.demo_bank.models import DemoDispute, DemoPayment, DemoRefund
from kassa.payments.providers.protocol import (
    DisputeSeen,
    DisputeState,
    PaymentSeen,
    PaymentState,
    ProviderEvent,
    RefundSeen,
    RefundState,
)

Seen = PaymentSeen | RefundSeen | DisputeSeen


def payment_data(payment: DemoPayment) -> dict[str, Any]:
    """Return what a message says of a payment."""
    fee = payment.gateway_fee
    return {
        "reference": payment.reference,
        "key": str(payment.key),
        "state": payment.status,
        "payment_reference": payment.payment_reference,
        "amount": format_amount(payment.amount, payment.currency),
        "currency": payment.currency,
        "method": payment.method,
        "gateway_fee": None if fee is None else format_amount(fee, payment.currency),
        "error": payment.error,
    }


def refund_data(payment: DemoPayment, refund: DemoRefund) -> dict[str, Any]:
    """Return what a message says of a refund."""
    return {
        "reference": refund.reference,
        "key": str(refund.client_reference),
        "state": refund.status,
        "payment_reference": payment.payment_reference,
        "amount": format_amount(refund.amount, refund.currency),
        "currency": refund.currency,
        "error": refund.error,
    }


def dispute_data(payment: DemoPayment, dispute: DemoDispute) -> dict[str, Any]:
    """Return what a message says of a dispute."""
    return {
        "reference": dispute.reference,
        "state": dispute.status,
        "payment_reference": payment.payment_reference,
        "amount": format_amount(dispute.amount, dispute.currency),
        "currency": dispute.currency,
        "fee": format_amount(dispute.fee, dispute.currency),
        "reason": dispute.reason,
    }


def write_message(
    *, event_id: str, kind: str, organization_id: UUID, data: dict[str, Any], now: datetime
) -> str:
    """Return a webhook's body; ``kind`` is ``payment``, ``refund`` or ``dispute``."""
    return json.dumps(
        {
            "id": event_id,
            "type": f"{kind}.{data['state']}",
            "organization": str(organization_id),
            "occurred_at": format_moment(now),
            kind: data,
        }
    )


def read_organization(body: bytes) -> UUID | None:
    """Return the organisation that a body names; None if it names none or cannot be read."""
    try:
        return UUID(_object(body)["organization"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def read_message(body: bytes) -> ProviderEvent:
    """Read a webhook; one of an unknown kind shows nothing. Raises ValueError if it cannot be read."""
    try:
        message = _object(body)
        kind, _, _ = str(message["type"]).partition(".")
        reader = READERS.get(kind)
        return ProviderEvent(
            id=str(message["id"]),
            type=str(message["type"]),
            seen=None if reader is None else reader(message[kind]),
            occurred_at=datetime.fromisoformat(message["occurred_at"]),
        )
    except (KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise ValueError("This is no message of the demo bank.") from error


def payment_seen(data: dict[str, Any]) -> PaymentSeen:
    """Return a payment in the words of the protocol."""
    fee = data["gateway_fee"]
    return PaymentSeen(
        state=PaymentState(data["state"]),
        reference=data["reference"],
        key=UUID(data["key"]),
        payment_reference=data["payment_reference"],
        amount=Decimal(data["amount"]),
        currency=data["currency"],
        method=data["method"],
        gateway_fee=None if fee is None else Decimal(fee),
        error=data["error"],
    )


def refund_seen(data: dict[str, Any]) -> RefundSeen:
    """Return a refund in the words of the protocol."""
    return RefundSeen(
        state=RefundState(data["state"]),
        reference=data["reference"],
        key=UUID(data["key"]),
        payment_reference=data["payment_reference"],
        amount=Decimal(data["amount"]),
        currency=data["currency"],
        error=data["error"],
    )


def dispute_seen(data: dict[str, Any]) -> DisputeSeen:
    """Return a dispute in the words of the protocol."""
    return DisputeSeen(
        state=DisputeState(data["state"]),
        reference=data["reference"],
        payment_reference=data["payment_reference"],
        amount=Decimal(data["amount"]),
        currency=data["currency"],
        fee=Decimal(data["fee"]),
        reason=data["reason"],
    )


READERS: dict[str, Callable[[dict[str, Any]], Seen]] = {
    "payment": payment_seen,
    "refund": refund_seen,
    "dispute": dispute_seen,
}
"""What reads which kind of message."""


def _object(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except RecursionError as error:
        raise ValueError("It is nested too deeply.") from error
    if not isinstance(message, dict):
        raise TypeError("It is no object.")
    return message
