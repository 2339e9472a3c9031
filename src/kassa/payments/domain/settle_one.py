"""What a provider told of anything but a payment that has arrived."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from kassa.payments.domain.disputes import settle_dispute
from kassa.payments.domain.fail import attempts_seen
from kassa.payments.domain.outcomes import Settled, Unsettled
from kassa.payments.domain.payouts import settle_payout
from kassa.payments.domain.refund_progress import note_refunds
from kassa.payments.domain.settle_payments import find_attempts
from kassa.payments.enums import RefundStatus
from kassa.payments.models import Payment, RefundPart
from kassa.payments.providers.protocol import (
    DisputeSeen,
    PaymentSeen,
    PayoutSeen,
    ProviderEvent,
    RefundSeen,
    RefundState,
)


def settle_other(
    organization_id: UUID, event: ProviderEvent, *, provider: str, now: datetime
) -> Settled | Unsettled:
    """Act on a refund, a dispute, a payout, or an attempt that did not succeed."""
    seen = event.seen
    if isinstance(seen, PaymentSeen):
        return _settle_attempt(organization_id, provider, seen, now)
    if isinstance(seen, RefundSeen):
        return _settle_refund(organization_id, provider, seen, now)
    if isinstance(seen, DisputeSeen):
        return settle_dispute(organization_id, seen, provider=provider, now=now)
    if isinstance(seen, PayoutSeen):
        return settle_payout(organization_id, seen, provider=provider, now=now)
    return Settled("ignored", is_ignored=True)


def _settle_attempt(
    organization_id: UUID, provider: str, seen: PaymentSeen, now: datetime
) -> Settled | Unsettled:
    attempt = find_attempts(organization_id, [(provider, seen)]).get((provider, seen))
    if attempt is None:
        return Unsettled("payment_unknown", "It is about no payment that was opened here.", is_final=True)
    attempts_seen(organization_id, [(attempt.id, seen)], now=now)
    return Settled(f"payment_{seen.state}", attempt.order_id)


def _settle_refund(
    organization_id: UUID, provider: str, seen: RefundSeen, now: datetime
) -> Settled | Unsettled:
    named = Q(id=seen.key) if seen.key is not None else Q(provider_reference=seen.reference)
    part = RefundPart.objects.of(organization_id).filter(named, provider=provider).first()
    if part is None:
        payments = Payment.objects.of(organization_id).filter(provider=provider)
        if not payments.filter(provider_reference=seen.payment_reference or "").exists():
            return Settled("payment_unknown", is_ignored=True)  # of another sale on the same account
        return Unsettled(
            "refund_unknown",
            "It is about a refund that was not made here, perhaps on the provider's own pages.",
            is_final=True,
        )
    if (seen.amount is not None and seen.amount != part.amount) or (
        seen.currency is not None and seen.currency.upper() != part.currency
    ):
        return Unsettled(
            "wrong_amount",
            f"{seen.amount} {seen.currency} was given back, {part.amount} {part.currency} was asked for.",
            is_final=True,
            order_id=part.order_id,
        )
    if part.status == RefundStatus.SUCCEEDED:
        if seen.state == RefundState.REFUSED:
            return Unsettled(
                "refund_came_back",
                "A refund that was booked as done has come back to the provider. Pay the buyer another way.",
                is_final=True,
                order_id=part.order_id,
            )
        return Settled("known", part.order_id)
    is_news = _is_of_present_try(part, seen)
    if is_news:
        note_refunds(organization_id, {part.id: seen}, sent_as={part.id: part.refusals}, now=now)
    return Settled(f"refund_{seen.state}" if is_news else "known", part.order_id)


def _is_of_present_try(part: RefundPart, seen: RefundSeen) -> bool:
    """Say whether a message tells of the try that is under way, not of one that was refused before.

    It is not, unless it must be: taken for the present one, an old refusal would have the money sent again
    under a new key. Nothing is lost by waiting, because the provider is asked as well.
    """
    if seen.state == RefundState.SUCCEEDED:
        return True
    if part.provider_reference is None:
        return seen.state == RefundState.PENDING and part.refusals == 0
    return part.provider_reference == seen.reference
