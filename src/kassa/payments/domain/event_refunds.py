"""A cancelled event is refunded as a whole: order by order, in the background, from where it stopped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from kassa.catalog.enums import EventStatus
from kassa.catalog.models import Event
from kassa.core.database import Statements
from kassa.core.errors import KassaError, NotFound
from kassa.identity.actor import Actor
from kassa.identity.enums import ActorKind
from kassa.orders.domain.change import cancel_order
from kassa.orders.enums import HOLDING, OrderStatus, TicketStatus
from kassa.orders.locks import Change, lock_orders
from kassa.orders.models import OrderItem, Ticket
from kassa.payments.domain.by_hand import refund_ended
from kassa.payments.domain.refund import RefundCommand, refund_locked
from kassa.payments.domain.refund_plan import Wish
from kassa.payments.enums import EventRefundStatus
from kassa.payments.errors import EventNotCancelled, NothingToRefund
from kassa.payments.jobs import REFUND_EVENT, defer_on_commit
from kassa.payments.models import EventRefund
from kassa.payments.models.refunds import ONE_RUN_PER_EVENT

BATCH = 100
PROBLEMS_KEPT = 100
"""So many orders that could not be refunded are named; all of them are counted."""


def start_event_refund(organization_id: UUID, event_id: UUID, *, reason: str, change: Change) -> EventRefund:
    """Begin to refund all that was sold for a cancelled event; return how far it is. One runs at a time.

    Orders of this event alone get everything back, fees and shipping too; those of several
    events get its tickets back. Orders that are not paid yet are cancelled.

    Raises:
        NotFound: there is no such event.
        EventNotCancelled: it still takes place.
    """
    event = Event.objects.of(organization_id).filter(id=event_id, deleted_at=None).first()
    if event is None:
        raise NotFound
    if event.status != EventStatus.CANCELLED:
        raise EventNotCancelled(event.title)
    total = _orders_of(organization_id, event_id, after=None).count()
    try:
        with transaction.atomic():
            run = EventRefund.objects.of(organization_id).create(
                organization_id=organization_id,
                event_id=event_id,
                reason=reason,
                requested_by=change.actor.id,
                requested_by_kind=change.actor.kind,
                orders_total=total,
                created_at=change.now,
                updated_at=change.now,
            )
            defer_on_commit(REFUND_EVENT, organization_id, run_id=str(run.id))
    except IntegrityError as error:
        if ONE_RUN_PER_EVENT not in str(error):
            raise
        run = EventRefund.objects.of(organization_id).get(event_id=event_id, status=EventRefundStatus.RUNNING)
    return run


def continue_event_refund(organization_id: UUID, run_id: UUID, *, now: datetime) -> bool:
    """Refund the next hundred orders of a run; return whether more are left.

    How far it has come is written in the transaction that refunds them, so that a run that is
    killed goes on where it stopped, and refunds nothing twice.
    """
    with transaction.atomic(), connection.wrap_database_errors:
        run = (
            EventRefund.objects.of(organization_id)
            .filter(id=run_id, status=EventRefundStatus.RUNNING)
            .select_for_update(no_key=True)
            .first()
        )
        if run is None:
            return False
        order_ids = list(_orders_of(organization_id, run.event_id, after=run.last_order_id)[:BATCH])
        change = Change(
            Actor(organization_id, ActorKind(run.requested_by_kind), run.requested_by, frozenset()),
            now,
            run.reason or "The event is cancelled.",
        )
        if order_ids:
            problems = _refund_batch(organization_id, run.event_id, order_ids, change)
            run.orders_failed += len(problems)
            run.problems = [*run.problems, *problems][:PROBLEMS_KEPT]
            run.orders_done += len(order_ids)
            run.last_order_id = order_ids[-1]
        if len(order_ids) < BATCH:
            run.status, run.finished_at = EventRefundStatus.DONE, now
        run.orders_total = max(run.orders_total, run.orders_done)
        run.updated_at = now
        run.save()
        return run.status == EventRefundStatus.RUNNING


def _orders_of(organization_id: UUID, event_id: UUID, *, after: UUID | None) -> Any:
    """Return the ids, in their order, of the orders that have live tickets of an event."""
    live = (TicketStatus.RESERVED, TicketStatus.VALID, TicketStatus.USED)
    tickets = Ticket.objects.of(organization_id).filter(event_id=event_id, status__in=live)
    if after is not None:
        tickets = tickets.filter(order_id__gt=after)
    return tickets.order_by("order_id").values_list("order_id", flat=True).distinct()


def _refund_batch(
    organization_id: UUID, event_id: UUID, order_ids: Sequence[UUID], change: Change
) -> list[dict[str, str]]:
    database, orders = lock_orders(organization_id, order_ids, change=change)
    waiting = [order for order in orders if order.status in HOLDING]
    for order in waiting:
        _cancel(organization_id, order.id, change)
    sold = [order for order in orders if order.status not in (*HOLDING, OrderStatus.CANCELLED)]
    commands = _commands(organization_id, event_id, [order.id for order in sold], change.reason)
    return _refund(database, organization_id, commands, sold, change)


def _cancel(organization_id: UUID, order_id: UUID, change: Change) -> None:
    """Cancel an order that is not paid yet; one whose hold is over is expired by the clock anyhow."""
    try:
        cancel_order(organization_id, order_id, change=change)
    except KassaError:
        return
    refund_ended(organization_id, [order_id], change=change)


def _refund(
    database: Statements,
    organization_id: UUID,
    commands: dict[UUID, RefundCommand],
    orders: list[Any],
    change: Change,
) -> list[dict[str, str]]:
    outcomes = refund_locked(database, organization_id, commands, orders, change=change)
    return [
        {"order": str(order.id), "number": order.number, "code": outcome.code, "detail": outcome.detail}
        for order in orders
        if isinstance(outcome := outcomes[order.id], KassaError) and not isinstance(outcome, NothingToRefund)
    ]


def _commands(
    organization_id: UUID, event_id: UUID, order_ids: Sequence[UUID], reason: str
) -> dict[UUID, RefundCommand]:
    """Return for each order what is to be given back: everything, or the tickets of this event."""
    of_others = set(
        OrderItem.objects.of(organization_id)
        .filter(order_id__in=order_ids)
        .exclude(event_id=event_id)
        .values_list("order_id", flat=True)
    )
    tickets: dict[UUID, list[UUID]] = {}
    valid = Ticket.objects.of(organization_id).filter(
        order_id__in=of_others, event_id=event_id, status=TicketStatus.VALID
    )
    for order_id, ticket_id in valid.order_by("id").values_list("order_id", "id"):
        tickets.setdefault(order_id, []).append(ticket_id)
    return {
        order_id: RefundCommand(
            Wish(tickets=tuple(tickets[order_id])) if order_id in tickets else Wish(everything=True),
            reason,
        )
        for order_id in order_ids
    }
