"""A cancelled event is refunded as a whole: order by order, in the background, from where it stopped."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, IntegrityError, connection, transaction

from kassa.catalog.enums import EventStatus
from kassa.catalog.models import Event
from kassa.core.activity_log import record_activity
from kassa.core.actor import Actor, ActorKind
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import KassaError, NotFound
from kassa.core.permissions import Permission
from kassa.orders.domain.change import mark_cancelled
from kassa.orders.domain.expire import expire_orders
from kassa.orders.enums import HOLDING, LIVE_TICKETS, TicketStatus
from kassa.orders.errors import OrderExpired
from kassa.orders.locks import lock_orders
from kassa.orders.models import Order, OrderItem, Ticket
from kassa.payments.domain.manual_status import refund_ended
from kassa.payments.domain.refunds.plan import RefundSelection
from kassa.payments.domain.refunds.refund import RefundCommand, refund_locked
from kassa.payments.enums import EventRefundStatus
from kassa.payments.errors import EventNotCancelled, TicketNotRefundable
from kassa.payments.jobs import REFUND_EVENT, defer_on_commit
from kassa.payments.models import EventRefund
from kassa.payments.models.refunds import ONE_RUN_PER_EVENT
from kassa.payments.reasons import EVENT_CANCELLED

BATCH = 100
MOST_PROBLEMS = 1000
"""After so many orders that could not be refunded a run ends: people look at it, and start another."""

Problem = dict[str, str]
logger = logging.getLogger("kassa.payments")


@command(Permission.REFUND_WRITE)
def start_event_refund(context: CommandContext, event_id: UUID, *, reason: str) -> EventRefund:
    """Begin to refund all that was sold for a cancelled event; return how far it is. One runs at a time.

    Orders of this event alone get everything back, fees and shipping too; those of several
    events get its tickets back. Orders that are not paid yet are cancelled.

    Raises:
        NotFound: there is no such event.
        EventNotCancelled: it still takes place.
    """
    organization_id = context.organization_id
    context.actor.require_event(event_id)
    event = Event.objects.of(organization_id).filter(id=event_id, deleted_at=None).first()
    if event is None:
        raise NotFound
    if event.status != EventStatus.CANCELLED:
        raise EventNotCancelled(event.title)
    total = _orders_of(organization_id, event_id).count()
    try:
        with transaction.atomic():
            run = EventRefund.objects.of(organization_id).create(
                organization_id=organization_id,
                event_id=event_id,
                reason=reason,
                requested_by=context.actor.id,
                requested_by_kind=context.actor.kind,
                orders_total=total,
                created_at=context.now,
                updated_at=context.now,
            )
            defer_on_commit(REFUND_EVENT, organization_id, run_id=str(run.id))
            after = {"event": event_id, "orders": total}
            record_activity(context, "event_refund.started", run, after=after)
    except IntegrityError as error:
        if ONE_RUN_PER_EVENT not in str(error):
            raise
        run = EventRefund.objects.of(organization_id).get(event_id=event_id, status=EventRefundStatus.RUNNING)
    return run


def continue_event_refund(organization_id: UUID, run_id: UUID, *, now: datetime) -> bool:
    """Refund the next hundred orders of a run; return whether there is more to do at once.

    How far it has come is written in the transaction that refunds them, so that a run that is
    killed goes on where it stopped, and refunds nothing twice. When something is wrong with one
    of them, they are refunded one by one, and it is named among the problems. At its end
    a run looks again from the start: it is done when no order has a live ticket of the event but
    those with problems. Until then it goes on, in a later round if nothing can be done now.
    """
    _expire_overdue(organization_id, now)
    try:
        return _go_on(organization_id, run_id, BATCH, now)
    except (KassaError, DatabaseError) as error:
        connection.close_if_unusable_or_obsolete()
        logger.warning("The orders of event refund %s are refunded one by one: %s", run_id, error)
    return all(_go_on(organization_id, run_id, 1, now) for _ in range(BATCH))


def _expire_overdue(organization_id: UUID, now: datetime) -> None:
    """Expire what only waits for the clock's sweep: it is not cancelled, and must not be paid any more."""
    try:
        with connection.wrap_database_errors:
            expire_orders(organization_id, now=now)
    except DatabaseError as error:
        connection.close_if_unusable_or_obsolete()
        logger.warning("Overdue orders are busy, and are left to a later round: %s", error)


def _go_on(organization_id: UUID, run_id: UUID, limit: int, now: datetime) -> bool:
    """Refund the next orders of a run, in one transaction; return whether there is more to do at once."""
    with transaction.atomic(), connection.wrap_database_errors:
        run = (
            EventRefund.objects.of(organization_id)
            .filter(id=run_id, status=EventRefundStatus.RUNNING)
            .select_for_update(no_key=True)
            .first()
        )
        if run is None:
            return False
        order_ids, is_second_look = _next_orders(run, limit)
        left: set[UUID] = set()
        if order_ids:
            context = CommandContext(
                Actor(organization_id, ActorKind(run.requested_by_kind), run.requested_by, frozenset()),
                now,
                run.reason or EVENT_CANCELLED,
            )
            refund = _refund_batch if limit > 1 else _refund_one
            problems = refund(organization_id, run.event_id, order_ids, context)
            left = _left_of(organization_id, run.event_id, order_ids, problems)
            run.orders_failed += len(problems)
            run.problems = [*run.problems, *problems.values()]
            run.orders_done += len(order_ids) - len(left)
            run.last_order_id = order_ids[-1]
        if len(run.problems) >= MOST_PROBLEMS or (len(order_ids) < limit and not _next_orders(run, 1)[0]):
            run.status, run.finished_at = EventRefundStatus.DONE, now
        run.orders_total = max(run.orders_total, run.orders_done)
        run.updated_at = now
        run.save()
        is_stuck = is_second_look and len(left) == len(order_ids)
        return run.status == EventRefundStatus.RUNNING and not is_stuck


