"""Amounts and moments as other systems and other countries write them, in the spelling of the formats."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_GROUPED = re.compile(r"\d{1,3}(?:([.,\u00a0\u202f' ])\d{3})(?:\1\d{3})*[.,]\d{1,3}")
_DECIMAL_COMMA = re.compile(r"\d+,\d{1,3}")
_DATE = re.compile(
    r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:,? +(\d{1,2}):(\d\d)(?::(\d\d))? ?([ap]m)?)?", re.IGNORECASE
)

_UTC = re.compile(r" ?UTC\Z")


def rewrite_amount(text: str, *, has_decimal_commas: bool) -> str:
    """Return an amount with a point before the decimals; what is no amount, or could be two, stays as it is.

    ``1.234,50`` and ``1,234.50`` say themselves which sign is which. ``45,00`` is read where no commas part
    the cells of the file: there a comma is before decimals.
    """
    if _GROUPED.fullmatch(text) and re.sub(r"[\d]", "", text)[0] != re.sub(r"[\d]", "", text)[-1]:
        *whole, decimals = re.split(r"[^\d]", text)
        return f"{''.join(whole)}.{decimals}"
    if has_decimal_commas and _DECIMAL_COMMA.fullmatch(text):
        return text.replace(",", ".")
    return text


def rewrite_moment(text: str, time_zone: ZoneInfo | None, *, is_month_first: bool | None) -> str:
    """Return a moment with its offset, as ISO 8601 has it; what is none, or could be two, stays as it is.

    ``31.05.2026 20:30`` begins with the day. ``05/06/2026`` can be either; ``31/05/2026`` cannot.
    """
    written = _read_iso(text)
    if written is not None and (time_zone is None or written.tzinfo is not None):
        return text
    found = written or _read_iso(_UTC.sub("+00:00", text)) or _read_date(text, is_month_first)
    if found is None:
        return text
    if found.tzinfo is None:
        found = found.replace(tzinfo=time_zone or UTC)
    return found.isoformat()


def is_ambiguous(text: str) -> bool:
    """Say whether a date may begin with its day or its month."""
    found = _DATE.fullmatch(text)
    return found is not None and found[2] != "." and int(found[1]) <= 12 and int(found[3]) <= 12


def _read_iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _read_date(text: str, is_month_first: bool | None) -> datetime | None:
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    first, sign, second, year, hour, minute, seconds, half = found.groups()
    month_first = sign != "." and is_month_first
    if sign != "." and is_month_first is None:
        if is_ambiguous(text) and first != second:
            return None
        month_first = int(second) > 12
    day, month = (second, first) if month_first else (first, second)
    hours = int(hour or 0)
    if half is not None:
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    try:
        return datetime(int(year), int(month), int(day), hours, int(minute or 0), int(seconds or 0))  # noqa: DTZ001
    except ValueError:
        return None
