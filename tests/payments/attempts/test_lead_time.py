"""A transfer is due before what was bought begins, or it is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kassa.catalog.models import Event
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.orders.queries import find_first_start
from kassa.payments.domain.accounts import configure_provider
from kassa.payments.errors import PaymentTooSlow
from kassa.payments.providers.lead_time import arrives_in_time, last_day_to_pay
from kassa.payments.providers.manual import due_date
from tests.payments.cashier import Cashier
from tests.support.factories import line, make_event, make_product, make_ticket_type

PARIS = ZoneInfo("Europe/Paris")
ACCOUNT = {"account_holder": "Harbour Hall", "iban": "DE89370400440532013000"}


def place_for(cashier: Cashier, *starts: timedelta, **fields: Any) -> Any:
    events = [make_event(cashier.organization, starts_at=utc_now() + after, **fields) for after in starts]
    return cashier.place(*(line(make_ticket_type(event)) for event in events))


def set_days(cashier: Cashier, **days: int) -> None:
    configure_provider(
        CommandContext.system(cashier.organization.id, now=utc_now()),
        "manual",
        configuration={**ACCOUNT, **days},
        secrets={},
        is_enabled=True,
    )


@pytest.mark.parametrize(
    ("now", "days", "in_time"),
    [
        (datetime(2026, 11, 28, 23, 59, tzinfo=PARIS), 2, True),
        (datetime(2026, 11, 29, 0, 0, tzinfo=PARIS), 2, False),
        (datetime(2026, 11, 28, 23, 30, tzinfo=UTC), 2, False),  # it is the 29th in Paris
        (datetime(2026, 11, 30, 8, 0, tzinfo=PARIS), 1, False),
        (datetime(2026, 11, 29, 23, 0, tzinfo=PARIS), 1, True),
        (datetime(2026, 12, 24, 0, 0, tzinfo=PARIS), 1, False),
        (datetime(2026, 12, 24, 0, 0, tzinfo=PARIS), 0, True),
    ],
)
def test_days_are_counted_on_the_calendar_of_the_place(now: datetime, days: int, in_time: bool) -> None:
    """A coach that leaves on 30 November at 8:00 in Paris."""
    assert arrives_in_time(datetime(2026, 11, 30, 8, 0, tzinfo=PARIS), days, now=now) is in_time


def test_due_day_is_the_earlier_of_both() -> None:
    now, begins_at = datetime(2026, 11, 20, 12, 0, tzinfo=UTC), datetime(2026, 11, 25, 20, 0, tzinfo=PARIS)
    assert last_day_to_pay(begins_at, 2) == date(2026, 11, 23)
    assert due_date(now, 7, begins_at=begins_at, lead_days=2) == date(2026, 11, 23)
    assert due_date(now, 2, begins_at=begins_at, lead_days=2) == date(2026, 11, 22)


def test_transfer_is_due_before_the_first_of_what_was_bought(cashier: Cashier) -> None:
    order = place_for(cashier, timedelta(days=90), timedelta(days=5), timedelta(days=30))
    begins_at = find_first_start(order.organization_id, order.id)
    assert begins_at is not None

    attempt = cashier.open(order, "manual")

    assert attempt.instructions is not None
    due = date.fromisoformat(attempt.instructions["due_date"])
    assert due == begins_at.date() - timedelta(days=2)
    held = cashier.order(order.id).expires_at
    assert held is not None
    assert held <= begins_at


def test_hold_ends_when_it_begins(cashier: Cashier) -> None:
    set_days(cashier, lead_days=1)
    order = place_for(cashier, timedelta(days=3))

    cashier.open(order, "manual")

    assert cashier.order(order.id).expires_at == Event.unscoped.get(id=order.event_id).starts_at


def test_transfer_for_tomorrow_is_refused_and_costs_no_attempt(cashier: Cashier) -> None:
    order = place_for(cashier, timedelta(days=1))

    with pytest.raises(PaymentTooSlow) as refusal:
        cashier.open(order, "manual")

    assert refusal.value.details["providers"] == ["free", "memory", "other"]
    assert refusal.value.details["days"] == 2
    assert cashier.order(order.id).payment_attempts == 0
    # The control: where transfers take a day, the same order can be paid by one.
    set_days(cashier, lead_days=1)
    assert cashier.open(order, "manual").status == "open"


@pytest.mark.parametrize("after", [timedelta(minutes=-5), timedelta(days=-40)])
def test_what_has_begun_is_not_paid_by_transfer(cashier: Cashier, after: timedelta) -> None:
    order = place_for(cashier, after, kind="course", ends_at=utc_now() + timedelta(days=40))

    with pytest.raises(PaymentTooSlow):
        cashier.open(order, "manual")
    assert cashier.open(order, "memory").status == "open"


def test_what_has_no_date_is_due_as_ever(cashier: Cashier) -> None:
    undated = make_event(cashier.organization, kind="course", starts_at=None)
    poster = make_product(cashier.organization, event=make_event(cashier.organization, starts_at=utc_now()))
    order = cashier.place(line(make_ticket_type(undated)), line(poster))

    attempt = cashier.open(order, "manual")

    assert attempt.instructions is not None
    assert attempt.instructions["due_date"] == due_date(attempt.created_at, 7).isoformat()
