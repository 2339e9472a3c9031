"""Money that came in, and what became of it: values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from kassa.core.money import ZERO


@dataclass(frozen=True, slots=True)
class IncomingPayment:
    """A sum that a provider (or staff, for a transfer) says has come in for an order."""

    order_id: UUID
    provider: str
    provider_reference: str
    """The provider's own id of the payment: the same money is never booked twice."""
    amount: Decimal
    currency: str
    received_at: datetime
    method: str = ""
    attempt_id: UUID | None = None
    gateway_fee: Decimal | None = None
    """None: the provider has not said yet."""
    platform_fee: Decimal = ZERO


class PaymentOutcome(StrEnum):
    """What became of a receipt."""

    CONFIRMED = "confirmed"
    PARTLY_PAID = "partly_paid"
    """It waits for the rest."""
    KNOWN = "known"
    """It was booked before; nothing was changed."""
    TAKEN_BACK = "taken_back"
    """It came after the hold was over; the places were still free."""
    LATE_REFUNDED = "late_refunded"
    """It came after the order had ended; it goes back."""
    SURPLUS_REFUNDED = "surplus_refunded"
    """The order is paid already; it goes back."""
    ORDER_UNKNOWN = "order_unknown"
    WRONG_CURRENCY = "wrong_currency"
    ATTEMPT_PAID = "attempt_paid"
    """Its attempt was paid by another payment before."""


NOT_BOOKED: dict[PaymentOutcome, str] = {
    PaymentOutcome.ORDER_UNKNOWN: "It is for an order we do not have.",
    PaymentOutcome.WRONG_CURRENCY: "It is in another currency than the order.",
    PaymentOutcome.ATTEMPT_PAID: (
        "The attempt was paid before, under another reference. Compare with the provider."
    ),
}
"""What is left to staff, and what they are told."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of one receipt."""

    outcome: PaymentOutcome
    order_id: UUID
    payment_id: UUID | None = None
    """None: it was not booked, or was booked before."""
