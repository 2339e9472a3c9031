"""What providers keep of a payment, which most of them say only afterwards."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from kassa.core.database import statements
from kassa.core.errors import KassaError
from kassa.core.jobs import ShouldStop, never_stop
from kassa.core.money import ZERO
from kassa.core.secrets import SecretUnreadable
from kassa.payments.domain.accounts import get_credentials
from kassa.payments.domain.ledger.journal import Journal
from kassa.payments.models import Payment, Transaction
from kassa.payments.providers.calls import call
from kassa.payments.providers.protocol import ProviderRefused, ProviderUnreachable
from kassa.payments.providers.registry import provider_named

ASKED_FOR = timedelta(days=7)
"""A provider that has not said in that time what it kept is not asked any more."""
FIRST_DISTANCE = timedelta(minutes=10)
"""How soon a provider is asked again; later on, when the payment is twice as old."""
LIMIT = 100

logger = logging.getLogger("kassa.payments")


def ask_for_fees(organization_id: UUID, *, now: datetime, should_stop: ShouldStop = never_stop) -> int:
    """Ask what providers have kept of payments that came without it, and book it; return of how many.

    Those that are due for the longest time come first. When each is asked for next is written down
    before it is asked for: one that fails again and again keeps no other from its turn. Payments by hand and
    imported ones have no attempt at a provider, and nobody is asked.
    """
    due = _due(Payment.objects.of(organization_id), now)
    due.filter(attempt__provider_reference=None).update(fee_check_at=None)
    silent: set[str] = set()
    known = 0
    for payment in due.select_related("attempt").order_by("fee_check_at", "id")[:LIMIT]:
        if should_stop():
            break
        if payment.provider in silent:
            continue
        _put_off(payment, now)
        try:
            with connection.wrap_database_errors:
                known += _ask(payment, now)
        except ProviderUnreachable:
            silent.add(payment.provider)
        except (KassaError, ProviderRefused, SecretUnreadable, DatabaseError) as error:
            logger.warning(
                "The fee of payment %s at %s is not known: %s", payment.id, payment.provider, error
            )
            connection.close_if_unusable_or_obsolete()
    return known


def organizations_without_fees(*, now: datetime) -> list[UUID]:
    """Return who has payments of which it is to be asked what was kept."""
    due = _due(Payment.unscoped.all(), now).order_by()
    return list(due.values_list("organization_id", flat=True).distinct())


def _due(payments: QuerySet[Payment], now: datetime) -> QuerySet[Payment]:
    return payments.filter(gateway_fee=None, attempt__isnull=False, fee_check_at__lte=now)


def _put_off(payment: Payment, now: datetime) -> None:
    """Ask about a payment again later, after ever longer times, and in the end never."""
    next_check = now + max(FIRST_DISTANCE, now - payment.received_at)
    is_last = next_check > payment.received_at + ASKED_FOR
    rows = Payment.objects.of(payment.organization_id).filter(id=payment.id)
    rows.update(fee_check_at=None if is_last else next_check)


def _ask(payment: Payment, now: datetime) -> bool:
    organization_id, attempt = payment.organization_id, payment.attempt
    if attempt is None:
        return False
    provider = provider_named(payment.provider)
    credentials = get_credentials(organization_id, payment.provider)
    seen = call(provider, organization_id, provider.look_up, credentials, attempt.provider_reference)
    return seen.gateway_fee is not None and _book(organization_id, payment.id, seen.gateway_fee, now)


def _book(organization_id: UUID, payment_id: UUID, fee: Decimal, now: datetime) -> bool:
    with transaction.atomic(), connection.wrap_database_errors:
        rows = Payment.objects.of(organization_id).filter(id=payment_id)
        payment = rows.filter(gateway_fee=None).select_for_update(no_key=True).first()
        if payment is None:
            return False
        rows.update(gateway_fee=fee, fee_check_at=None)
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
