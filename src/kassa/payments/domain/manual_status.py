"""Staff move orders, and the money follows: nothing is confirmed without money, or cancelled with it kept."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Sum

from kassa.core.activity_log import record_activity
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.database import statements
from kassa.core.errors import NotFound
from kassa.core.ids import new_id
from kassa.core.money import ZERO
from kassa.core.permissions import Permission
from kassa.orders.domain import change as orders
from kassa.orders.domain.document import serialize_order
from kassa.orders.enums import HOLDING, Approval, OrderStatus
from kassa.orders.errors import ApprovalAwaited
from kassa.orders.locks import lock_orders
from kassa.orders.models import Order
from kassa.orders.queries import get_order_view
from kassa.payments.domain.receipts.balance import get_net_received
from kassa.payments.domain.receipts.incoming_payment import IncomingPayment, PaymentOutcome, Settlement
from kassa.payments.domain.receipts.record_payments import record_payments
from kassa.payments.domain.receipts.settle_again import settle_again
from kassa.payments.domain.refunds.refund_intent import RefundIntent, create_refunds
from kassa.payments.enums import DisputeStatus, RefundKind
from kassa.payments.errors import DisputeOpen, NothingToPay, PaymentKnown, WrongCurrency
from kassa.payments.models import Dispute, Payment, PaymentAttempt
from kassa.payments.reasons import CANCELLED

BY_HAND = "by_hand"
MANUAL = "manual"


@command(Permission.ORDER_MANAGE)
def change_status(
    context: CommandContext,
    order_id: UUID,
    *,
    to_status: OrderStatus,
    tracking_number: str | None = None,
) -> dict[str, Any]:
    """Move an order as staff do. Confirming one that is not paid books what is missing as paid by hand.

    To say that money has come in takes the right to, beside that of moving orders; and so does cancelling.

    Raises PermissionMissing, and what `kassa.orders.domain.change.mark_status` raises.
    """
    organization_id = context.organization_id
    if to_status == OrderStatus.CANCELLED:
        return cancel_order(context, order_id)
    with transaction.atomic(), connection.wrap_database_errors:
        order = _locked(organization_id, order_id, context)
        before = _read_progress(organization_id, order_id)
        if to_status == OrderStatus.CONFIRMED and order.status in HOLDING and order.total > 0:
            orders.check_confirmable(order, context)
            missing = order.total - get_net_received(organization_id, order_id)
            if missing > 0:
                context.actor.require(Permission.PAYMENT_MANAGE)
                _receive_by_hand(organization_id, order, missing, context)
            else:
                settle_again(statements(), organization_id, order, context=context)
            document = serialize_order(get_order_view(organization_id, order_id, now=context.now))
        else:
            document = orders.mark_status(
                context, order_id, to_status=to_status, tracking_number=tracking_number
            )
        after = _read_progress(organization_id, order_id)
        record_activity(context, "order.status_changed", ("order", order_id), before=before, after=after)
        return document


def _read_progress(organization_id: UUID, order_id: UUID) -> dict[str, Any]:
    """Return how far an order is, as the activity log says it."""
    rows = Order.objects.of(organization_id).filter(id=order_id)
    return dict(rows.values("status", "fulfilment_status", "tracking_number").get())


@command(Permission.ORDER_CANCEL)
def cancel_order(context: CommandContext, order_id: UUID) -> dict[str, Any]:
    """Cancel an order, give back all it holds, and promise back all that was paid for it (order-service.md).

    Raises:
        DisputeOpen: the buyer's bank holds the money, so that it cannot be promised back.
        KassaError: what `kassa.orders.domain.change.mark_cancelled` raises.
    """
    return cancel_and_refund(context, order_id)


def cancel_and_refund(context: CommandContext, order_id: UUID) -> dict[str, Any]:
    """Cancel an order as :func:`cancel_order` does, for an actor whose right its caller has looked at."""
    organization_id = context.organization_id
    with transaction.atomic(), connection.wrap_database_errors:
        order = _locked(organization_id, order_id, context)
        disputes = Dispute.objects.of(organization_id).filter(order_id=order_id)
        if disputes.filter(status=DisputeStatus.OPEN).exists():
            raise DisputeOpen(order.number)
        orders.mark_cancelled(context, order_id)
        refund_ended(context, [order_id])
        if order.status != OrderStatus.CANCELLED:
            before, after = {"status": order.status}, {"status": OrderStatus.CANCELLED}
            record_activity(context, "order.cancelled", ("order", order_id), before=before, after=after)
        return serialize_order(get_order_view(organization_id, order_id, now=context.now))


def refund_ended(context: CommandContext, order_ids: list[UUID]) -> int:
    """Promise back what is kept of orders that have been cancelled or have expired; return of how many.

    Doing it twice promises nothing twice. Inside the caller's transaction.
    """
    organization_id = context.organization_id
    database, rows = lock_orders(context, order_ids)
    kept = {
        payment["order_id"]: payment["kept"]
        for payment in Payment.objects.of(organization_id)
        .filter(order_id__in=order_ids)
        .values("order_id")
        .annotate(kept=Sum(F("amount") - F("refunded_amount") - F("disputed_amount")))
    }
    promises = [
        RefundIntent(
            order_id=order.id,
            # An expired order can still be paid and sold: what came before has no part in that.
            kind=RefundKind.LATE if order.status == OrderStatus.EXPIRED else RefundKind.CANCELLATION,
            amount=kept[order.id],
            currency=order.currency,
            reason=context.reason or CANCELLED,
            was_sold=order.confirmed_at is not None,
        )
        for order in rows
        if order.status in (OrderStatus.CANCELLED, OrderStatus.EXPIRED) and kept.get(order.id, ZERO) > 0
    ]
    create_refunds(database, organization_id, promises, context=context)
    ended = [promise.order_id for promise in promises]
    Payment.objects.of(organization_id).filter(order_id__in=ended, waits=True).update(waits=False)
    return len(promises)


@command(Permission.PAYMENT_MANAGE)
def mark_as_paid(
    context: CommandContext,
    order_id: UUID,
    *,
    amount: Decimal,
    currency: str,
    reference: str,
    received_at: datetime,
) -> Settlement:
    """Book a transfer that has arrived, in part, in full or too much; the same reference is booked once.

    Raises:
        NotFound: there is no such order.
        WrongCurrency: it is not in the order's currency.
        ApprovalAwaited: the organiser has not agreed to the order yet.
        NothingToPay: the order was free.
        PaymentKnown: the reference was used for another sum.
    """
    organization_id = context.organization_id
    with transaction.atomic(), connection.wrap_database_errors:
        order = _locked(organization_id, order_id, context)
        if order.currency != currency:
            raise WrongCurrency(currency, order.currency)
        if order.status in HOLDING and order.approval == Approval.AWAITED:
            raise ApprovalAwaited(order.number)
        if order.total == 0:
            raise NothingToPay(order.number, order.status, order.payment_status)
        attempt = (
            PaymentAttempt.objects.of(organization_id)
            .filter(order_id=order_id, provider=MANUAL)
            .order_by("-number")
            .first()
        )
        receipt = IncomingPayment(
            order_id=order_id,
            attempt_id=attempt.id if attempt and _completes(organization_id, order, amount) else None,
            provider=MANUAL,
            method="transfer",
            provider_reference=reference,
            amount=amount,
            currency=currency,
            gateway_fee=ZERO,
            received_at=received_at,
        )
        [settlement] = record_payments(organization_id, [receipt], now=context.now, context=context)
        if settlement.outcome == PaymentOutcome.KNOWN:
            _check_same(organization_id, receipt)
        else:
            after = {"amount": amount, "currency": currency, "reference": reference}
            record_activity(context, "order.marked_as_paid", ("order", order_id), after=after)
        return settlement


def _completes(organization_id: UUID, order: Any, amount: Decimal) -> bool:
    """Say whether the transfer that was announced is complete with this sum; until then it stays open."""
    return bool(get_net_received(organization_id, order.id) + amount >= order.total)


def _check_same(organization_id: UUID, receipt: IncomingPayment) -> None:
    known = Payment.objects.of(organization_id).get(
        provider=receipt.provider, provider_reference=receipt.provider_reference
    )
    if (known.order_id, known.amount) != (receipt.order_id, receipt.amount):
        raise PaymentKnown(receipt.provider_reference)


def _receive_by_hand(organization_id: UUID, order: Any, amount: Decimal, context: CommandContext) -> None:
    receipt = IncomingPayment(
        order_id=order.id,
        provider=MANUAL,
        method=BY_HAND,
        provider_reference=f"{BY_HAND}:{new_id()}",
        amount=amount,
        currency=order.currency,
        gateway_fee=ZERO,
        received_at=context.now,
    )
    record_payments(organization_id, [receipt], now=context.now, context=context)


def _locked(organization_id: UUID, order_id: UUID, context: CommandContext) -> Any:
    _, rows = lock_orders(context, [order_id])
    if not rows:
        raise NotFound
    return rows[0]
