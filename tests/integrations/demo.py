"""A payment at the demo bank, and what a test asks of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from kassa.integrations.demo_bank.models import DemoPayment, DemoWebhook
from kassa.integrations.demo_bank.provider import DemoProvider
from kassa.organizations.models import Organization
from kassa.payments.providers.protocol import Credentials, PaymentRequest, RefundRequest
from tests.support.factories import make_organization

PROVIDER = DemoProvider()
NOW = datetime(2025, 3, 2, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
RETURN_URL = "https://shop.example/orders/1?step=done"
CANCEL_URL = "https://shop.example/orders/1?step=back"


def credentials(organization: Organization, **configuration: str) -> Credentials:
    return Credentials(organization_id=organization.id, configuration=configuration, secrets={})


def payment_request(**fields: Any) -> PaymentRequest:
    values: dict[str, Any] = {
        "key": uuid4(),
        "order_id": uuid4(),
        "order_number": "ORD-2026-00001",
        "amount": Decimal("45.00"),
        "currency": "EUR",
        "platform_fee": Decimal(0),
        "description": "Night of Strings, 1 place",
        "customer_email": "ada@example.com",
        "return_url": RETURN_URL,
        "cancel_url": CANCEL_URL,
        "holds_until": None,
        "now": NOW,
    }
    return PaymentRequest(**{**values, **fields})


def opened(organization: Organization | None = None, **fields: Any) -> DemoPayment:
    """Open a payment of 45 euros and return the bank's row of it."""
    organization = organization or make_organization()
    reference = PROVIDER.open(credentials(organization), payment_request(**fields)).reference
    return DemoPayment.objects.of(organization.id).get(reference=reference)


def refund_request(payment: DemoPayment, amount: str, key: str | None = None, **fields: Any) -> RefundRequest:
    part = fields.pop("refund_part_id", None) or uuid4()
    values: dict[str, Any] = {
        "key": key or str(part),
        "refund_part_id": part,
        "payment_reference": payment.payment_reference,
        "amount": Decimal(amount),
        "currency": payment.currency,
        "reason": "The buyer cannot come.",
    }
    return RefundRequest(**{**values, **fields})


def webhooks(organization_id: UUID) -> list[DemoWebhook]:
    return list(DemoWebhook.objects.of(organization_id).order_by("id"))


def told(organization_id: UUID) -> list[str]:
    """Return the kinds of the webhooks that were written, oldest first."""
    return [webhook.type for webhook in webhooks(organization_id)]
