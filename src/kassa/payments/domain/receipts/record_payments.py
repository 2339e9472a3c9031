"""Money comes in: it is booked once, and its order is confirmed, waits on, or gives it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.core.database import Statements, plain_array, text_array
from kassa.core.ids import new_id
from kassa.core.money import ZERO
from kassa.core.outbox import write_events
from kassa.orders.domain.confirm import PaidBy, confirm_orders
from kassa.orders.domain.payment import await_no_payment
from kassa.orders.domain.take_back import take_back_order
from kassa.orders.enums import HOLDING, Approval, OrderStatus
from kassa.orders.locks import lock_orders
from kassa.payments.domain.events import payment_event
from kassa.payments.domain.ledger.journal import Journal
from kassa.payments.domain.ledger.transactions import NewTransaction, write_transactions
from kassa.payments.domain.receipts.incoming_payment import IncomingPayment, PaymentOutcome, Settlement
from kassa.payments.domain.receipts.validate_payments import validate_payments
from kassa.payments.domain.refunds.refund_intent import RefundIntent, create_refunds
from kassa.payments.enums import Account, PostingKind, RefundKind, TransactionStatus, TransactionType
from kassa.payments.models import Payment
from kassa.payments.reasons import PAID_BEFORE, PAID_LATE, PAID_TOO_MUCH

INSERT_PAYMENTS = """
INSERT INTO payments_payment (id, organization_id, order_id, attempt_id, user_id, provider, method,
                              provider_reference, amount, currency, gateway_fee, platform_fee,
                              received_at, created_at)
SELECT d.id, %s, d.order_id, d.attempt_id, d.user_id, d.provider, d.method, d.reference, d.amount, d.currency,
       d.gateway_fee, d.platform_fee, d.received_at, %s
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::numeric[],
            %s::text[], %s::numeric[], %s::numeric[], %s::timestamptz[])
     AS d(id, order_id, attempt_id, user_id, provider, method, reference, amount, currency, gateway_fee,
          platform_fee, received_at)
ON CONFLICT (organization_id, provider, provider_reference) DO NOTHING
RETURNING id
"""
ATTEMPTS_SUCCEEDED = """
UPDATE payments_paymentattempt a SET status = 'succeeded', payment_reference = d.reference, check_at = NULL,
    error = '', updated_at = %s
