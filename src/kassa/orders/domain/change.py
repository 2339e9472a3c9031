"""Moving one order by hand: confirmed, processed, shipped, delivered, completed, cancelled."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from kassa.core.activity_log import record_activity
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.database import Statements
from kassa.core.errors import NotFound
from kassa.core.permissions import Permission
from kassa.orders.domain.confirm import confirm_locked
from kassa.orders.domain.events import publish_orders
from kassa.orders.domain.moves import FULFILLING, allowed_moves
from kassa.orders.domain.release import release_orders
from kassa.orders.enums import (
    CANCELLABLE,
    HOLDING,
    STAFF_MOVES,
    Approval,
    FulfilmentStatus,
    OrderStatus,
    PaymentStatus,
    TicketStatus,
)
from kassa.orders.errors import (
    AlreadyShipped,
    ApprovalAwaited,
    IllegalMove,
    NotAwaitingApproval,
    NotByHand,
    NothingToShip,
    OrderExpired,
)
from kassa.orders.locks import lock_orders
from kassa.orders.models import Order, OrderItem
from kassa.organizations.queries import organization_settings

MOMENT_OF = {
    OrderStatus.SHIPPED: "shipped_at",
    OrderStatus.DELIVERED: "delivered_at",
    OrderStatus.COMPLETED: "completed_at",
}


def mark_status(
    context: CommandContext,
    order_id: UUID,
    *,
    to_status: OrderStatus,
    tracking_number: str | None = None,
) -> dict[str, Any]:
    """Move an order as staff do; moving it to where it is already changes at most its tracking number.

    A partly refunded order is where its goods are: it goes on from there, and never back. No money moves
    here: `kassa.payments.domain.by_hand.change_status`, which the faces call, looks after that.

    Raises:
        NotFound: there is no such order.
        NotByHand: staff do not set this status.
        IllegalMove: the order cannot go there from where it is.
        OrderExpired: its hold is over.
        ApprovalAwaited: the organiser has not agreed to it yet.
        NothingToShip: it was to be shipped, and nothing of it is shipped.
        AlreadyShipped: it was to be cancelled after its goods had left.
    """
    organization_id = context.organization_id
    if to_status not in STAFF_MOVES:
        raise NotByHand(to_status, sorted(STAFF_MOVES))
    if to_status == OrderStatus.CANCELLED:
        return mark_cancelled(context, order_id)
    with transaction.atomic():
        database, order = _locked(organization_id, order_id, context)
        if _is_there(order, to_status):
            if tracking_number is not None:
                Order.objects.of(organization_id).filter(id=order_id).update(
                    tracking_number=tracking_number, updated_at=context.now
                )
            return _unchanged(database, organization_id, order_id, context)
        if to_status == OrderStatus.CONFIRMED:
            check_confirmable(order, context)
            return confirm_locked(database, organization_id, order_id, now=context.now)
        _check_alive(order, context)
        _check_move(order, to_status)
        values: dict[str, Any] = {"status": to_status, "updated_at": context.now}
        if to_status in FULFILLING:
            values["fulfilment_status"] = FulfilmentStatus(to_status)
        if to_status in MOMENT_OF:
            values[MOMENT_OF[to_status]] = context.now
        if tracking_number is not None:
            values["tracking_number"] = tracking_number
        Order.objects.of(organization_id).filter(id=order_id, status=order.status).update(**values)
        name = f"order.{to_status}" if to_status in FULFILLING else None
        return publish_orders(database, organization_id, [order_id], order_event_name=name, now=context.now)[
            order_id
        ]


def check_confirmable(order: Any, context: CommandContext) -> None:
    """Let a locked order pass that can be confirmed.

    Raises:
        OrderExpired: its hold is over.
        IllegalMove: it cannot be confirmed from where it is.
        ApprovalAwaited: the organiser has not agreed to it yet.
    """
    _check_alive(order, context)
    _check_move(order, OrderStatus.CONFIRMED)
    if order.approval == Approval.AWAITED:
        raise ApprovalAwaited(order.number)


def mark_cancelled(context: CommandContext, order_id: UUID) -> dict[str, Any]:
    """Cancel an order and give back all it holds; cancelling it again changes nothing.

    What was paid is not given back here, but in `kassa.payments.domain.manual_status`, which the faces call.

    Raises:
        NotFound: there is no such order.
        AlreadyShipped: its goods have left.
        OrderExpired: its hold is over.
        IllegalMove: it is in a state that cannot be cancelled.
    """
    organization_id = context.organization_id
    with transaction.atomic():
        database, order = _locked(organization_id, order_id, context)
        if order.status == OrderStatus.CANCELLED:
            return _unchanged(database, organization_id, order_id, context)
        if order.fulfilment_status not in CANCELLABLE and order.status != OrderStatus.REFUNDED:
            raise AlreadyShipped(order.number, order.fulfilment_status)
        _check_alive(order, context)
        _check_move(order, OrderStatus.CANCELLED)
        return _cancel_locked(database, organization_id, order, context)


@command(Permission.ORDER_MANAGE)
def approve_order(context: CommandContext, order_id: UUID) -> dict[str, Any]:
    """Agree to an order that waits for approval: confirmed if it is free, else it may be paid now.

    Raises:
        NotFound: there is no such order.
        NotAwaitingApproval: there is nothing to decide.
    """
    organization_id = context.organization_id
    with transaction.atomic():
        database, order = _locked(organization_id, order_id, context)
        if order.approval == Approval.APPROVED:
            return _unchanged(database, organization_id, order_id, context)
        _check_awaited(order)
        _record_decision(context, order, Approval.APPROVED)
        settings = organization_settings(organization_id)
        Order.objects.of(organization_id).filter(id=order_id).update(
            approval=Approval.APPROVED,
            expires_at=None if order.total == 0 else context.now + settings.approval_period,
            updated_at=context.now,
        )
        if order.total == 0:
            return confirm_locked(database, organization_id, order_id, now=context.now)
        return publish_orders(
            database, organization_id, [order_id], order_event_name="order.approved", now=context.now
        )[order_id]


@command(Permission.ORDER_MANAGE)
def reject_order(context: CommandContext, order_id: UUID) -> dict[str, Any]:
    """Refuse an order that waits for approval; it is cancelled and gives back all it holds.

    Raises:
        NotFound: there is no such order.
        NotAwaitingApproval: there is nothing to decide.
    """
    organization_id = context.organization_id
    with transaction.atomic():
        database, order = _locked(organization_id, order_id, context)
        if order.approval == Approval.REJECTED:
            return _unchanged(database, organization_id, order_id, context)
        _check_awaited(order)
        _record_decision(context, order, Approval.REJECTED)
        Order.objects.of(organization_id).filter(id=order_id).update(approval=Approval.REJECTED)
        return _cancel_locked(database, organization_id, order, context)


def _record_decision(context: CommandContext, order: Any, decision: Approval) -> None:
    before, after = {"approval": order.approval}, {"approval": decision}
    record_activity(context, f"order.{decision}", ("order", order.id), before=before, after=after)


def _locked(organization_id: UUID, order_id: UUID, context: CommandContext) -> tuple[Statements, Any]:
    database, orders = lock_orders(context, [order_id])
    if not orders:
        raise NotFound
    return database, orders[0]


def _unchanged(
    database: Statements, organization_id: UUID, order_id: UUID, context: CommandContext
) -> dict[str, Any]:
    return publish_orders(database, organization_id, [order_id], order_event_name=None, now=context.now)[
        order_id
    ]


def _check_alive(order: Any, context: CommandContext) -> None:
    if order.status == OrderStatus.EXPIRED or (
        order.status in HOLDING and order.expires_at is not None and order.expires_at <= context.now
    ):
        raise OrderExpired(order.number)


def _is_there(order: Any, to_status: OrderStatus) -> bool:
    if order.status == OrderStatus.PARTIALLY_REFUNDED:
        return to_status in FULFILLING and bool(order.fulfilment_status == to_status)
    return bool(order.status == to_status)


def _check_move(order: Any, to_status: OrderStatus) -> None:
    status, fulfilment = OrderStatus(order.status), FulfilmentStatus(order.fulfilment_status)
    has_goods_to_ship = fulfilment == FulfilmentStatus.PROCESSING and _has_goods_to_ship(order)
    allowed = allowed_moves(status, fulfilment, has_goods_to_ship=has_goods_to_ship)
    if to_status in allowed:
        return
    if to_status in allowed_moves(status, fulfilment, has_goods_to_ship=True):
        raise NothingToShip(order.number)
    raise IllegalMove(
        number=order.number,
        from_status=order.status,
        to_status=to_status.value,
        allowed=sorted(status.value for status in allowed),
    )


def _has_goods_to_ship(order: Any) -> bool:
    goods = OrderItem.objects.of(order.organization_id).filter(order_id=order.id, is_shippable=True)
    return goods.filter(quantity__gt=F("refunded_quantity")).exists()


def _check_awaited(order: Any) -> None:
    if order.approval != Approval.AWAITED or order.status not in HOLDING:
        raise NotAwaitingApproval(order.number, order.approval)


def _cancel_locked(
    database: Statements, organization_id: UUID, order: Any, context: CommandContext
) -> dict[str, Any]:
    unpaid = order.payment_status in (PaymentStatus.PENDING, PaymentStatus.FAILED)
    Order.objects.of(organization_id).filter(id=order.id, status=order.status).update(
        status=OrderStatus.CANCELLED,
        payment_status=PaymentStatus.CANCELLED if unpaid else order.payment_status,
        cancelled_at=context.now,
        cancellation_reason=context.reason or None,
        expires_at=None,
        updated_at=context.now,
    )
    release_orders(
        database,
        organization_id,
        [order.id],
        ticket_status=TicketStatus.CANCELLED,
        were_sold=order.status not in HOLDING,
        now=context.now,
    )
    return publish_orders(
        database,
        organization_id,
        [order.id],
        order_event_name="order.cancelled",
        ticket_event_name="ticket.cancelled",
        now=context.now,
    )[order.id]
