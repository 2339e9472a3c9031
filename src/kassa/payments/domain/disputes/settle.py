"""Chargebacks: the buyer's bank takes the money, the tickets are frozen, and one side wins."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.core.database import Statements
from kassa.core.ids import new_id
from kassa.core.outbox import write_events
from kassa.orders.domain.ticket_changes import freeze_tickets, unfreeze_tickets
from kassa.orders.locks import lock_orders
from kassa.payments.domain.disputes.held_refunds import decide_held, has_held, hold_parts
from kassa.payments.domain.disputes.lose import lose
from kassa.payments.domain.events import dispute_event
from kassa.payments.domain.ledger.journal import Journal
from kassa.payments.domain.ledger.transactions import NewTransaction, write_transactions
from kassa.payments.domain.receipts.balance import get_overpaid_amount
from kassa.payments.domain.receipts.settle_again import settle_again
from kassa.payments.domain.refunds.plan import REFUNDABLE
from kassa.payments.domain.refunds.refund_intent import RefundIntent, create_refunds
from kassa.payments.domain.webhooks.outcomes import Settled, Unsettled
from kassa.payments.enums import (
    Account,
    DisputeStatus,
    PostingKind,
    RefundKind,
    TransactionStatus,
    TransactionType,
)
from kassa.payments.models import Dispute, Payment, Transaction
from kassa.payments.providers.protocol import DisputeSeen, DisputeState
from kassa.payments.reasons import DISPUTE_WON


def settle_dispute(
    organization_id: UUID, seen: DisputeSeen, *, provider: str, now: datetime
) -> Settled | Unsettled:
    """Write down how a dispute stands: opened, won or lost, in whatever order it is told.

    Opened: the money leaves the provider's account and the order's tickets are frozen. Won: both come back.
    Lost: the buyer has the money back, so that the order counts as refunded by as much.
    """
    payment = (
        Payment.objects.of(organization_id)
        .filter(provider=provider, provider_reference=seen.payment_reference)
        .first()
    )
    if payment is None:  # Told before the payment itself, or of another sale on the same account.
        sentence = "It is about no payment that was received here so far."
        return Unsettled("payment_unknown", sentence, is_final=False, may_be_anothers=True)
    if seen.currency.upper() != payment.currency:
        return Unsettled(
            "wrong_currency", "It is in another currency than the payment.", True, payment.order_id
        )
    context = CommandContext(
        Actor.system(organization_id), now, f"The dispute {seen.reference} is {seen.state}."
    )
    with transaction.atomic(), connection.wrap_database_errors:
        database, [order] = lock_orders(context, [payment.order_id])
        payment.refresh_from_db(from_queryset=Payment.objects.of(organization_id))
        return _settle_locked(database, order, payment, seen, context)


def _settle_locked(
    database: Statements, order: Any, payment: Payment, seen: DisputeSeen, context: CommandContext
) -> Settled | Unsettled:
    known = Dispute.objects.of(payment.organization_id).filter(
        provider=payment.provider, provider_reference=seen.reference
    )
    dispute, outcome = known.first(), None
    if dispute is None and not has_held(payment, seen):
        dispute, outcome = _open_what_is_left(database, payment, seen, context.now)
    if dispute is not None and seen.state != DisputeState.OPEN:
        if dispute.status == DisputeStatus.OPEN:
            is_won = seen.state == DisputeState.WON
            _close(database, order, dispute, is_won=is_won, context=context)
        elif dispute.status != seen.state.value:
            return Unsettled(
                "dispute_decided_otherwise",
                f"The dispute is booked as {dispute.status}, and now it is told to be {seen.state}, as after "
                f"an appeal. See at the provider where the money is.",
                True,
                payment.order_id,
            )
    decide_held(payment, seen, now=context.now)
    status = seen.state if dispute is None else dispute.status
    return outcome or Settled(f"dispute_{status}", payment.order_id)


def _open_what_is_left(
    database: Statements, payment: Payment, seen: DisputeSeen, now: datetime
) -> tuple[Dispute | None, Settled | Unsettled | None]:
    """Open a dispute for what was not given back or promised; what is promised waits for it.

    Return the dispute, if there was anything left, and what staff have to see to, if there is anything.
    """
    left = payment.amount - payment.refunded_amount - payment.disputed_amount
    if seen.amount <= left:
        return _open(database, payment, seen, now), None
    if seen.state == DisputeState.WON:  # It took no money that is missing here.
        return None, Settled("dispute_never_opened", payment.order_id, is_ignored=True)
    sentence = "More is disputed than is left of the payment: some of it was refunded already."
    unsettled = Unsettled("dispute_too_large", sentence, True, payment.order_id)
    if seen.amount > payment.amount - payment.disputed_amount:
        return None, unsettled  # It contradicts our books: nothing of it is believed.
    is_covered = hold_parts(payment, seen, seen.amount - left)
    dispute = _open(database, payment, replace(seen, amount=left), now) if left > 0 else None
    if is_covered:
        return dispute, None
    sentence += " What is promised back waits for you: lost, mark it as paid; won, try it again."
    return dispute, replace(unsettled, error=sentence)


def _open(database: Statements, payment: Payment, seen: DisputeSeen, now: datetime) -> Dispute:
    organization_id = payment.organization_id
    dispute = Dispute.objects.of(organization_id).create(
        organization_id=organization_id,
        order_id=payment.order_id,
        payment_id=payment.id,
        provider=payment.provider,
        provider_reference=seen.reference,
        amount=seen.amount,
        currency=payment.currency,
        fee=seen.fee,
        reason=seen.reason[:120],
        opened_at=now,
    )
    Payment.objects.of(organization_id).filter(id=payment.id).update(
        disputed_amount=F("disputed_amount") + seen.amount
    )
    freeze_tickets(organization_id, payment.order_id, now=now)
    row = NewTransaction(
        id=new_id(),
        type=TransactionType.CHARGEBACK,
        status=TransactionStatus.PENDING,
        amount=seen.amount,
        currency=payment.currency,
        payment_method=payment.method,
        payment_method_id=seen.reference,
        payment_intent_id=payment.provider_reference,
        order_id=payment.order_id,
        user_id=payment.user_id,
        payment_id=payment.id,
        dispute_id=dispute.id,
        gateway_fee=seen.fee,
    )
    write_transactions(database, organization_id, [row], now=now)
    journal = Journal()
    journal.post(
        PostingKind.DISPUTE_OPENED,
        seen.amount,
        payment.currency,
        debit=Account.DISPUTES,
        credit=Account.PROVIDER,
        provider=payment.provider,
        order_id=payment.order_id,
        transaction_id=row.id,
    )
    journal.post(
        PostingKind.FEES_CHARGED,
        seen.fee,
        payment.currency,
        debit=Account.GATEWAY_FEES,
        credit=Account.PROVIDER,
        provider=payment.provider,
        order_id=payment.order_id,
        transaction_id=row.id,
    )
    journal.write(database, organization_id, now=now)
    write_events(database, organization_id, [dispute_event(dispute)], now=now)
    return dispute


def _close(
    database: Statements, order: Any, dispute: Dispute, *, is_won: bool, context: CommandContext
) -> None:
    organization_id, now = dispute.organization_id, context.now
    status = TransactionStatus.CANCELLED if is_won else TransactionStatus.COMPLETED
    movements = Transaction.objects.of(organization_id).filter(dispute_id=dispute.id)
    movements.update(status=status, updated_at=now)
    movement = movements.get()
    others = Dispute.objects.of(organization_id).filter(order_id=dispute.order_id).exclude(id=dispute.id)
    if not others.filter(status=DisputeStatus.OPEN).exists():
        unfreeze_tickets(organization_id, dispute.order_id, now=now)
    journal = Journal()
    if is_won:
        Payment.objects.of(organization_id).filter(id=dispute.payment_id).update(
            disputed_amount=F("disputed_amount") - dispute.amount
        )
    debit = Account.PROVIDER if is_won else lose(database, organization_id, order, dispute, context)
    dispute.status = DisputeStatus.WON if is_won else DisputeStatus.LOST
    dispute.reduces_sales = None if is_won else debit == Account.SALES
    dispute.closed_at = now
    dispute.save(update_fields=["status", "reduces_sales", "closed_at"])
    journal.post(
        PostingKind.DISPUTE_WON if is_won else PostingKind.DISPUTE_LOST,
        dispute.amount,
        dispute.currency,
        debit=debit,
        credit=Account.DISPUTES,
        provider=dispute.provider,
        order_id=dispute.order_id,
        transaction_id=movement.id,
    )
    journal.write(database, organization_id, now=now)
    write_events(database, organization_id, [dispute_event(dispute)], now=now)
    if is_won and not settle_again(database, organization_id, order, context=context):
        _promise_spare(database, organization_id, order, context)


def _promise_spare(database: Statements, organization_id: UUID, order: Any, context: CommandContext) -> None:
    """Promise back what the order does not need any more: it was paid by other means, or ended, meanwhile."""
    spare = get_overpaid_amount(organization_id, order)
    if spare > 0:
        ended = order.status not in REFUNDABLE
        kind = RefundKind.LATE if ended else RefundKind.SURPLUS
        promise = RefundIntent(order.id, kind, spare, order.currency, DISPUTE_WON)
        create_refunds(database, organization_id, [promise], context=context)
