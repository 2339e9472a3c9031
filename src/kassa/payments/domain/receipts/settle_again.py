"""An order that waits for money turns out to have all of it, though none has come in just now."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kassa.core.command_context import CommandContext
from kassa.core.database import Statements, plain_array
from kassa.orders.domain.confirm import PaidBy, confirm_orders
from kassa.payments.domain.ledger.journal import Journal
from kassa.payments.domain.receipts.balance import get_net_received
from kassa.payments.domain.receipts.incoming_payment import PaymentOutcome
from kassa.payments.domain.receipts.record_payments import CLOSE_OTHERS, decide
from kassa.payments.domain.refunds.refund_intent import RefundIntent, create_refunds
from kassa.payments.enums import Account, PostingKind, RefundKind
from kassa.payments.models import Payment
from kassa.payments.reasons import PAID_TOO_MUCH


def settle_again(database: Statements, organization_id: UUID, order: Any, *, context: CommandContext) -> bool:
    """Confirm a locked order if all of its price is there; say whether it was.

    So it is when a bank gives disputed money back, or when the organiser agrees to an order that was paid
    before. What is there above the price is promised back.
    """
    kept = get_net_received(organization_id, order.id)
    if order.total <= 0 or decide(order, kept) != PaymentOutcome.CONFIRMED:
        return False
    payments = Payment.objects.of(organization_id).filter(order_id=order.id)
    last = payments.order_by("id").last()
    if last is None:
        return False
    journal = Journal()
    journal.post(
        PostingKind.ORDER_CONFIRMED,
        order.total,
        order.currency,
        debit=Account.CUSTOMER,
        credit=Account.SALES,
        provider="",
        order_id=order.id,
    )
    journal.write(database, organization_id, now=context.now)
    paid_by = PaidBy(last.id, last.method)
    confirm_orders(database, organization_id, {order.id: paid_by}, now=context.now)
    payments.filter(waits=True).update(waits=False)
    database.queue(CLOSE_OTHERS, (context.now, organization_id, plain_array([order.id])))
    surplus = kept - order.total
    if surplus > 0:
        promise = RefundIntent(order.id, RefundKind.SURPLUS, surplus, order.currency, PAID_TOO_MUCH)
        create_refunds(database, organization_id, [promise], context=context)
    return True
