"""An organisation with an account at the fake Stripe, and requests as Kassa makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from kassa.core.ids import new_id
from kassa.integrations.stripe.provider import StripeProvider
from kassa.payments.providers.protocol import (
    Credentials,
    Opened,
    PaymentRequest,
    ProviderEvent,
    RefundRequest,
)
from tests.integrations.fake_stripe import FakeStripe

ORGANISERS_ACCOUNT = "acct_1organiser"


@dataclass(frozen=True)
class Shop:
    """One organisation, its credentials, and the provider under test."""

    stripe: FakeStripe
    organization_id: UUID = field(default_factory=new_id)
    connected_account: str = ""
    provider: StripeProvider = field(default_factory=StripeProvider)

    @property
    def credentials(self) -> Credentials:
        """What the organisation has configured."""
        return Credentials(
            organization_id=self.organization_id,
            configuration={"api_base": self.stripe.url, "connected_account": self.connected_account},
            secrets={
                "secret_key": self.stripe.secret_key,
                "webhook_secret": self.stripe.webhook_secret,
            },
        )

    def open(self, request: PaymentRequest | None = None) -> Opened:
        """Open an attempt."""
        return self.provider.open(self.credentials, request or payment_request())

    def paid(self, request: PaymentRequest | None = None) -> str:
        """Open an attempt, pay it by card, and return the payment's reference."""
        return str(self.stripe.pay(self.open(request).reference)["id"])

    def told(self, event: Mapping[str, Any]) -> ProviderEvent:
        """Return an event as Kassa reads it, after checking its signature."""
        headers, body = self.stripe.signed(dict(event))
        return self.provider.verify_webhook(
            self.credentials, headers=headers, body=body, now=datetime.now(UTC)
        )

    def told_last(self, event_type: str) -> ProviderEvent:
        """Return the latest event of a type as Kassa reads it."""
        return self.told(self.stripe.last_event(event_type))


def payment_request(**changes: Any) -> PaymentRequest:
    """Return what an attempt over 47.50 EUR is opened with."""
    now = datetime.now(UTC)
    values: dict[str, Any] = {
        "key": new_id(),
        "order_id": new_id(),
        "order_number": "ORD-2026-00001",
        "amount": Decimal("47.50"),
        "currency": "EUR",
        "platform_fee": Decimal(0),
        "description": "2 of Evening ticket",
        "customer_email": "buyer@example.org",
        "return_url": "https://shop.example.org/return",
        "cancel_url": "https://shop.example.org/cancel",
        "holds_until": now + timedelta(minutes=50),
        "now": now,
    }
    return PaymentRequest(**{**values, **changes})


def refund_request(payment_reference: str, **changes: Any) -> RefundRequest:
    """Return what a refund of 10.00 EUR is asked with."""
    part = new_id()
    values: dict[str, Any] = {
        "key": f"refund-{part}",
        "refund_part_id": part,
        "payment_reference": payment_reference,
        "amount": Decimal("10.00"),
        "currency": "EUR",
        "reason": "The buyer is ill.",
    }
    return RefundRequest(**{**values, **changes})
