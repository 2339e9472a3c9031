"""Amounts and moments as people write them, in their language."""

from __future__ import annotations

from datetime import datetime, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.formats import date_format, number_format

from kassa.core.languages import Language
from kassa.core.money import exponent

SYMBOLS = {
    "EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "CHF": "CHF", "CAD": "CA$", "AUD": "A$",
    "XOF": "FCFA", "XAF": "FCFA", "MAD": "MAD", "TND": "TND",
}  # fmt: skip
IN_FRONT = frozenset({"€", "$", "£", "¥", "₹", "CA$", "A$"})


def format_money(amount: Decimal | str, currency: str, language: str) -> str:
    """Return an amount with its currency: €45.00, 45,00 €."""
    with translation.override(language):
        number = number_format(
            Decimal(amount), decimal_pos=exponent(currency), use_l10n=True, force_grouping=True
        )
    symbol = SYMBOLS.get(currency, currency)
    if language == Language.ENGLISH and symbol in IN_FRONT:
        return f"{symbol}{number}"
    return f"{number}\u00a0{symbol}"


def format_day(moment: datetime, zone: tzinfo, language: str) -> str:
    """Return the day: Saturday, 5 December 2026; samedi 5 décembre 2026."""
    pattern = "l, j F Y" if language == Language.ENGLISH else "l j F Y"
    with translation.override(language):
        return str(date_format(moment.astimezone(zone), pattern))


def format_time(moment: datetime, zone: tzinfo) -> str:
    """Return the time of day: 20:30."""
    return moment.astimezone(zone).strftime("%H:%M")


def format_when(moment: datetime, zone: tzinfo, language: str) -> str:
    """Return day, time and the clock they are on: Saturday, 5 December 2026, 20:30 (CET)."""
    local = moment.astimezone(zone)
    clock = local.strftime("%Z")
    # A zone without a name of its own calls itself by its distance, such as +07.
    clock = f"UTC{clock}" if clock[:1] in "+-" else clock
    return f"{format_day(moment, zone, language)}, {local:%H:%M} ({clock})"


def zone_named(name: str) -> tzinfo:
    """Return a time zone; that of UTC for a name that is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
