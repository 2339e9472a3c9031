"""What providers keep of a payment, which most of them say only afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import connection, transaction

from kassa.core.database import statements
from kassa.core.money import ZERO
from kassa.payments.domain.accounts import credentials_of
from kassa.payments.domain.book import Journal
from kassa.payments.domain.rounds import go_on
from kassa.payments.models import Payment, Transaction
from kassa.payments.providers.calls import call
from kassa.payments.providers.protocol import ProviderUnreachable
from kassa.payments.providers.registry import provider_named

ASKED_FOR = timedelta(days=7)
"""A provider that has not said in that time what it kept is not asked any more."""
LIMIT = 100


def ask_for_fees(organization_id: UUID, *, now: datetime, should_stop: Callable[[], bool] = go_on) -> int:
    """Ask what providers have kept of payments that came without it, and book it; return of how many."""
    unknown = Payment.objects.of(organization_id).filter(
        gateway_fee=None, received_at__gt=now - ASKED_FOR, attempt__provider_reference__isnull=False
    )
    known = 0
    for payment in unknown.select_related("attempt").order_by("-id")[:LIMIT]:
        if should_stop() or payment.attempt is None:
            break
        provider = provider_named(payment.provider)
        credentials = credentials_of(organization_id, payment.provider)
        reference = payment.attempt.provider_reference
        try:
            seen = call(provider, organization_id, provider.look_up, credentials, reference)
        except ProviderUnreachable:
            break
        if seen.gateway_fee is not None:
            known += _book(organization_id, payment.id, seen.gateway_fee, now)
    return known


def organizations_without_fees(*, now: datetime) -> list[UUID]:
    """Return who has payments of which it is not known what was kept."""
    unknown = Payment.unscoped.filter(
        gateway_fee=None, received_at__gt=now - ASKED_FOR, attempt__provider_reference__isnull=False
    )
    return list(unknown.order_by().values_list("organization_id", flat=True).distinct())


def _book(organization_id: UUID, payment_id: UUID, fee: Decimal, now: datetime) -> bool:
    with transaction.atomic(), connection.wrap_database_errors:
        rows = Payment.objects.of(organization_id).filter(id=payment_id)
        payment = rows.filter(gateway_fee=None).select_for_update(no_key=True).first()
        if payment is None:
            return False
        rows.update(gateway_fee=fee)
        movements = Transaction.objects.of(organization_id).filter(payment_id=payment_id, type="purchase")
        movements.update(gateway_fee=fee, updated_at=now)
        journal = Journal()
        journal.charge_fees(
            payment.currency,
            gateway_fee=fee,
            platform_fee=ZERO,
            provider=payment.provider,
            order_id=payment.order_id,
            transaction_id=movements.values_list("id", flat=True).get(),
        )
        journal.write(statements(), organization_id, now=now)
    return True
