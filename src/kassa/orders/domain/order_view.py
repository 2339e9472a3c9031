"""An order as its readers see it at one moment: its rows, and where it stands. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kassa.orders.enums import HOLDING, OrderStatus, PaymentStatus

EXPIRING_SOON = timedelta(minutes=5)
"""order-drafts.md: from then on a buyer is warned."""
UNPAID = frozenset({PaymentStatus.PENDING.value, PaymentStatus.FAILED.value})
"""The payment states that become `cancelled` when a hold is over."""
_HOLDING = frozenset(str(status) for status in HOLDING)


def is_overdue(order: Any, now: datetime) -> bool:
    """Say whether an order's hold is over, whether or not the worker has released it yet."""
    return order.status in _HOLDING and order.expires_at is not None and order.expires_at <= now


@dataclass(frozen=True, slots=True)
class OrderView:
    """A whole order; one whose hold is over is seen as expired, even before it is released.

    Its rows are those of the tables, or those that are about to be written.
    """

    order: Any
    items: Sequence[Any]
    """In the order of their positions."""
    tickets: Sequence[Any]
    is_overdue: bool
    is_expiring_soon: bool
    can_retry_payment: bool

    @property
    def status(self) -> OrderStatus:
        return OrderStatus.EXPIRED if self.is_overdue else OrderStatus(self.order.status)

    @property
    def payment_status(self) -> PaymentStatus:
        if self.is_overdue and self.order.payment_status in UNPAID:
            return PaymentStatus.CANCELLED
        return PaymentStatus(self.order.payment_status)

    @property
    def expired_at(self) -> datetime | None:
        """Return when its hold was over. None: it is not, or it holds for good."""
        moment: datetime | None = self.order.expires_at if self.is_overdue else self.order.expired_at
        return moment


def view_order(
    order: Any, items: Sequence[Any], tickets: Sequence[Any], *, now: datetime, max_payment_attempts: int
) -> OrderView:
    """Return how an order with these rows is seen at a moment."""
    overdue = is_overdue(order, now)
    holds = not overdue and order.status in _HOLDING
    return OrderView(
        order=order,
        items=items,
        tickets=tickets,
        is_overdue=overdue,
        is_expiring_soon=holds and order.expires_at is not None and order.expires_at - now <= EXPIRING_SOON,
        can_retry_payment=holds and order.payment_attempts < max_payment_attempts,
    )
