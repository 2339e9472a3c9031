"""Money that is days on its way has to be sent long enough before what was bought begins."""

from __future__ import annotations

from datetime import date, datetime, timedelta


def last_day_to_pay(begins_at: datetime, days_under_way: int) -> date:
    """Return the last day on which a payment is made in time to arrive before a moment, on its clock."""
    return begins_at.date() - timedelta(days=days_under_way)


def arrives_in_time(begins_at: datetime, days_under_way: int, *, now: datetime) -> bool:
    """Say whether a payment that is made today arrives before a moment; one without delay always does."""
    return not days_under_way or now.astimezone(begins_at.tzinfo).date() <= last_day_to_pay(
        begins_at, days_under_way
    )
