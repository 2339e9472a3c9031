"""Dates, times and amounts as people write them in each language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.dateformat import format as format_date
from django.utils.translation import override

from kassa.core.languages import Language
from kassa.core.money import format_amount

ONE_NIGHT = timedelta(hours=12)
"""What ends within these after it started is told as one day, though it may end past midnight."""
_SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥", "INR": "₹", "PLN": "zł"}
_BEFORE = frozenset({"EUR", "GBP", "USD", "JPY", "INR"})
"""Whose symbol English puts before the amount."""


@lru_cache(maxsize=512)
def zone_named(name: str) -> tzinfo:
    """Return a time zone; UTC for a name that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def written_date(moment: datetime, language: str) -> str:
    """Return a local day with its weekday: ``Friday 12 June 2027``, ``vendredi 12 juin 2027``."""
    with override(language):
        day = "1er" if language == Language.FRENCH and moment.day == 1 else str(moment.day)
        return f"{format_date(moment, 'l')} {day} {format_date(moment, 'F Y')}"


def written_time(moment: datetime, language: str) -> str:
    """Return a local time of day: ``19:30``, ``19 h 30``."""
    if language == Language.FRENCH:
        minutes = f"\N{NO-BREAK SPACE}{moment.minute:02}" if moment.minute else ""
        return f"{moment.hour}\N{NO-BREAK SPACE}h{minutes}"
    return f"{moment.hour:02}:{moment.minute:02}"


def written_zone(moment: datetime) -> str:
    """Return what people call the clock of a local moment: ``CEST``, ``UTC+3``."""
    name = moment.tzname() or ""
    return f"UTC{name}" if name.startswith(("+", "-")) else name


def is_one_day(starts: datetime, ends: datetime) -> bool:
    """Say whether two local moments are told as one day."""
    return starts.date() == ends.date() or ends - starts <= ONE_NIGHT


def written_amount(amount: Decimal, currency: str, language: str) -> str:
    """Return an amount with its currency: ``€45.00``, ``45,00 €``."""
    plain = format_amount(amount, currency)
    symbol = _SYMBOLS.get(currency, currency)
    if language == Language.FRENCH:
        return f"{plain.replace('.', ',')}\N{NO-BREAK SPACE}{symbol}"
    return f"{symbol}{plain}" if currency in _BEFORE else f"{plain}\N{NO-BREAK SPACE}{symbol}"