def _next_orders(run: EventRefund, limit: int) -> tuple[list[UUID], bool]:
    """Return the orders that are next, and whether they are found by looking again from the start."""
    known = [problem["order"] for problem in run.problems]
    orders = _orders_of(run.organization_id, run.event_id).exclude(order_id__in=known)
    if run.last_order_id is None:
        return list(orders[:limit]), False
    ahead = list(orders.filter(order_id__gt=run.last_order_id)[:limit])
    return (ahead, False) if ahead else (list(orders[:limit]), True)


def _orders_of(organization_id: UUID, event_id: UUID) -> Any:
    """Return the ids, in their order, of the orders that have live tickets of an event."""
    tickets = Ticket.objects.of(organization_id).filter(event_id=event_id, status__in=LIVE_TICKETS)
    return tickets.order_by("order_id").values_list("order_id", flat=True).distinct()


def _left_of(
    organization_id: UUID, event_id: UUID, order_ids: Sequence[UUID], problems: dict[UUID, Problem]
) -> set[UUID]:
    """Return which orders still have live tickets without a problem that says why."""
    return {*_orders_of(organization_id, event_id).filter(order_id__in=order_ids)} - problems.keys()


def _refund_one(
    organization_id: UUID, event_id: UUID, order_ids: Sequence[UUID], context: CommandContext
) -> dict[UUID, Problem]:
    """Refund an order by itself; whatever is wrong with it is a problem, and nothing of it is done."""
    try:
        with transaction.atomic(), connection.wrap_database_errors:
            return _refund_batch(organization_id, event_id, order_ids, context)
    except KassaError as error:
        code, detail = error.code, error.detail
    except DatabaseError:
        logger.exception("Order %s could not be refunded.", order_ids[0])
        code, detail = "database", "The database did not accept it; see the log, and start the refund again."
    order = Order.objects.of(organization_id).get(id=order_ids[0])
    return {order.id: _problem(order, code, detail)}


def _refund_batch(
    organization_id: UUID, event_id: UUID, order_ids: Sequence[UUID], context: CommandContext
) -> dict[UUID, Problem]:
    database, orders = lock_orders(context, order_ids)
    live = set(_orders_of(organization_id, event_id).filter(order_id__in=order_ids))
    for order in orders:
        if order.status in HOLDING:
            _cancel(organization_id, order.id, context)
    sold = [order for order in orders if order.id in live and order.status not in HOLDING]
    commands, used = _commands(organization_id, event_id, [order.id for order in sold], context.reason)
    asked_for = [order for order in sold if order.id in commands]
    problems = {order.id: _of_used(order, used[order.id]) for order in sold if order.id in used}
    outcomes = refund_locked(database, organization_id, commands, asked_for, context=context)
    for order in asked_for:
        outcome = outcomes[order.id]
        if isinstance(outcome, KassaError):
            problems[order.id] = _problem(order, outcome.code, outcome.detail)
    return problems


def _cancel(organization_id: UUID, order_id: UUID, context: CommandContext) -> None:
    """Cancel an order that is not paid yet; one whose hold is over is expired first, in the next round."""
    try:
        mark_cancelled(context, order_id)
    except OrderExpired:
        return
    refund_ended(context, [order_id])


def _commands(
    organization_id: UUID, event_id: UUID, order_ids: Sequence[UUID], reason: str
) -> tuple[dict[UUID, RefundCommand], dict[UUID, list[str]]]:
    """Return what is to be given back of each order, and the used tickets that are not.

    That is everything of an order of this event alone, used tickets too; of one that has other
    lines the valid tickets of this event: whatever else was sold in it stays as it is.
    """
    of_others = set(
        OrderItem.objects.of(organization_id)
        .filter(order_id__in=order_ids)
        .exclude(event_id=event_id)
        .values_list("order_id", flat=True)
    )
    valid: dict[UUID, list[UUID]] = {}
    used: dict[UUID, list[str]] = {}
    tickets = Ticket.objects.of(organization_id).filter(order_id__in=of_others, event_id=event_id)
    for ticket in tickets.order_by("id").only("id", "organization_id", "order_id", "status", "code"):
        if ticket.status == TicketStatus.VALID:
            valid.setdefault(ticket.order_id, []).append(ticket.id)
        elif ticket.status == TicketStatus.USED:
            used.setdefault(ticket.order_id, []).append(ticket.code)
    wishes = {
        order_id: RefundSelection(everything=True) for order_id in order_ids if order_id not in of_others
    }
    wishes |= {order_id: RefundSelection(tickets=tuple(ticket_ids)) for order_id, ticket_ids in valid.items()}
    return {order_id: RefundCommand(wish, reason) for order_id, wish in wishes.items()}, used


def _of_used(order: Any, codes: Sequence[str]) -> Problem:
    detail = f"It has lines of other events, and of this one tickets that were used: {', '.join(codes)}."
    return _problem(order, TicketNotRefundable.code, detail)


def _problem(order: Any, code: str, detail: str) -> Problem:
    return {"order": str(order.id), "number": order.number, "code": code, "detail": detail}
