"""Amounts, numbers, dates, times and spans as people write them, in any locale and on any clock. Pure.

The only module that writes them: pages, messages, documents and sentences of the API all call it. The data is
Unicode's CLDR, through Babel; what people write otherwise than CLDR stands in the tables at the top.
"""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date as apply_pattern
from babel.dates import format_time as apply_time_pattern
from babel.numbers import format_decimal, get_currency_symbol

from kassa.core.money import exponent

DateStyle = Literal[
    "full",
    "long",
    "short",
    "short_with_year",
    "numeric",
    "month",
    "weekday",
    "short_weekday",
    "day",
    "short_month",
]
"""By the example of 21 November 2026: ``Saturday 21 November 2026``, ``21 November 2026``, ``Sat 21 Nov``,
``Sat 21 Nov 2026``, ``2026-11-21``, ``November 2026``, ``Saturday``, ``Sat``, ``21``, ``Nov``."""

FALLBACK = "en"
"""Stands in for a locale that nobody knows."""
DATES_LIKE = {"en": "en_GB"}
"""English without a country has the day before the month, and hours that run to 24."""
SYMBOLS = {"XOF": "FCFA", "XAF": "FCFA"}
"""What people write and CLDR does not."""
SKELETONS: dict[DateStyle, str] = {
    "short": "MMMEd",
    "short_with_year": "yMMMEd",
    "numeric": "yMd",
    "month": "yMMMM",
    "weekday": "EEEE",
    "short_weekday": "E",
    "day": "d",
    "short_month": "MMM",
}
PATTERNS: dict[tuple[str, DateStyle], str] = {
    ("en", "full"): "EEEE d MMMM y",
    ("en", "short_with_year"): "EEE d MMM y",
    ("en", "numeric"): "y-MM-dd",
}
NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
TO = " \N{EN DASH} "
TIMES = " \N{MULTIPLICATION SIGN} "
ONE_NIGHT = timedelta(hours=12)
"""What ends within these after it started is written as one day, though it may end past midnight."""

_LETTER_AND_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)")
_DAY_OF_MONTH = re.compile(r"(?<!d)d(?!d)")
_OFFSET = re.compile(r"([+-])(\d{2})(?::?(\d{2}))?")


@dataclass(frozen=True, slots=True)
class Span:
    """When something begins and ends, in the parts that a layout sets apart."""

    first_day: str
    last_day: str
    """Empty: all of it is written as one day."""
    start: str
    """``20:00``; with its clock, ``02:45 CEST``, where the end is on another one."""
    end: str
    """Empty: nobody has said when it ends."""
    clock: str
    """``CET``, which both times are read on; empty: each time names its own."""

    @property
    def times(self) -> str:
        """Both times without a day: ``20:00 - 22:00``, with a dash."""
        return f"{self.start}{TO}{self.end}" if self.end else self.start

    def __str__(self) -> str:
        first = f"{self.first_day}, {self.start}"
        last = f"{self.last_day}, {self.end}" if self.last_day else self.end
        return " ".join(part for part in (f"{first}{TO}{last}" if last else first, self.clock) if part)


@lru_cache(maxsize=4096)
def format_money(amount: Decimal | str, currency: str, locale: str) -> str:
    """Return an amount with its currency and all its decimals: ``€45.00``, ``45,00 €``, ``CA$9.00``."""
    value = Decimal(amount)
    numbers = _parse_locale(locale)
    pattern = copy(numbers.currency_formats["standard"])
    pattern.frac_prec = (exponent(currency),) * 2
    written = str(pattern.apply(abs(value), numbers, currency=currency, currency_digits=False))
    if currency in SYMBOLS:
        written = written.replace(get_currency_symbol(currency, numbers), SYMBOLS[currency])
    written = _LETTER_AND_DIGIT.sub(NO_BREAK, written)
    return f"{MINUS}{written}" if value < 0 else written


def format_number(number: int | Decimal, locale: str) -> str:
    """Return a number with its groups: ``12,345``, ``12 345``, ``0.5``, ``0,5``."""
    value = Decimal(number)
    written = str(format_decimal(abs(value), locale=_parse_locale(locale), decimal_quantization=False))
    return f"{MINUS}{written}" if value < 0 else written


def format_percent(rate: Decimal, locale: str) -> str:
    """Return a rate that is given in percent: ``7.7%``, ``7,7 %``."""
    numbers = _parse_locale(locale)
    pattern = numbers.percent_formats[None]
    return str(pattern.apply(rate / 100, numbers, decimal_quantization=False))


def format_quantity(quantity: int, name: str) -> str:
    """Return how many of what: ``2 × Adult``."""  # noqa: RUF002
    return f"{quantity}{TIMES}{name}"


def format_date(day: date, locale: str, style: DateStyle = "full") -> str:
    """Return a day; of a moment, the day on its own clock. The first of a month is ``1er`` in French."""
    dates = _dates_locale(locale)
    pattern = PATTERNS.get((str(_parse_locale(locale)), style)) or _date_pattern(dates, style)
    if dates.language == "fr" and day.day == 1 and style != "day":
        pattern = _DAY_OF_MONTH.sub("d'er'", pattern)
    return str(apply_pattern(day, pattern, locale=dates))