FROM unnest(%s::uuid[], %s::text[]) AS d(id, reference)
WHERE a.organization_id = %s AND a.id = d.id AND a.status <> 'succeeded'
"""
KEPT = """
SELECT order_id, sum(amount - refunded_amount - disputed_amount) FROM payments_payment
WHERE organization_id = %s AND order_id = ANY(%s::uuid[]) GROUP BY order_id
"""
NOTE_WAITING = """
UPDATE payments_payment p SET waits = d.waits
FROM unnest(%s::uuid[], %s::bool[]) AS d(order_id, waits)
WHERE p.organization_id = %s AND p.order_id = d.order_id AND p.waits <> d.waits
"""
CLOSE_OTHERS = """
UPDATE payments_paymentattempt SET check_at = %s
WHERE organization_id = %s AND order_id = ANY(%s::uuid[]) AND status IN ('opening', 'open', 'processing')
"""


@dataclass(slots=True)
class _Booked:
    """What was newly booked for one order."""

    order: Any
    payments: list[tuple[UUID, IncomingPayment]] = field(default_factory=list)

    @property
    def by_attempt(self) -> bool:
        """Whether the attempt that its provider might have told of has paid it."""
        return any(receipt.attempt_id is not None for _, receipt in self.payments)

    @property
    def paid_by(self) -> PaidBy:
        payment_id, receipt = self.payments[-1]
        return PaidBy(payment_id, receipt.method or receipt.provider)


def record_payments(
    organization_id: UUID,
    receipts: Sequence[IncomingPayment],
    *,
    now: datetime,
    context: CommandContext | None = None,
) -> list[Settlement]:
    """Book sums that came in for orders of one organisation, in one transaction; return what became of each.

    A sum is booked once, however often it is told. An order that is paid in full by it is confirmed. One
    whose hold was over takes its places again if they are still free. What comes for an order that
    has ended otherwise, or is paid already, is promised back to the buyer at once. Sums in
    another currency, for no order of this organisation, or for an attempt that was paid before, are not
    booked at all.
    """
    context = context or CommandContext(
        actor=Actor.system(organization_id), now=now, reason="The payment has arrived."
    )
    with transaction.atomic(), connection.wrap_database_errors:
        database, orders = lock_orders(context, sorted({receipt.order_id for receipt in receipts}))
        by_id = {order.id: order for order in orders}
        refusals = validate_payments(database, organization_id, receipts, by_id)
        fitting = [receipt for receipt, refusal in zip(receipts, refusals, strict=True) if refusal is None]
        booked = _insert_payments(database, organization_id, fitting, by_id, now)
        outcomes = _settle(database, organization_id, booked, context)
    return _settlements(receipts, refusals, booked, outcomes)


def _insert_payments(
    database: Statements,
    organization_id: UUID,
    receipts: Sequence[IncomingPayment],
    orders: Mapping[UUID, Any],
    now: datetime,
) -> dict[UUID, _Booked]:
    once = {(receipt.provider, receipt.provider_reference): receipt for receipt in reversed(receipts)}
    rows = {new_id(): receipt for receipt in reversed(once.values())}
    if not rows:
        return {}
    values = list(rows.values())
    with database.trip():
        inserted = database.queue(
            INSERT_PAYMENTS,
            (
                organization_id,
                now,
                plain_array(rows),
                plain_array([row.order_id for row in values]),
                plain_array([row.attempt_id for row in values]),
                plain_array([orders[row.order_id].user_id for row in values]),
                text_array([row.provider for row in values]),
                text_array([row.method or row.provider for row in values]),
                text_array([row.provider_reference for row in values]),
                plain_array([row.amount for row in values]),
                plain_array([row.currency for row in values]),
                plain_array([row.gateway_fee for row in values]),
                plain_array([row.platform_fee for row in values]),
                text_array([row.received_at.isoformat() for row in values]),
            ),
        )
        tried = [row for row in values if row.attempt_id is not None]
        if tried:
            references = text_array([row.provider_reference for row in tried])
            attempts = plain_array([row.attempt_id for row in tried])
            database.queue(ATTEMPTS_SUCCEEDED, (now, attempts, references, organization_id))
    booked: dict[UUID, _Booked] = {}
    new = {payment_id for (payment_id,) in inserted}
    for payment_id, receipt in rows.items():
        if payment_id in new:
            of_order = booked.setdefault(receipt.order_id, _Booked(orders[receipt.order_id]))
            of_order.payments.append((payment_id, receipt))
    return booked


def _settle(
    database: Statements, organization_id: UUID, booked: Mapping[UUID, _Booked], context: CommandContext
) -> dict[UUID, PaymentOutcome]:
    """Decide about each order that has got money, and write all that follows."""
    if not booked:
        return {}
    now = context.now
    kept = dict(database.queue(KEPT, (organization_id, plain_array(booked))).fetchall())
    journal = Journal()
    transactions = [
        _purchase(journal, of_order.order, *payment)
        for of_order in booked.values()
        for payment in of_order.payments
    ]
    outcomes: dict[UUID, PaymentOutcome] = {}
    promises: list[RefundIntent] = []
    confirmed: dict[UUID, PaidBy] = {}
    for order_id, of_order in booked.items():
        order = of_order.order
        decided = decide(order, kept[order_id])
        if decided == PaymentOutcome.TAKEN_BACK and not take_back_order(
            database, organization_id, order_id, paid_by=of_order.paid_by, now=now
        ):
            decided = PaymentOutcome.LATE_REFUNDED
        if decided == PaymentOutcome.CONFIRMED:
            confirmed[order_id] = of_order.paid_by
        if decided in (PaymentOutcome.CONFIRMED, PaymentOutcome.TAKEN_BACK):
            journal.post(
                PostingKind.ORDER_CONFIRMED,
                order.total,
                order.currency,
                debit=Account.CUSTOMER,
                credit=Account.SALES,
                provider="",
                order_id=order_id,
            )
        outcomes[order_id] = decided
        promises += _promise_back(order, decided, kept[order_id], of_order)
    with database.trip():
        write_transactions(database, organization_id, transactions, now=now)
        journal.write(database, organization_id, now=now)
    _tell(database, organization_id, booked, outcomes, now)
    if confirmed:
        confirm_orders(database, organization_id, confirmed, now=now)
    with database.trip():
        waits = plain_array([outcome == PaymentOutcome.PARTLY_PAID for outcome in outcomes.values()])
        database.queue(NOTE_WAITING, (plain_array(outcomes), waits, organization_id))
        complete = [
            order_id for order_id, outcome in outcomes.items() if outcome != PaymentOutcome.PARTLY_PAID
        ]
        database.queue(CLOSE_OTHERS, (now, organization_id, plain_array(complete)))
    await_no_payment(
        organization_id,
        [
            order_id
            for order_id, of_order in booked.items()
            if outcomes[order_id] == PaymentOutcome.PARTLY_PAID and of_order.by_attempt
        ],
    )
    create_refunds(database, organization_id, promises, context=context)
    return outcomes


def decide(order: Any, kept: Decimal) -> PaymentOutcome:
    """Return what becomes of an order that has got money; ``kept`` is all it has now. Pure."""
    if order.status in HOLDING:
        if kept < order.total or order.approval == Approval.AWAITED:
            return PaymentOutcome.PARTLY_PAID
        return PaymentOutcome.CONFIRMED
    if order.status == OrderStatus.EXPIRED and kept >= order.total:
        return PaymentOutcome.TAKEN_BACK
    if order.status in (OrderStatus.EXPIRED, OrderStatus.CANCELLED):
        return PaymentOutcome.LATE_REFUNDED
    return PaymentOutcome.SURPLUS_REFUNDED


def _promise_back(
    order: Any, decided: PaymentOutcome, kept: Decimal, of_order: _Booked
) -> list[RefundIntent]:
    """Return what of the money has to go back: all of it, or what is above the price."""
    if decided in (PaymentOutcome.CONFIRMED, PaymentOutcome.TAKEN_BACK):
        amount, kind = kept - order.total, RefundKind.SURPLUS
        reason = PAID_TOO_MUCH
    elif decided == PaymentOutcome.LATE_REFUNDED:
        amount, kind = kept, RefundKind.LATE
        reason = PAID_LATE
    elif decided == PaymentOutcome.SURPLUS_REFUNDED:
        amount = sum((receipt.amount for _, receipt in of_order.payments), ZERO)
        kind, reason = RefundKind.SURPLUS, PAID_BEFORE
    else:
        return []
    return [RefundIntent(order.id, kind, amount, order.currency, reason)] if amount > 0 else []


def _purchase(journal: Journal, order: Any, payment_id: UUID, receipt: IncomingPayment) -> NewTransaction:
    transaction_id = new_id()
    journal.post(
        PostingKind.PAYMENT_RECEIVED,
        receipt.amount,
        receipt.currency,
        debit=Account.PROVIDER,
        credit=Account.CUSTOMER,
        provider=receipt.provider,
        order_id=order.id,
        transaction_id=transaction_id,
    )
    journal.charge_fees(
        receipt.currency,
        gateway_fee=receipt.gateway_fee or ZERO,
        platform_fee=receipt.platform_fee,
        provider=receipt.provider,
        order_id=order.id,
        transaction_id=transaction_id,
    )
    return NewTransaction(
        id=transaction_id,
        type=TransactionType.PURCHASE,
        status=TransactionStatus.COMPLETED,
        amount=receipt.amount,
        currency=receipt.currency,
        payment_method=receipt.method or receipt.provider,
        payment_method_id=receipt.provider_reference,
        payment_intent_id=receipt.provider_reference,
        order_id=order.id,
        user_id=order.user_id,
        payment_id=payment_id,
        gateway_fee=receipt.gateway_fee,
        platform_fee=receipt.platform_fee,
    )


def _tell(
    database: Statements,
    organization_id: UUID,
    booked: Mapping[UUID, _Booked],
    outcomes: Mapping[UUID, PaymentOutcome],
    now: datetime,
) -> None:
    ids = [payment_id for of_order in booked.values() for payment_id, _ in of_order.payments]
    payments = Payment.objects.of(organization_id).filter(id__in=ids).order_by("id")
    write_events(
        database,
        organization_id,
        [payment_event(payment, outcomes[payment.order_id].value) for payment in payments],
        now=now,
    )


def _settlements(
    receipts: Sequence[IncomingPayment],
    refusals: Sequence[PaymentOutcome | None],
    booked: Mapping[UUID, _Booked],
    outcomes: Mapping[UUID, PaymentOutcome],
) -> list[Settlement]:
    new = {
        (receipt.provider, receipt.provider_reference): payment_id
        for of_order in booked.values()
        for payment_id, receipt in of_order.payments
    }
    settlements = []
    for receipt, refusal in zip(receipts, refusals, strict=True):
        if refusal is not None:
            settlements.append(Settlement(refusal, receipt.order_id))
            continue
        # The first of several that tell the same is the one that was booked.
        payment_id = new.pop((receipt.provider, receipt.provider_reference), None)
        outcome = PaymentOutcome.KNOWN if payment_id is None else outcomes[receipt.order_id]
        settlements.append(Settlement(outcome, receipt.order_id, payment_id))
    return settlements
