"""Opening and closing payment pages."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from kassa.core.errors import NotFound
from kassa.integrations.demo_bank.domain.find import find_payment, owner_of
from kassa.integrations.demo_bank.enums import PaymentStatus
from kassa.integrations.demo_bank.models import DemoPayment
from kassa.integrations.demo_bank.references import PAYMENT_PAGE, new_reference
from kassa.payments.providers.protocol import PaymentRequest, ProviderRefused

OPEN_FOR = timedelta(hours=24)
"""How long a page can be paid at. An order that ends earlier has its page closed."""
LONGEST_URL = 2000


def open_payment(organization_id: UUID, request: PaymentRequest) -> DemoPayment:
    """Open a payment page, or return the one that was opened under the same key.

    Raises:
        ProviderRefused: the amount or an address is not usable, or the key is another payment's.
    """
    _check(request)
    fresh = DemoPayment(
        organization_id=organization_id,
        key=request.key,
        reference=new_reference(PAYMENT_PAGE, organization_id),
        order_number=request.order_number,
        description=request.description,
        customer_email=request.customer_email,
        amount=request.amount,
        currency=request.currency,
        return_url=request.return_url,
        cancel_url=request.cancel_url,
        expires_at=request.now + OPEN_FOR,
        time_zone=str(request.begins_at.tzinfo) if request.begins_at else "",
        created_at=request.now,
        updated_at=request.now,
    )
    DemoPayment.unscoped.bulk_create([fresh], ignore_conflicts=True)
    payment = DemoPayment.objects.of(organization_id).get(key=request.key)
    if (payment.amount, payment.currency) != (request.amount, request.currency):
        raise ProviderRefused("The key belongs to a payment of another amount.", code="key_reused")
    return payment


def close_payment(organization_id: UUID, reference: str, *, now: datetime) -> DemoPayment | None:
    """End an open page so that nobody can pay there; return the payment as it stands then, None if unknown.

    Nothing is told by webhook: whoever closes it knows.
    """
    with transaction.atomic():
        DemoPayment.objects.of(organization_id).filter(reference=reference, status=PaymentStatus.OPEN).update(
            status=PaymentStatus.CANCELLED, updated_at=now
        )
        return known_payment(organization_id, reference)


def known_payment(organization_id: UUID, reference: str) -> DemoPayment | None:
    """Return an organisation's payment by the reference of its page; None if it has none of that kind."""
    try:
        return find_payment(reference) if owner_of(reference) == organization_id else None
    except NotFound:
        return None


def _check(request: PaymentRequest) -> None:
    if request.amount <= 0:
        raise ProviderRefused("Nothing is paid here that costs nothing.", code="amount_too_small")
    for url in (request.return_url, request.cancel_url):
        if url and not (url.startswith(("https://", "http://")) and len(url) <= LONGEST_URL):
            raise ProviderRefused(
                "The addresses to return to have to be absolute and no longer than 2000 characters.",
                code="url_not_usable",
            )
