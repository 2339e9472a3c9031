"""Disputes and payouts, as Stripe's events tell them."""

from __future__ import annotations

from decimal import Decimal

from kassa.integrations.stripe.reading import (
    Json,
    amount_due,
    code,
    currency_of,
    id_of,
    own_id,
    parts,
    sentence,
)
from kassa.integrations.stripe.reading import amount as amount_of
from kassa.payments.providers.protocol import DisputeSeen, DisputeState, PayoutSeen, PayoutState

STATES = {
    "needs_response": DisputeState.OPEN,
    "under_review": DisputeState.OPEN,
    "appeal_needs_response": DisputeState.OPEN,
    "appeal_under_review": DisputeState.OPEN,
    "won": DisputeState.WON,
    "warning_closed": DisputeState.WON,
    "prevented": DisputeState.WON,
    "lost": DisputeState.LOST,
}
"""`warning_needs_response` and `warning_under_review` are left out: a bank asks, and no money has moved."""


def dispute_seen(dispute: Json) -> DisputeSeen | None:
    """Return how a dispute stands; None if no money was taken, or not of a payment that Kassa could know.

    Raises:
        ValueError: it cannot be read.
    """
    state = STATES.get(code(dispute, "status"))
    payment_reference = id_of(dispute, "payment_intent")
    if state is None or payment_reference is None:
        return None
    return DisputeSeen(
        state=state,
        reference=own_id(dispute),
        payment_reference=payment_reference,
        amount=amount_due(dispute, "amount"),
        currency=currency_of(dispute),
        fee=_fee(dispute),
        reason=code(dispute, "reason"),
    )


def _fee(dispute: Json) -> Decimal:
    """Return what Stripe charges for the dispute, less what it gave back, if in the dispute's currency."""
    currency = currency_of(dispute)
    fees = [
        amount_of(movement, "fee")
        for movement in parts(dispute, "balance_transactions")
        if currency_of(movement) == currency
    ]
    return sum((fee for fee in fees if fee is not None), Decimal(0))


def payout_seen(payout: Json, state: PayoutState) -> PayoutSeen:
    """Return how a payout stands.

    Raises:
        ValueError: it cannot be read.
    """
    failed = state is PayoutState.FAILED
    return PayoutSeen(
        state=state,
        reference=own_id(payout),
        amount=amount_due(payout, "amount"),
        currency=currency_of(payout),
        error=sentence(payout, "failure_message") if failed else "",
    )
