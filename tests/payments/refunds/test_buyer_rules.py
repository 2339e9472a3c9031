"""Which tickets buyers may give back by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassa.core.money import ZERO
from kassa.orders.enums import TicketStatus
from kassa.payments.domain.refunds.buyer_rules import BuyerRules, HeldTicket, may_give_back, retention_fee
from kassa.payments.enums import WhyKept

STARTS = datetime(2027, 6, 11, 18, tzinfo=UTC)
RULES = BuyerRules(is_enabled=True, until_hours=24, kept_percentage=ZERO)
TICKET = HeldTicket(
    id=uuid4(),
    code="ABC",
    status=TicketStatus.VALID,
    is_given_away=False,
    is_blocked=False,
    is_frozen=False,
    starts_at=STARTS,
    is_event_cancelled=False,
)
EARLY = STARTS - timedelta(days=2)


def test_a_valid_ticket_may_go_back_until_the_event_is_near() -> None:
    until = STARTS - timedelta(hours=24)

    for now, why_not in (
        (EARLY, None),
        (until - timedelta(microseconds=1), None),
        (until, WhyKept.TOO_LATE),
        (STARTS + timedelta(days=1), WhyKept.TOO_LATE),
    ):
        given_back = may_give_back(TICKET, RULES, now=now)
        assert (given_back.why_not, given_back.until) == (why_not, until)


@pytest.mark.parametrize(
    ("change", "why_not"),
    [
        ({"status": TicketStatus.USED}, WhyKept.USED),
        *(
            ({"status": status}, WhyKept.OVER)
            for status in TicketStatus
            if status not in (TicketStatus.VALID, TicketStatus.USED)
        ),
        ({"is_given_away": True}, WhyKept.GIVEN_AWAY),
        ({"is_blocked": True}, WhyKept.BLOCKED),
        ({"is_frozen": True}, WhyKept.FROZEN),
        ({"is_event_cancelled": True}, WhyKept.EVENT_CANCELLED),
    ],
)
def test_what_is_no_buyers_to_give_back(change: dict[str, Any], why_not: WhyKept) -> None:
    given_back = may_give_back(replace(TICKET, **change), RULES, now=EARLY)

    assert (given_back.why_not, given_back.until) == (why_not, None)


def test_nothing_goes_back_where_the_organiser_does_not_allow_it() -> None:
    closed = replace(RULES, is_enabled=False)

    assert may_give_back(TICKET, closed, now=EARLY).why_not == WhyKept.DISABLED


def test_an_event_without_a_date_is_never_too_near() -> None:
    given_back = may_give_back(replace(TICKET, starts_at=None), RULES, now=STARTS)

    assert (given_back.why_not, given_back.until) == (None, None)


@given(st.decimals(0, 1000, places=2), st.decimals(0, 100, places=3))
def test_never_more_is_kept_than_was_paid(amount: Decimal, percentage: Decimal) -> None:
    kept = retention_fee(amount, percentage, "EUR")

    assert 0 <= kept <= amount
    assert kept == round(kept, 2)
