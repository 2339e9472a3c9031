"""Short words for what tests do with money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from kassa.core.clock import utc_now
from kassa.orders.models import Order
from kassa.payments.domain.receipts.incoming_payment import IncomingPayment, PaymentOutcome
from kassa.payments.domain.receipts.record_payments import record_payments
from kassa.payments.domain.refunds.plan import GoodsSelection, RefundSelection
from kassa.payments.domain.refunds.refund import RefundCommand, refund_order
from kassa.payments.models import LedgerEntry, Refund
from tests.support.sale_world import World


def receipt_for(order: Order, amount: Decimal | str | None = None, **fields: Any) -> IncomingPayment:
    """Return a sum for an order: its total, by card, at the demo."""
    receipt = IncomingPayment(
        order_id=order.id,
        provider="demo",
        provider_reference=f"payment-{uuid4().hex}",
        amount=order.total if amount is None else Decimal(amount),
        currency=order.currency,
        method="card",
        gateway_fee=Decimal(0),
        received_at=utc_now(),
    )
    return replace(receipt, **fields)


def receive(world: World, *receipts: IncomingPayment, now: datetime | None = None) -> list[PaymentOutcome]:
    """Receive sums and return what became of each."""
    settled = record_payments(world.organization.id, receipts, now=now or utc_now())
    return [settlement.outcome for settlement in settled]


def paid_order(world: World, *lines: Any, **fields: Any) -> Order:
    """Return an order that was placed and paid."""
    order = world.place(*lines, **fields)
    assert receive(world, receipt_for(order)) == [PaymentOutcome.CONFIRMED]
    return world.order(order.id)


def give_back(
    world: World,
    order: Order,
    *,
    tickets: Sequence[UUID] = (),
    amount: Decimal | None = None,
    everything: bool = False,
    goods: Sequence[GoodsSelection] = (),
    restock: bool | None = None,
    **fields: Any,
) -> Refund:
    """Ask for a refund."""
    wish = RefundSelection(
        tuple(tickets), tuple(goods), amount=amount, everything=everything, restock=restock
    )
    return refund_order(world.context(), order.id, command=RefundCommand(wish, **fields))


def balances(world: World, order: Order | None = None) -> dict[str, Decimal]:
    """Return what stands on each account of the ledger that is not at zero."""
    entries = LedgerEntry.objects.of(world.organization.id)
    if order is not None:
        entries = entries.filter(order_id=order.id)
    sums: dict[str, Decimal] = {}
    for account, amount in entries.values_list("account", "amount"):
        sums[account] = sums.get(account, Decimal(0)) + amount
    return {account: amount for account, amount in sums.items() if amount}
