"""A lost dispute: the buyer has the money back, and keeps no ticket that nobody has paid for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kassa.core.command_context import CommandContext
from kassa.core.database import Statements
from kassa.core.money import ZERO
from kassa.orders.enums import OrderStatus, PaymentStatus
from kassa.orders.models import Order
from kassa.payments.domain.receipts.balance import spare_of
from kassa.payments.domain.refund_effects import Planned, apply_refunds, tell_refunded
from kassa.payments.domain.refund_plan import REFUNDABLE, Plan, all_goods
from kassa.payments.domain.sold import read_sold
from kassa.payments.enums import Account, RefundKind
from kassa.payments.models import Dispute


def lose(
    database: Statements, organization_id: UUID, order: Any, dispute: Dispute, context: CommandContext
) -> Account:
    """Count the order as refunded by what was lost; return the account that it is taken from.

    When nothing of the money is left its tickets end and their places are free. While some is left they
    stay valid: which of them was meant, no bank says. Money that had paid for nothing (a surplus, or an
    order that had ended) changes no order.
    """
    sold = read_sold(organization_id, [order])[order.id]
    is_missing = spare_of(organization_id, order) <= -dispute.amount
    if order.status not in REFUNDABLE or not is_missing or dispute.amount > sold.left:
        return Account.CUSTOMER
    back = order.refunded_amount + dispute.amount
    rows = Order.objects.of(organization_id).filter(id=order.id)
    rows.update(
        refunded_amount=back,
        payment_status=PaymentStatus.REFUNDED if back >= order.total else PaymentStatus.PARTIALLY_REFUNDED,
        updated_at=context.now,
    )
    is_all = sold.left == dispute.amount
    tickets = tuple((ticket.id, ZERO) for ticket in sold.tickets if ticket.is_live) if is_all else ()
    goods = all_goods(sold) if is_all else ()
    plan = Plan(RefundKind.EVERYTHING, dispute.amount, (), tickets, goods=goods, ends_order=is_all)
    planned = {order.id: Planned(order, plan)}
    if is_all or order.status != OrderStatus.REFUNDED:
        apply_refunds(database, organization_id, planned, context=context)
        tell_refunded(database, organization_id, planned, context=context)
    return Account.SALES
