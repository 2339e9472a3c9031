"""Asking providers about attempts that nothing was heard of, and repairing what Kassa knows of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.core.jobs import ShouldStop, never_stop
from kassa.orders.domain.order_view import is_overdue
from kassa.orders.enums import HOLDING
from kassa.orders.models import Order
from kassa.orders.queries import awaiting_payment
from kassa.payments.domain.accounts import get_credentials
from kassa.payments.domain.attempts.apply_status import apply_provider_status
from kassa.payments.domain.attempts.close import end_attempt
from kassa.payments.domain.attempts.opening import finish_opening
from kassa.payments.domain.attempts.worker import AWAITED_DISTANCE, postpone, work_through
from kassa.payments.enums import LIVE_ATTEMPTS
from kassa.payments.errors import PaymentRefused
from kassa.payments.models import PaymentAttempt
from kassa.payments.providers.calls import call
from kassa.payments.providers.protocol import PaymentState
from kassa.payments.providers.registry import provider_named

OVERTIME = timedelta(hours=1)
"""So long after its own end an attempt that is still open at the provider is ended by us."""


def reconcile_attempts(
    organization_id: UUID, *, now: datetime, limit: int = 100, should_stop: ShouldStop = never_stop
) -> int:
    """Ask about an organisation's attempts that are due; return how many were.

    One whose opening was interrupted is finished under its key, or opened and ended at once if its order
    has ended meanwhile: nothing that can be paid is left behind. Each step may be the last one that
    is done: the next round goes on from there.
    """
    context = CommandContext(Actor.system(organization_id), now, "The payment provider was asked.")
    mine = PaymentAttempt.objects.of(organization_id)
    mine.filter(check_at__lte=now).exclude(status__in=LIVE_ATTEMPTS).update(check_at=None)
    awaited = _awaited(mine, Order.objects.of(organization_id), now).order_by("order__expires_at", "id")
    due = mine.filter(check_at__lte=now, status__in=LIVE_ATTEMPTS).order_by("check_at", "id")
    # Those come first whose orders give up their places as soon as they are heard of.
    attempts = {one.id: one for found in (awaited, due) for one in found.select_related("order")[:limit]}

    def reconcile(attempt: PaymentAttempt) -> None:
        if attempt.provider_reference is None:
            _finish(organization_id, attempt, context)
        else:
            _look_up(organization_id, attempt, context)

    return work_through(organization_id, attempts.values(), reconcile, now=now, should_stop=should_stop)


def organizations_to_reconcile(*, now: datetime) -> list[UUID]:
    """Return the organisations with attempts that are due."""
    due = PaymentAttempt.unscoped.filter(check_at__lte=now).order_by()
    awaited = _awaited(PaymentAttempt.unscoped.all(), Order.unscoped.all(), now).order_by()
    owners = [found.values_list("organization_id") for found in (due, awaited)]
    return [organization_id for (organization_id,) in owners[0].union(owners[1])]


def has_attempts_to_reconcile(organization_id: UUID, *, now: datetime) -> bool:
    """Say whether an organisation has attempts that are due, such as those that were more than a round."""
    mine = PaymentAttempt.objects.of(organization_id)
    awaited = _awaited(mine, Order.objects.of(organization_id), now)
    return mine.filter(check_at__lte=now).exists() or awaited.exists()


def _awaited(
    attempts: QuerySet[PaymentAttempt], orders: QuerySet[Order], now: datetime
) -> QuerySet[PaymentAttempt]:
    """Return live attempts of orders whose hold is over, and who wait for what their provider says.

    One that was asked about, without an answer that decides, is due again within a minute anyway.
    """
    over = orders.filter(awaiting_payment(now)).order_by().values("id")
    is_due = Q(check_at__lte=now) | Q(check_at__gt=now + AWAITED_DISTANCE)
    is_new = Q(checks=0, check_at__isnull=False)
    return attempts.filter(is_due | is_new, order_id__in=over, status__in=LIVE_ATTEMPTS)


def _finish(organization_id: UUID, attempt: PaymentAttempt, context: CommandContext) -> None:
    order = attempt.order
    if order.status in HOLDING and not is_overdue(order, context.now):
        try:
            finish_opening(context, attempt)
        except PaymentRefused:
            return  # It is written down; there is nobody here to be told.
    else:
        end_attempt(context, attempt, ends_as=PaymentState.EXPIRED)


def _look_up(organization_id: UUID, attempt: PaymentAttempt, context: CommandContext) -> None:
    now = context.now
    provider = provider_named(attempt.provider)
    credentials = get_credentials(organization_id, attempt.provider)
    seen = call(provider, organization_id, provider.look_up, credentials, attempt.provider_reference)
    # First of all: whatever happens next, the provider is not asked again in every round.
    postpone(organization_id, attempt, now=now)
    if attempt.unanswered_since is not None:
        PaymentAttempt.objects.of(organization_id).filter(id=attempt.id).update(unanswered_since=None)
    is_in_overtime = attempt.expires_at is not None and attempt.expires_at + OVERTIME <= now
    if seen.state == PaymentState.OPEN and is_in_overtime:
        end_attempt(context, attempt, ends_as=PaymentState.EXPIRED)
    else:
        apply_provider_status(context, attempt, seen)