def format_short_date(day: date, locale: str, *, today: date) -> str:
    """Return a day in short, with its year if that is not the present one: ``Sat 21 Nov``."""
    return format_date(day, locale, "short" if day.year == today.year else "short_with_year")


def format_time(moment: datetime, zone: tzinfo, locale: str) -> str:
    """Return a time of day: ``20:30``. In an hour that comes twice it names its clock: ``02:30 CET``."""
    local = moment.astimezone(zone)
    written = _format_clock_time(local, locale)
    return f"{written} {name_clock(local)}" if is_ambiguous(local) else written


def format_datetime(moment: datetime, zone: tzinfo, locale: str) -> str:
    """Return day, time and clock: ``Saturday 5 December 2026, 20:30 CET``."""
    local = moment.astimezone(zone)
    return f"{format_date(local, locale)}, {_format_clock_time(local, locale)} {name_clock(local)}"


def format_short_datetime(
    moment: datetime, zone: tzinfo, locale: str, *, now: datetime, separator: str = ", "
) -> str:
    """Return a moment in short: ``Sat 21 Nov, 20:00``, with the year if it is not the present one."""
    day = format_short_date(moment.astimezone(zone), locale, today=now.astimezone(zone))
    return f"{day}{separator}{format_time(moment, zone, locale)}"


def format_span(starts: datetime, ends: datetime | None, zone: tzinfo, locale: str) -> str:
    """Return when something begins and ends: ``Saturday 21 November 2026, 20:00 - 22:00 CET``."""
    return str(describe_span(starts, ends, zone, locale))


def describe_span(starts: datetime, ends: datetime | None, zone: tzinfo, locale: str) -> Span:
    """Return when something begins and ends, in parts. Its end may be the same moment, or not be known."""
    start = starts.astimezone(zone)
    first_day, written = format_date(start, locale), _format_clock_time(start, locale)
    if ends is None or ends == starts:
        return Span(first_day, "", written, "", name_clock(start))
    end = ends.astimezone(zone)
    last_day = "" if is_one_day(start, end) else format_date(end, locale)
    last = _format_clock_time(end, locale)
    if start.utcoffset() == end.utcoffset():
        return Span(first_day, last_day, written, last, name_clock(start))
    names = name_clock(start), name_clock(end)
    if names[0] == names[1]:
        names = _name_offset(start), _name_offset(end)
    return Span(first_day, last_day, f"{written} {names[0]}", f"{last} {names[1]}", "")


def format_duration(duration: timedelta) -> str:
    """Return how long something takes, to the minute, in the symbols of all languages: ``2 h 40 min``."""
    hours, minutes = divmod(int(duration.total_seconds()) // 60, 60)
    parts = [f"{hours}{NO_BREAK}h"] if hours else []
    if minutes or not hours:
        parts.append(f"{minutes}{NO_BREAK}min")
    return NO_BREAK.join(parts)


def name_clock(local: datetime) -> str:
    """Return what people call the clock of a local moment: ``CEST``, or how far it is from UTC: ``UTC+7``."""
    name = local.tzname() or ""
    return name if name.isalpha() else _name_offset(local)


def is_ambiguous(local: datetime) -> bool:
    """Say whether the clock of a local moment shows the same time twice that day."""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def is_one_day(start: datetime, end: datetime) -> bool:
    """Say whether two local moments are written as one day: an evening that ends at midnight or after is."""
    # Python subtracts two moments of one zone by the hands of its clock, which may be turned in between.
    takes = end.astimezone(UTC) - start.astimezone(UTC)
    return takes <= ONE_NIGHT or start.date() == (end - timedelta(microseconds=1)).date()


@lru_cache(maxsize=512)
def zone_named(name: str) -> tzinfo:
    """Return a time zone; UTC for a name that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def _format_clock_time(local: datetime, locale: str) -> str:
    return str(apply_time_pattern(local, "short", locale=_dates_locale(locale)))


def _name_offset(local: datetime) -> str:
    minutes = int((local.utcoffset() or timedelta()).total_seconds()) // 60
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else MINUS}{hours}{f':{rest:02}' if rest else ''}"


def _date_pattern(dates: Locale, style: DateStyle) -> str:
    if style in ("full", "long"):
        return str(dates.date_formats[style].pattern)
    skeleton = SKELETONS[style]
    return (
        str(dates.datetime_skeletons[skeleton].pattern) if skeleton in dates.datetime_skeletons else skeleton
    )


def _dates_locale(code: str) -> Locale:
    numbers = _parse_locale(code)
    like = DATES_LIKE.get(str(numbers))
    return _parse_locale(like) if like else numbers


@lru_cache(maxsize=256)
def _parse_locale(code: str) -> Locale:
    wanted = code.replace("-", "_")
    for name in (wanted, wanted.partition("_")[0]):
        try:
            return Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse(FALLBACK)
