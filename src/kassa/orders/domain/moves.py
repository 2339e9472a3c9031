"""Where an order may go: its status and the whereabouts of its goods decide together. Pure, on values."""

from __future__ import annotations

from kassa.orders.enums import (
    CANCELLABLE,
    FULFILMENT_MOVES,
    ORDER_MOVES,
    FulfilmentStatus,
    OrderStatus,
)

FULFILLING: frozenset[OrderStatus] = frozenset(
    {OrderStatus.PROCESSING, OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.COMPLETED}
)
"""The statuses that an order takes together with its goods."""


def allowed_moves(
    status: OrderStatus, fulfilment: FulfilmentStatus, *, has_goods_to_ship: bool
) -> frozenset[OrderStatus]:
    """Return where an order may go.

    A partly refunded order goes on from where its goods are: what was delivered is never shipped again.
    """
    return frozenset(
        to_status
        for to_status in ORDER_MOVES[status]
        if _fits(to_status, fulfilment) and (has_goods_to_ship or to_status != OrderStatus.SHIPPED)
    )


def _fits(to_status: OrderStatus, fulfilment: FulfilmentStatus) -> bool:
    if to_status in FULFILLING:
        return FulfilmentStatus(to_status) in FULFILMENT_MOVES[fulfilment]
    return to_status != OrderStatus.CANCELLED or fulfilment in CANCELLABLE
