"""Attempts that end without money, or go on: what providers say of them, in whatever order it comes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.core.database import statements
from kassa.core.outbox import write_events
from kassa.core.stored_sentences import stored_sentence
from kassa.orders.domain.payment import await_no_payment, lock_order_rows, note_failed_payments
from kassa.payments.domain.documents import attempt_event
from kassa.payments.enums import ATTEMPT_MOVES, LIVE_ATTEMPTS, AttemptStatus
from kassa.payments.models import PaymentAttempt
from kassa.payments.providers.protocol import PaymentSeen, PaymentState

BECOMES = {
    PaymentState.PROCESSING: AttemptStatus.PROCESSING,
    PaymentState.FAILED: AttemptStatus.FAILED,
    PaymentState.CANCELLED: AttemptStatus.CANCELLED,
    PaymentState.EXPIRED: AttemptStatus.EXPIRED,
    PaymentState.UNKNOWN: AttemptStatus.FAILED,
}
"""What an attempt is after it was seen; one that is seen open stays what it is."""
ENDED_AS = {
    AttemptStatus.FAILED: "payment.failed",
    AttemptStatus.CANCELLED: "payment.cancelled",
    AttemptStatus.EXPIRED: "payment.expired",
}
SENTENCES = {
    PaymentState.FAILED: stored_sentence("The payment failed."),
    PaymentState.UNKNOWN: stored_sentence("The payment was never begun at the provider."),
}
WRITTEN = ["status", "error", "provider_reference", "payment_reference", "check_at", "updated_at"]


def attempts_seen(
    organization_id: UUID,
    sightings: Sequence[tuple[UUID, PaymentSeen]],
    *,
    now: datetime,
    context: CommandContext | None = None,
) -> int:
    """Note how attempts stand at their providers; return how many changed by it. Money is not for here.

    What is not a legal move changes nothing: it was told twice or came late. When the attempt ended that
    could still be paid, the payment of its order has failed, as long as the order holds its places.

    Raises:
        ValueError: one of them succeeded: that is money, which ``record_payments`` books.
    """
    if any(seen.state == PaymentState.SUCCEEDED for _, seen in sightings):
        raise ValueError("A payment that succeeded is received, not just seen.")
    found = PaymentAttempt.objects.of(organization_id).filter(id__in=[attempt for attempt, _ in sightings])
    context = context or CommandContext(actor=Actor.system(organization_id), now=now)
    with transaction.atomic():
        lock_order_rows(context, list(found.values_list("order_id", flat=True)))
        attempts = {attempt.id: attempt for attempt in found.order_by("id")}
        before = {attempt.id: attempt.status for attempt in attempts.values()}
        changed = {
            attempt_id: attempts[attempt_id]
            for attempt_id, seen in sightings
            if attempt_id in attempts and see(attempts[attempt_id], seen, now)
        }
        if changed:
            PaymentAttempt.objects.of(organization_id).bulk_update(changed.values(), WRITTEN)
            moved = [attempt for attempt in changed.values() if attempt.status != before[attempt.id]]
            _tell(organization_id, moved, now)
    return len(changed)


def see(attempt: PaymentAttempt, seen: PaymentSeen, now: datetime) -> bool:
    """Set what a sighting says of an attempt, without saving it; say whether it says anything new."""
    status = BECOMES.get(seen.state)
    if status is None:
        if attempt.status not in LIVE_ATTEMPTS or not seen.error or seen.error == attempt.error:
            return False
    elif status not in ATTEMPT_MOVES[AttemptStatus(attempt.status)]:
        return False
    else:
        attempt.status = status
        if status not in LIVE_ATTEMPTS:
            attempt.check_at = None
    attempt.error = seen.error or SENTENCES.get(seen.state, attempt.error)
    attempt.provider_reference = attempt.provider_reference or seen.reference or None
    attempt.payment_reference = seen.payment_reference or attempt.payment_reference
    attempt.updated_at = now
    return True


def _tell(organization_id: UUID, moved: Sequence[PaymentAttempt], now: datetime) -> None:
    ended = [attempt for attempt in moved if attempt.status in ENDED_AS]
    if ended:
        order_ids = [attempt.order_id for attempt in ended]
        note_failed_payments(organization_id, order_ids, now=now)
        await_no_payment(organization_id, order_ids)
        events = [attempt_event(ENDED_AS[AttemptStatus(attempt.status)], attempt) for attempt in ended]
        write_events(statements(), organization_id, events, now=now)
