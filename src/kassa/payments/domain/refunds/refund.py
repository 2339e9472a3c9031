"""Refunds are asked for: tickets and goods, an amount, or everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from kassa.core.activity_log import record_activity
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.database import Statements
from kassa.core.errors import KassaError, NotFound
from kassa.core.permissions import Permission
from kassa.orders.domain.refund import OrderRefund, apply_refunds, publish_refunded
from kassa.orders.locks import lock_orders
from kassa.orders.models import Order
from kassa.organizations.queries import organization_settings
from kassa.payments.domain.refunds.plan import (
    Plan,
    Policy,
    RefundSelection,
    build_returned_goods,
    plan_refund,
)
from kassa.payments.domain.refunds.refund_intent import RefundIntent, create_refunds
from kassa.payments.domain.refunds.refundable_order import get_refundable_orders
from kassa.payments.enums import DisputeStatus
from kassa.payments.errors import DisputeOpen, RefundKeyReused
from kassa.payments.models import Dispute, Refund


@dataclass(frozen=True, slots=True)
class RefundCommand:
    """A refund that is asked for, and why."""

    wish: RefundSelection
    reason: str = ""
    idempotency_key: str | None = None
    fingerprint: bytes | None = None


@command(Permission.REFUND_WRITE)
def refund_order(context: CommandContext, order_id: UUID, *, command: RefundCommand) -> Refund:
    """Give money back for an order; the same key again returns the same refund.

    What is given back ends at once here; the money itself is sent by a job and stays promised until the
    provider has said that it is back.

    Raises:
        NotFound: there is no such order, or no such ticket or item in it.
        RefundKeyReused: the key was used for another refund.
        DisputeOpen: the buyer's bank holds the money.
        NothingToRefund, TicketNotRefundable, GoodsNotRefundable, RefundTooLarge: it is not there to give
            back.
    """
    return execute_refund(context, order_id, command=command)


def execute_refund(context: CommandContext, order_id: UUID, *, command: RefundCommand) -> Refund:
    """Refund an order as :func:`refund_order` does, for an actor whose right its caller has looked at."""
    organization_id = context.organization_id
    with transaction.atomic(), connection.wrap_database_errors:
        database, orders = lock_orders(context, [order_id])
        if not orders:
            raise NotFound
        if command.idempotency_key is not None:
            known = (
                Refund.objects.of(organization_id)
                .filter(order_id=order_id, idempotency_key=command.idempotency_key)
                .first()
            )
            if known is not None:
                if bytes(known.fingerprint or b"") != command.fingerprint:
                    raise RefundKeyReused
                return known
        outcomes = refund_locked(database, organization_id, {order_id: command}, orders, context=context)
        outcome = outcomes[order_id]
        if isinstance(outcome, KassaError):
            raise outcome
        refund = Refund.objects.of(organization_id).get(id=outcome.id)
        after = {"refund": refund.id, "amount": refund.amount, "currency": refund.currency}
        record_activity(context, "order.refunded", ("order", order_id), after=after)
        return refund


def refund_locked(
    database: Statements,
    organization_id: UUID,
    commands: Mapping[UUID, RefundCommand],
    orders: Sequence[Any],
    *,
    context: CommandContext,
) -> dict[UUID, RefundIntent | KassaError]:
    """Refund orders that the caller has locked, all in a handful of statements; a refusal is a value.

    A refused order changes nothing and does not keep its neighbours from being refunded.
    """
    plans, outcomes = _plan_all(organization_id, commands, orders)
    planned = {order.id: order for order in orders if order.id in plans}
    promises = {
        order_id: RefundIntent(
            order_id=order_id,
            kind=plan.kind,
            amount=plan.amount,
            currency=planned[order_id].currency,
            reason=commands[order_id].reason,
            lines=plan.lines,
            tickets=plan.tickets,
            goods=plan.goods,
            idempotency_key=commands[order_id].idempotency_key,
            fingerprint=commands[order_id].fingerprint,
        )
        for order_id, plan in plans.items()
    }
    if plans:
        refunds = [_build_order_refund(planned[order_id], plan) for order_id, plan in plans.items()]
        apply_refunds(database, organization_id, refunds, now=context.now)
        create_refunds(database, organization_id, list(promises.values()), context=context)
        publish_refunded(database, organization_id, refunds, now=context.now)
    return {**outcomes, **promises}


def preview_refund(organization_id: UUID, order_id: UUID, *, wish: RefundSelection) -> tuple[Plan, str]:
    """Return what a refund would give back and why, and the currency; nothing is written.

    Raises what `refund_order` would raise.
    """
    order = Order.objects.of(organization_id).filter(id=order_id).first()
    if order is None:
        raise NotFound
    plans, refused = _plan_all(organization_id, {order_id: RefundCommand(wish)}, [order])
    if order_id in refused:
        raise refused[order_id]
    return plans[order_id], order.currency


def _plan_all(
    organization_id: UUID, commands: Mapping[UUID, RefundCommand], orders: Sequence[Any]
) -> tuple[dict[UUID, Plan], dict[UUID, KassaError]]:
    settings = organization_settings(organization_id)
    policy = Policy(refund_fees=settings.refund_fees, refund_shipping=settings.refund_shipping)
    sold = get_refundable_orders(organization_id, orders)
    disputed = set(
        Dispute.objects.of(organization_id)
        .filter(order_id__in=list(commands), status=DisputeStatus.OPEN)
        .values_list("order_id", flat=True)
    )
    plans: dict[UUID, Plan] = {}
    refused: dict[UUID, KassaError] = {}
    for order in orders:
        order_id = order.id  # of the lock's row, or of the model itself
        try:
            if order_id in disputed:
                raise DisputeOpen(sold[order_id].number)
            plans[order_id] = plan_refund(sold[order_id], commands[order_id].wish, policy)
        except KassaError as error:
            refused[order_id] = error
    return plans, refused


def _build_order_refund(order: Any, plan: Plan) -> OrderRefund:
    return OrderRefund(
        order,
        ticket_ids=tuple(ticket_id for ticket_id, _ in plan.tickets),
        goods=build_returned_goods(plan.goods),
        ends_order=plan.ends_order,
    )
