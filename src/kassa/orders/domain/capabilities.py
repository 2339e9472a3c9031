"""What may be done about an order just now, decided once for its page, the API and the commands."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from kassa.orders.domain.order_view import UNPAID, is_overdue
from kassa.orders.enums import HOLDING, Approval, OrderStatus


class Payability(StrEnum):
    """Whether an order can be paid, and what stands in the way if it cannot."""

    PAYABLE = "payable"
    EXPIRED = "expired"
    """Its hold is over."""
    NOTHING_DUE = "nothing_due"
    """It is paid, ended, or holds nothing."""
    AWAITS_APPROVAL = "awaits_approval"


def decide_payability(order: Any, *, now: datetime) -> Payability:
    """Decide whether an order can be paid now; how many attempts are left is another question."""
    if order.status == OrderStatus.EXPIRED or is_overdue(order, now):
        return Payability.EXPIRED
    if order.status not in HOLDING or order.payment_status not in UNPAID:
        return Payability.NOTHING_DUE
    return Payability.AWAITS_APPROVAL if order.approval == Approval.AWAITED else Payability.PAYABLE


def count_attempts_left(order: Any, *, most: int) -> int:
    """Return how many more attempts to pay an order may be made, of the most that its organisation allows."""
    return max(0, most - int(order.payment_attempts))


def is_sold(order: Any) -> bool:
    """Say whether an order was sold once: its tickets are given back, it is no longer simply cancelled."""
    return order.confirmed_at is not None


def can_cancel_unpaid(order: Any, *, now: datetime) -> bool:
    """Say whether a buyer may cancel an order: it is not sold yet, and still holds something."""
    return order.status in HOLDING and not is_sold(order) and not is_overdue(order, now)
