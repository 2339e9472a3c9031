"""What may be done about an order is decided in one place, in every state that it can have."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import kassa
from kassa.orders.domain.capabilities import (
    Payability,
    can_cancel_unpaid,
    count_attempts_left,
    decide_payability,
)
from kassa.orders.enums import ADMITTING_TICKETS, Approval, OrderStatus, PaymentStatus, TicketStatus

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER, EARLIER = NOW + timedelta(minutes=1), NOW - timedelta(minutes=1)


def an_order(status: str = OrderStatus.PENDING, **changed: Any) -> Any:
    facts: dict[str, Any] = {
        "status": status,
        "payment_status": PaymentStatus.PENDING,
        "approval": Approval.NOT_NEEDED,
        "expires_at": LATER,
        "confirmed_at": None,
        "payment_attempts": 0,
    }
    return SimpleNamespace(**(facts | changed))


@pytest.mark.parametrize(
    ("order", "decided"),
    [
        (an_order(), Payability.PAYABLE),
        (an_order(OrderStatus.DRAFT), Payability.PAYABLE),
        (an_order(payment_status=PaymentStatus.FAILED), Payability.PAYABLE),
        (an_order(expires_at=None), Payability.PAYABLE),
        (an_order(expires_at=NOW), Payability.EXPIRED),
        (an_order(OrderStatus.EXPIRED), Payability.EXPIRED),
        (an_order(OrderStatus.CANCELLED), Payability.NOTHING_DUE),
        (an_order(OrderStatus.CONFIRMED), Payability.NOTHING_DUE),
        (an_order(payment_status=PaymentStatus.PAID), Payability.NOTHING_DUE),
        (an_order(approval=Approval.AWAITED), Payability.AWAITS_APPROVAL),
        (an_order(approval=Approval.AWAITED, expires_at=EARLIER), Payability.EXPIRED),
    ],
)
def test_payability(order: Any, decided: Payability) -> None:
    assert decide_payability(order, now=NOW) == decided


@pytest.mark.parametrize(
    ("order", "can"),
    [
        (an_order(), True),
        (an_order(expires_at=NOW), False),
        (an_order(confirmed_at=EARLIER), False),
        (an_order(OrderStatus.CANCELLED), False),
    ],
)
def test_only_what_is_not_sold_and_still_held_is_simply_cancelled(order: Any, can: bool) -> None:
    assert can_cancel_unpaid(order, now=NOW) is can


@pytest.mark.parametrize(("made", "left"), [(0, 3), (2, 1), (3, 0), (5, 0)])
def test_attempts_left(made: int, left: int) -> None:
    assert count_attempts_left(an_order(payment_attempts=made), most=3) == left


def test_admitting_tickets_are_named_in_one_place() -> None:
    pair = re.compile(r"[({]\s*TicketStatus\.VALID(?:\.value)?,\s*TicketStatus\.USED(?:\.value)?,?\s*[)}]")
    source = Path(kassa.__file__).parent
    written = {
        str(path.relative_to(source)) for path in source.rglob("*.py") if pair.search(path.read_text())
    }

    assert set(ADMITTING_TICKETS) == {TicketStatus.VALID, TicketStatus.USED}
    assert written == {"orders/enums.py"}
