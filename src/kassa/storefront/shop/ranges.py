"""The days that visitors ask for most, as one click."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from kassa.storefront.shop.filters import Filters

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Range:
    """Some days, and the address of the list of them."""

    label: str
    link: str
    is_current: bool


def ranges_of(filters: Filters, *, today: date) -> tuple[Range, ...]:
    """Return the usual ranges of days, from today on, in the present language."""
    saturday = today + timedelta(days=max(0, SATURDAY - today.weekday()))
    sunday = saturday if today.weekday() > SATURDAY else saturday + timedelta(days=1)
    named = (
        (_("All dates"), None, None),
        (_("Today"), today, today),
        (_("This weekend"), max(today, saturday), sunday),
        (_("Next 7 days"), today, today + timedelta(days=6)),
        (_("Next 30 days"), today, today + timedelta(days=29)),
    )
    return tuple(
        Range(
            label,
            filters.link(**{"from": str(first or ""), "to": str(last or "")}),
            (filters.first_day, filters.last_day) == (first, last),
        )
        for label, first, last in named
    )
