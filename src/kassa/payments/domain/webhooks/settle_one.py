"""What a provider told of anything but a payment that has arrived."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kassa.payments.domain.attempts.fail import attempts_seen
from kassa.payments.domain.disputes import settle_dispute
from kassa.payments.domain.payouts.payouts import settle_payout
from kassa.payments.domain.receipts.match_attempts import find_attempts
from kassa.payments.domain.settle_refund import settle_refund
from kassa.payments.domain.webhooks.outcomes import Settled, Unsettled
from kassa.payments.providers.protocol import (
    DisputeSeen,
    PaymentSeen,
    PayoutSeen,
    ProviderEvent,
    RefundSeen,
)


def settle_other(
    organization_id: UUID, event: ProviderEvent, *, provider: str, now: datetime
) -> Settled | Unsettled:
    """Act on a refund, a dispute, a payout, or an attempt that did not succeed."""
    seen = event.seen
    if isinstance(seen, PaymentSeen):
        return _settle_attempt(organization_id, provider, seen, now)
    if isinstance(seen, RefundSeen):
        return settle_refund(organization_id, seen, provider=provider, now=now)
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
