"""What a provider says of one attempt leads to what follows: money is received, all else is noted."""

from __future__ import annotations

import logging

from kassa.core.command_context import CommandContext
from kassa.orders.domain.payment import note_answer
from kassa.payments.domain.attempts.fail import attempts_seen
from kassa.payments.domain.receipts.match_attempts import build_incoming_payment
from kassa.payments.domain.receipts.record_payments import record_payments
from kassa.payments.domain.webhooks.outcomes import Unsettled
from kassa.payments.models import PaymentAttempt
from kassa.payments.providers.protocol import PaymentSeen, PaymentState

NOT_PAID = frozenset(PaymentState) - {PaymentState.PROCESSING, PaymentState.SUCCEEDED}
"""Answers that say that nobody has paid. What the buyer's bank works on may still arrive."""

logger = logging.getLogger("kassa.payments")


def apply_provider_status(context: CommandContext, attempt: PaymentAttempt, seen: PaymentSeen) -> None:
    """Act on how an attempt stands at its provider; doing it twice changes nothing.

    Money that is not what was asked for is not booked; the attempt says so, for staff to look at. An order
    whose hold is over gives up its places once the provider says that it is not paid.
    """
    organization_id = context.organization_id
    now = context.now
    if seen.state != PaymentState.SUCCEEDED:
        attempts_seen(organization_id, [(attempt.id, seen)], now=now, context=context)
        if seen.state in NOT_PAID:
            note_answer(organization_id, attempt.order_id, now=now)
        return
    receipt = build_incoming_payment(attempt, seen, now=now)
    if not isinstance(receipt, Unsettled):
        record_payments(organization_id, [receipt], now=now)
        return
    logger.error(
        "The payment of attempt %s at %s is not booked: %s", attempt.id, attempt.provider, receipt.error
    )
    still_open = PaymentSeen(PaymentState.OPEN, seen.reference, error=receipt.error)
    attempts_seen(organization_id, [(attempt.id, still_open)], now=now, context=context)
