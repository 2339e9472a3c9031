"""Attempts are ended at their providers: because somebody wants it so, or because their order has ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet

from kassa.core.activity_log import record_activity
from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import NotFound
from kassa.core.jobs import ShouldStop, never_stop
from kassa.core.permissions import Permission
from kassa.orders.enums import HOLDING, OrderStatus
from kassa.payments.domain.accounts import get_credentials
from kassa.payments.domain.attempts.apply_status import apply_provider_status
from kassa.payments.domain.attempts.opening import attempt_now, finish_opening
from kassa.payments.domain.attempts.worker import postpone, work_through
from kassa.payments.enums import LIVE_ATTEMPTS, AttemptStatus
from kassa.payments.errors import AttemptOver, PaymentRefused, PaymentUnderWay, ProviderDoesNotAnswer
from kassa.payments.models import PaymentAttempt
from kassa.payments.providers.calls import call
from kassa.payments.providers.protocol import PaymentSeen, PaymentState, ProviderUnreachable
from kassa.payments.providers.registry import provider_named

ENDABLE = (AttemptStatus.OPENING, AttemptStatus.OPEN)
"""Which a provider can end; one that is processing is the bank's to decide."""
GONE = (PaymentState.CANCELLED, PaymentState.EXPIRED, PaymentState.UNKNOWN)


def end_attempt(
    context: CommandContext,
    attempt: PaymentAttempt,
    *,
    ends_as: PaymentState = PaymentState.CANCELLED,
) -> PaymentAttempt:
    """End a live attempt at its provider, act on how it stands then, and return it: it may have been paid.

    One of which is not known whether it was opened is opened first, under its key: only what is known
    at the provider can be ended there.

    Raises:
        ProviderUnreachable: it is not known whether it has ended.
    """
    organization_id = context.organization_id
    if attempt.provider_reference is None:
        try:
            attempt = finish_opening(context, attempt)
        except PaymentRefused:
            return attempt_now(organization_id, attempt.id)
        if attempt.status not in LIVE_ATTEMPTS:
            return attempt
    provider = provider_named(attempt.provider)
    credentials = get_credentials(organization_id, attempt.provider)
    seen = call(provider, organization_id, provider.close, credentials, attempt.provider_reference)
    apply_provider_status(context, attempt, _ended(seen, ends_as))
    return attempt_now(organization_id, attempt.id)


def _ended(seen: PaymentSeen, ends_as: PaymentState) -> PaymentSeen:
    """Return a sighting with our own reason for an end that we have asked for."""
    return replace(seen, state=ends_as, error="") if seen.state in GONE else seen


@command(Permission.PAYMENT_OPEN)
def cancel_attempt(context: CommandContext, order_id: UUID, attempt_id: UUID) -> PaymentAttempt:
    """End an attempt before it is paid; the order may be tried to pay again.

    Raises:
        NotFound: the order has no such attempt.
        AttemptOver: it is over, perhaps because it was paid just now.
        PaymentUnderWay: the buyer has done their part; the bank decides.
        ProviderDoesNotAnswer: it is not known whether it has ended; repeat it.
    """
    organization_id = context.organization_id
    attempts = PaymentAttempt.objects.of(organization_id).filter(id=attempt_id, order_id=order_id)
    attempt = attempts.select_related("order").first()
    if attempt is None:
        raise NotFound
    if attempt.status not in LIVE_ATTEMPTS:
        raise AttemptOver(attempt.status)
    try:
        ended = end_attempt(context, attempt)
    except ProviderUnreachable as error:
        raise ProviderDoesNotAnswer(attempt.provider) from error
    if ended.status in LIVE_ATTEMPTS:
        raise PaymentUnderWay(attempt.order.number, attempt.provider)
    if ended.status == AttemptStatus.SUCCEEDED:
        raise AttemptOver(ended.status)
    record_activity(context, "payment.cancelled", ("order", order_id), after={"provider": attempt.provider})
    return ended


def close_ended_attempts(
    organization_id: UUID, *, now: datetime, limit: int = 100, should_stop: ShouldStop = never_stop
) -> int:
    """End attempts at their providers whose orders hold no places any more; return how many were looked at.

    One that turns out to be paid is received: late money is never kept without a ticket.
    """
    context = CommandContext(Actor.system(organization_id), now, "The order has ended.")

    def end(attempt: PaymentAttempt) -> None:
        is_expired = attempt.order.status == OrderStatus.EXPIRED
        ends_as = PaymentState.EXPIRED if is_expired else PaymentState.CANCELLED
        ended = end_attempt(context, attempt, ends_as=ends_as)
        if ended.status in LIVE_ATTEMPTS:
            postpone(organization_id, ended, now=now)

    # Those that could not be ended before come last, so that they keep no others from it.
    attempts = _of_ended_orders(PaymentAttempt.objects.of(organization_id)).order_by(
        F("check_at").asc(nulls_first=True), "id"
    )
    found = list(attempts.select_related("order")[:limit])
    return work_through(organization_id, found, end, now=now, should_stop=should_stop)


def organizations_with_ended_attempts() -> list[UUID]:
    """Return the organisations with attempts that outlive their orders."""
    attempts = _of_ended_orders(PaymentAttempt.unscoped.all()).order_by()
    return list(attempts.values_list("organization_id", flat=True).distinct())


def count_ended_attempts(organization_id: UUID) -> int:
    """Return how many attempts of an organisation outlive their orders."""
    return _of_ended_orders(PaymentAttempt.objects.of(organization_id)).count()


def _of_ended_orders(attempts: QuerySet[PaymentAttempt]) -> QuerySet[PaymentAttempt]:
    return attempts.filter(status__in=ENDABLE, order__organization_id=F("organization_id")).exclude(
        order__status__in=HOLDING
    )
