"""What a provider told of a refund."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from kassa.payments.domain.refunds.bounced_refund import reopen_part
from kassa.payments.domain.refunds.external_refund import book_external_refund
from kassa.payments.domain.refunds.progress import note_refunds
from kassa.payments.domain.webhooks.outcomes import Settled, Unsettled
from kassa.payments.enums import RefundStatus
from kassa.payments.models import Payment, RefundPart, Transaction
from kassa.payments.providers.protocol import RefundSeen, RefundState


def settle_refund(
    organization_id: UUID, seen: RefundSeen, *, provider: str, now: datetime
) -> Settled | Unsettled:
    """Write down how a refund stands at the provider, unless that contradicts our own books."""
    named = Q(id=seen.key) if seen.key is not None else Q(provider_reference=seen.reference)
    part = RefundPart.objects.of(organization_id).filter(named, provider=provider).first()
    if part is None:
        return _settle_unknown(organization_id, seen, provider, now)
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
        return _settle_done(part, seen, now)
    if _came_back(part, seen):
        return Settled("known", part.order_id)
    is_news = _is_of_present_try(part, seen)
    if is_news:
        note_refunds(organization_id, {part.id: seen}, sent_as={part.id: part.refusals}, now=now)
    return Settled(f"refund_{seen.state}" if is_news else "known", part.order_id)


def _settle_unknown(
    organization_id: UUID, seen: RefundSeen, provider: str, now: datetime
) -> Settled | Unsettled:
    payments = Payment.objects.of(organization_id).filter(provider=provider)
    payment = payments.filter(provider_reference=seen.payment_reference or "").first()
    if payment is None:
        return Settled("payment_unknown", is_ignored=True)  # of another sale on the same account
    is_ours = seen.key is not None or not seen.reference
    is_in_currency = (seen.currency or payment.currency).upper() == payment.currency
    if seen.state == RefundState.SUCCEEDED and seen.amount and is_in_currency and not is_ours:
        return book_external_refund(payment, seen, now=now)
    return Unsettled(
        "refund_unknown",
        "It is about a refund that was not made here, perhaps on the provider's own pages.",
        is_final=True,
    )


def _settle_done(part: RefundPart, seen: RefundSeen, now: datetime) -> Settled | Unsettled:
    if seen.state == RefundState.REFUSED:
        is_news = reopen_part(part.organization_id, part, seen, now=now)
        return Settled("refund_returned" if is_news else "known", part.order_id)
    is_other = seen.reference not in ("", part.provider_reference) and not _came_back(part, seen)
    if seen.state == RefundState.SUCCEEDED and is_other:
        return Unsettled(
            "refunded_twice",
            f"The provider gave back as {seen.reference} what is booked as given back as "
            f"{part.provider_reference}. Ask the buyer for the money that came twice.",
            is_final=True,
            order_id=part.order_id,
        )
    return Settled("known", part.order_id)


def _came_back(part: RefundPart, seen: RefundSeen) -> bool:
    """Say whether a message tells of a refund that was done and came back since."""
    movements = Transaction.objects.of(part.organization_id).filter(refund_part_id=part.id)
    return movements.filter(metadata__returned__contains=[seen.reference]).exists()


def _is_of_present_try(part: RefundPart, seen: RefundSeen) -> bool:
    """Say whether a message tells of the try that is under way, not of one that was refused before.

    It is not, unless it must be: taken for the present one, an old refusal would have the money sent again
    under a new key. Nothing is lost by waiting, because the provider is asked as well.
    """
    if seen.state == RefundState.SUCCEEDED:
        return True
    if part.provider_reference is None:
        is_idle = part.held_by_dispute is not None
        return seen.state == RefundState.PENDING and part.refusals == 0 and not is_idle
    return part.provider_reference == seen.reference
