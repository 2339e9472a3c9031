"""A lost dispute: the buyer has the money back, and keeps no ticket that nobody has paid for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kassa.core.command_context import CommandContext
from kassa.core.database import Statements
from kassa.orders.domain.refund import OrderRefund, add_lost, apply_refunds, publish_refunded
from kassa.orders.enums import OrderStatus
from kassa.payments.domain.receipts.balance import get_overpaid_amount
from kassa.payments.domain.refunds.plan import REFUNDABLE, all_goods, build_returned_goods
from kassa.payments.domain.refunds.refundable_order import get_refundable_orders
from kassa.payments.enums import Account
from kassa.payments.models import Dispute


def lose(
    database: Statements, organization_id: UUID, order: Any, dispute: Dispute, context: CommandContext
) -> Account:
    """Count the order as refunded by what was lost; return the account that it is taken from.

    When nothing of the money is left its tickets end and their places are free. While some is left they
    stay valid: which of them was meant, no bank says. Money that had paid for nothing (a surplus, or an
    order that had ended) changes no order.
    """
    sold = get_refundable_orders(organization_id, [order])[order.id]
    is_missing = get_overpaid_amount(organization_id, order) <= -dispute.amount
    if order.status not in REFUNDABLE or not is_missing or dispute.amount > sold.left:
        return Account.CUSTOMER
    add_lost(organization_id, order, dispute.amount, now=context.now)
    is_all = sold.left == dispute.amount
    refund = OrderRefund(
        order,
        ticket_ids=tuple(ticket.id for ticket in sold.tickets if ticket.is_live) if is_all else (),
        goods=build_returned_goods(all_goods(sold)) if is_all else (),
        ends_order=is_all,
    )
    if is_all or order.status != OrderStatus.REFUNDED:
        apply_refunds(database, organization_id, [refund], now=context.now)
        publish_refunded(database, organization_id, [refund], now=context.now)
    return Account.SALES
