"""Refunds that were promised and not sent when a bank took the same money: the bank has given it back.

Such a part waits for the dispute. Lost, it is done: the buyer has the money from the bank. Won, it is sent.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import F, QuerySet

from kassa.core.money import ZERO
from kassa.payments.domain.refunds.progress import note_refunds
from kassa.payments.enums import RefundStatus
from kassa.payments.jobs import PROVIDERS_QUEUE, SEND_REFUNDS, defer_on_commit
from kassa.payments.models import Payment, RefundPart
from kassa.payments.providers.protocol import DisputeSeen, DisputeState, RefundSeen, RefundState

ERROR = (
    "The buyer's bank has taken this money back in the dispute {reference}. Nothing is sent until that is "
    "decided: lost, the buyer has it from the bank, and this counts as paid; won, it is to be sent."
)


def hold_parts(payment: Payment, seen: DisputeSeen, covered: Decimal) -> bool:
    """Have no job send what is promised back of a disputed payment; the caller has locked the order.

    Return whether the dispute takes just what is promised, so that it decides about it too. Otherwise staff
    have to: the parts wait for them.
    """
    parts = RefundPart.objects.of(payment.organization_id)
    idle = list(
        parts.select_for_update()
        .filter(payment_id=payment.id, status=RefundStatus.PENDING, provider_reference=None)
        .filter(held_by_dispute=None, tries__lte=F("refusals"))
        .order_by("id")
    )
    decided = [part for part in idle if part.amount == covered][:1]
    if not decided and sum((part.amount for part in idle), ZERO) == covered:
        decided = idle
    waiting = parts.filter(id__in=[part.id for part in idle])
    waiting.update(next_try_at=None, error=ERROR.format(reference=seen.reference))
    parts.filter(id__in=[part.id for part in decided]).update(held_by_dispute=seen.reference)
    return bool(decided)


def has_held(payment: Payment, seen: DisputeSeen) -> bool:
    """Say whether a dispute decides about parts of refunds, or has decided."""
    return _held(payment, seen).exists()


def decide_held(payment: Payment, seen: DisputeSeen, *, now: datetime) -> None:
    """Count parts as done whose dispute is lost, and have a job send them if it is won."""
    organization_id = payment.organization_id
    pending = _held(payment, seen).filter(status=RefundStatus.PENDING)
    if seen.state == DisputeState.LOST:
        done: dict[UUID, RefundSeen] = {
            part.id: RefundSeen(RefundState.SUCCEEDED, f"dispute:{seen.reference[:200]}:{part.id}")
            for part in pending
        }
        note_refunds(organization_id, done, now=now, paid_by_dispute=seen.reference)
    elif seen.state == DisputeState.WON and pending.update(held_by_dispute=None, next_try_at=now, error=""):
        defer_on_commit(SEND_REFUNDS, organization_id, queue=PROVIDERS_QUEUE)


def _held(payment: Payment, seen: DisputeSeen) -> QuerySet[RefundPart]:
    return RefundPart.objects.of(payment.organization_id).filter(
        payment_id=payment.id, held_by_dispute=seen.reference
    )
