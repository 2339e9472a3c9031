"""Payments that providers have told: compared with the attempts they belong to, then received."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from kassa.payments.domain.receipts.incoming_payment import NOT_BOOKED, IncomingPayment
from kassa.payments.domain.receipts.record_payments import record_payments
from kassa.payments.domain.webhooks.outcomes import ProviderMessage, Settled, Unsettled
from kassa.payments.models import PaymentAttempt
from kassa.payments.providers.protocol import PaymentSeen


def settle_payments(
    organization_id: UUID, messages: Sequence[ProviderMessage], *, now: datetime
) -> dict[UUID, Settled | Unsettled]:
    """Receive the payments that messages tell of, in one transaction; return by message what came of it.

    A payment for no attempt of ours, or of another amount than was asked for, is not booked.
    """
    sightings = {message.row.id: (message.row.provider, _seen(message)) for message in messages}
    attempts = find_attempts(organization_id, list(sightings.values()))
    results: dict[UUID, Settled | Unsettled] = {}
    receipts: dict[UUID, IncomingPayment] = {}
    for message in messages:
        provider, seen = sightings[message.row.id]
        receipt = build_incoming_payment(attempts.get((provider, seen)), seen, now=now)
        if isinstance(receipt, Unsettled):
            results[message.row.id] = receipt
        else:
            receipts[message.row.id] = receipt
    if receipts:
        settlements = record_payments(organization_id, list(receipts.values()), now=now)
        for message_id, settlement in zip(receipts, settlements, strict=True):
            results[message_id] = (
                Unsettled(settlement.outcome.value, NOT_BOOKED[settlement.outcome], is_final=True)
                if settlement.outcome in NOT_BOOKED
                else Settled(settlement.outcome.value, settlement.order_id)
            )
    return results


def _seen(message: ProviderMessage) -> PaymentSeen:
    seen = message.event.seen
    if not isinstance(seen, PaymentSeen):
        raise TypeError(f"{type(seen).__name__} is no payment.")
    return seen


def find_attempts(
    organization_id: UUID, sightings: Sequence[tuple[str, PaymentSeen]]
) -> dict[tuple[str, PaymentSeen], PaymentAttempt]:
    """Return the attempts that sightings (each with its provider's name) belong to, in one query.

    They are found by our own id if the provider gives it back, else by the provider's.
    """
    keys = [seen.key for _, seen in sightings if seen.key is not None]
    references = [seen.reference for _, seen in sightings if seen.reference]
    payments = [seen.payment_reference for _, seen in sightings if seen.payment_reference]
    rows = PaymentAttempt.objects.of(organization_id).filter(
        Q(id__in=keys) | Q(provider_reference__in=references) | Q(payment_reference__in=payments)
    )
    by_id: dict[UUID, PaymentAttempt] = {}
    by_reference: dict[tuple[str, str], PaymentAttempt] = {}
    for row in rows:
        by_id[row.id] = row
        for reference in (row.payment_reference, row.provider_reference):
            if reference:
                by_reference[row.provider, reference] = row
    found: dict[tuple[str, PaymentSeen], PaymentAttempt] = {}
    for provider, seen in sightings:
        attempt = _match(provider, seen, by_id, by_reference)
        if attempt is not None and attempt.provider == provider:
            found[provider, seen] = attempt
    return found


def _match(
    provider: str,
    seen: PaymentSeen,
    by_id: Mapping[UUID, PaymentAttempt],
    by_reference: Mapping[tuple[str, str], PaymentAttempt],
) -> PaymentAttempt | None:
    if seen.key is not None:
        return by_id.get(seen.key)
    return by_reference.get((provider, seen.reference)) or by_reference.get(
        (provider, seen.payment_reference or "")
    )


def build_incoming_payment(
    attempt: PaymentAttempt | None, seen: PaymentSeen, *, now: datetime
) -> IncomingPayment | Unsettled:
    """Return what a payment seen at a provider comes to, or why it must not be booked. Pure."""
    if attempt is None:
        return Unsettled("payment_unknown", "It is about no payment that was opened here.", is_final=True)
    if seen.currency is not None and seen.currency.upper() != attempt.currency:
        return Unsettled(
            "wrong_currency",
            f"{seen.currency.upper()} was paid, {attempt.currency} was asked for.",
            is_final=True,
            order_id=attempt.order_id,
        )
    if seen.amount is not None and seen.amount != attempt.amount:
        return Unsettled(
            "wrong_amount",
            f"{seen.amount} was paid, {attempt.amount} was asked for.",
            is_final=True,
            order_id=attempt.order_id,
        )
    return IncomingPayment(
        order_id=attempt.order_id,
        attempt_id=attempt.id,
        provider=attempt.provider,
        method=seen.method,
        provider_reference=seen.payment_reference or seen.reference or str(attempt.id),
        amount=attempt.amount,
        currency=attempt.currency,
        gateway_fee=seen.gateway_fee,
        platform_fee=attempt.platform_fee,
        received_at=now,
    )
