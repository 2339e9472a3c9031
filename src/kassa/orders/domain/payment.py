"""What trying to pay does to an order: it is pending, its payment may fail, it may hold its places longer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Case, F, QuerySet, Value, When

from kassa.core.command_context import CommandContext
from kassa.core.database import statements
from kassa.core.errors import NotFound
from kassa.orders.enums import HOLDING, OrderStatus, PaymentStatus
from kassa.orders.locks import NAME_ACTOR
from kassa.orders.models import Order

LONGEST_AWAITED = timedelta(minutes=30)
"""So long after the end of its hold an order keeps its places if its provider does not answer."""


def lock_order_rows(context: CommandContext, order_ids: Sequence[UUID]) -> dict[UUID, Order]:
    """Lock orders by id, without what they hold, and name who changes them; return those there are.

    For changes that move no place: buyers who pay do not wait for those who still choose. Nothing that
    comes earlier in the order of locks may be locked afterwards.
    """
    statements().queue(NAME_ACTOR, (str(context.actor.id or ""), context.actor.kind.value, context.reason))
    found = Order.objects.of(context.organization_id).filter(id__in=sorted(order_ids)).order_by("id")
    return {order.id: order for order in found.select_for_update(no_key=True)}


def lock_order_row(context: CommandContext, order_id: UUID) -> Order:
    """Lock one order without what it holds.

    Raises:
        NotFound: the organisation has no such order.
    """
    found = lock_order_rows(context, [order_id])
    if order_id not in found:
        raise NotFound
    return found[order_id]


def note_attempt(organization_id: UUID, order_id: UUID, *, now: datetime) -> None:
    """Count a try to pay: a draft is pending from then on, a payment that failed is pending again.

    It may be paid without anybody here knowing, so that its places are kept until its provider was asked.
    """
    _holding(organization_id, [order_id]).update(
        status=OrderStatus.PENDING,
        payment_status=Case(
            When(payment_status=PaymentStatus.FAILED, then=Value(PaymentStatus.PENDING)),
            default=F("payment_status"),
        ),
        payment_attempts=F("payment_attempts") + 1,
        last_payment_attempt_at=now,
        payment_awaited_until=F("expires_at") + LONGEST_AWAITED,
        updated_at=now,
    )


def note_answer(organization_id: UUID, order_id: UUID, *, now: datetime) -> None:
    """Note that a provider says that an order is not paid: if its hold is over, it gives up its places."""
    overdue = _holding(organization_id, [order_id]).filter(expires_at__lte=now)
    overdue.exclude(payment_awaited_until=None).update(payment_awaited_until=None)


def is_payment_awaited(order: Order, now: datetime) -> bool:
    """Say whether an order keeps its places after its hold, until its provider says whether it is paid."""
    if order.status not in HOLDING or order.expires_at is None or order.payment_awaited_until is None:
        return False
    return order.expires_at <= now < order.payment_awaited_until


def await_no_payment(organization_id: UUID, order_ids: Sequence[UUID]) -> None:
    """Note that there is nothing to be asked about orders: nobody can be paying them at a provider."""
    orders = _holding(organization_id, order_ids)
    orders.exclude(payment_awaited_until=None).update(payment_awaited_until=None)


def note_failed_payments(organization_id: UUID, order_ids: Sequence[UUID], *, now: datetime) -> None:
    """Say of orders that still hold their places that their payment failed, so that it can be tried again."""
    _holding(organization_id, order_ids).filter(payment_status=PaymentStatus.PENDING).update(
        payment_status=PaymentStatus.FAILED, updated_at=now
    )


def hold_longer(organization_id: UUID, order_id: UUID, *, until: datetime, now: datetime) -> None:
    """Let an order hold its places until a later moment; one whose hold is over gets none back."""
    _holding(organization_id, [order_id]).filter(expires_at__gt=now, expires_at__lt=until).update(
        expires_at=until,
        payment_awaited_until=Case(
            When(payment_awaited_until=None, then=None), default=Value(until + LONGEST_AWAITED)
        ),
        updated_at=now,
    )


def _holding(organization_id: UUID, order_ids: Sequence[UUID]) -> QuerySet[Order]:
    return Order.objects.of(organization_id).filter(id__in=order_ids, status__in=HOLDING)
