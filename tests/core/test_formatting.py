"""One table of what people write: amounts, numbers, dates, times and spans, by locale and clock."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassa.core import formatting
from kassa.core.formatting import (
    DateStyle,
    describe_span,
    format_date,
    format_datetime,
    format_duration,
    format_money,
    format_number,
    format_percent,
    format_short_datetime,
    format_span,
    format_time,
    zone_named,
)
from kassa.core.money import format_amount, round_money

BERLIN, PARIS, NEW_YORK = (
    zone_named("Europe/Berlin"),
    zone_named("Europe/Paris"),
    zone_named("America/New_York"),
)
N, T, M = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}", "\N{MINUS SIGN}"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "written"),
    [
        ("45", "EUR", "en", "€45.00"),
        ("12345.50", "EUR", "en", "€12,345.50"),
        ("12345.50", "EUR", "fr", f"12{T}345,50{N}€"),
        ("12345", "XOF", "en", f"FCFA{N}12,345"),
        ("12345", "XOF", "fr", f"12{T}345{N}FCFA"),
        ("12345", "XAF", "fr", f"12{T}345{N}FCFA"),
        ("12345.50", "CAD", "en", "CA$12,345.50"),
        ("12345.50", "CAD", "fr", f"12{T}345,50{N}$CA"),
        ("12345.50", "CAD", "fr-CA", f"12{N}345,50{N}$"),
        ("45", "CHF", "en", f"CHF{N}45.00"),
        ("45", "CHF", "fr", f"45,00{N}CHF"),
        ("9", "USD", "en", "$9.00"),
        ("9", "JPY", "en", "¥9"),
        ("1.5", "KWD", "en", f"KWD{N}1.500"),
        ("1500.25", "IQD", "en", f"IQD{N}1,500.250"),
        ("-9", "GBP", "en", f"{M}£9.00"),
        ("-1234.5", "EUR", "fr", f"{M}1{T}234,50{N}€"),
        ("0", "EUR", "fr", f"0,00{N}€"),
        ("12345.50", "EUR", "de", f"12.345,50{N}€"),
        ("12345.50", "CHF", "de_CH", f"CHF{N}12\u2019345.50"),
        ("12345.50", "INR", "hi_IN", "₹12,345.50"),
        ("1234567.50", "INR", "en_IN", "₹12,34,567.50"),
        ("45", "EUR", "nobody-speaks-this", "€45.00"),
    ],
)
def test_amounts(amount: str, currency: str, locale: str, written: str) -> None:
    assert format_money(Decimal(amount), currency, locale) == written
    assert format_money(amount, currency, locale) == written


@given(
    st.decimals(min_value=-9_999_999, max_value=9_999_999, places=3),
    st.sampled_from(["EUR", "JPY", "KWD", "XOF", "IQD", "IDR"]),
    st.sampled_from(["en", "fr", "de", "fr-CA", "en-IN", "pt_BR"]),
)
def test_no_digit_of_an_amount_is_lost(amount: Decimal, currency: str, locale: str) -> None:
    rounded = round_money(amount, currency)
    written = format_money(rounded, currency, locale)
    digits = "".join(letter for letter in written if letter.isdigit())
    assert digits == format_amount(abs(rounded), currency).replace(".", "")
    assert written.startswith(M) is (rounded < 0)


@pytest.mark.parametrize(
    ("number", "locale", "written"),
    [
        (12345, "en", "12,345"),
        (12345, "fr", f"12{T}345"),
        (-12345, "fr", f"{M}12{T}345"),
        (7, "fr", "7"),
        (Decimal("0.5"), "fr", "0,5"),
        (12345, "de", "12.345"),
    ],
)
def test_numbers(number: int | Decimal, locale: str, written: str) -> None:
    assert format_number(number, locale) == written


@pytest.mark.parametrize(
    ("rate", "locale", "written"),
    [
        ("20", "en", "20%"),
        ("20.00", "fr", f"20{N}%"),
        ("5.5", "fr", f"5,5{N}%"),
        ("7.700", "en", "7.7%"),
        ("8.125", "en", "8.125%"),
        ("19", "de", f"19{N}%"),
    ],
)
def test_rates(rate: str, locale: str, written: str) -> None:
    assert format_percent(Decimal(rate), locale) == written


@pytest.mark.parametrize(
    ("day", "locale", "style", "written"),
    [
        ("2026-11-21", "en", "full", "Saturday 21 November 2026"),
        ("2026-11-21", "en", "long", "21 November 2026"),
        ("2026-11-21", "en", "short", "Sat 21 Nov"),
        ("2026-11-21", "en", "short_with_year", "Sat 21 Nov 2026"),
        ("2026-11-21", "en", "numeric", "2026-11-21"),
        ("2026-11-21", "fr", "numeric", "21/11/2026"),
        ("2027-01-01", "fr", "numeric", "01/01/2027"),
        ("2026-11-21", "en-GB", "numeric", "21/11/2026"),
        ("2026-11-21", "de", "numeric", "21.11.2026"),
        ("2026-11-21", "en", "month", "November 2026"),
        ("2026-11-21", "en", "weekday", "Saturday"),
        ("2026-11-21", "en", "short_weekday", "Sat"),
        ("2026-11-21", "en", "day", "21"),
        ("2026-11-21", "en", "short_month", "Nov"),
        ("2026-11-21", "fr", "full", "samedi 21 novembre 2026"),
        ("2026-11-21", "fr", "short", "sam. 21 nov."),
        ("2026-11-21", "fr", "short_with_year", "sam. 21 nov. 2026"),
        ("2026-11-21", "fr", "month", "novembre 2026"),
        ("2027-01-01", "fr", "full", "vendredi 1er janvier 2027"),
        ("2027-01-01", "fr", "long", "1er janvier 2027"),
        ("2027-01-01", "fr", "short", "ven. 1er janv."),
        ("2027-01-01", "fr", "day", "1"),
        ("2027-01-11", "fr", "long", "11 janvier 2027"),
        ("2026-11-21", "en-GB", "full", "Saturday, 21 November 2026"),
        ("2026-11-21", "en-US", "full", "Saturday, November 21, 2026"),
        ("2026-11-21", "de", "full", "Samstag, 21. November 2026"),
    ],
)
def test_days(day: str, locale: str, style: DateStyle, written: str) -> None:
    assert format_date(date.fromisoformat(day), locale, style) == written


@pytest.mark.parametrize(
    ("moment", "zone", "locale", "written"),
    [
        ("2026-12-05T19:30", "Europe/Paris", "en", "Saturday 5 December 2026, 20:30 CET"),
        ("2026-12-05T19:30", "Europe/Paris", "fr", "samedi 5 décembre 2026, 20:30 CET"),
        ("2026-12-05T19:30", "UTC", "en", "Saturday 5 December 2026, 19:30 UTC"),
        ("2026-12-05T19:30", "Asia/Bangkok", "en", "Sunday 6 December 2026, 02:30 UTC+7"),
        ("2026-12-05T19:30", "America/Sao_Paulo", "fr", f"samedi 5 décembre 2026, 16:30 UTC{M}3"),
        ("2026-12-05T19:30", "Asia/Kathmandu", "en", "Sunday 6 December 2026, 01:15 UTC+5:45"),
        ("2026-12-05T19:30", "America/New_York", "en-US", f"Saturday, December 5, 2026, 2:30{T}PM EST"),
        ("2027-10-31T00:30", "Europe/Berlin", "en", "Sunday 31 October 2027, 02:30 CEST"),
        ("2027-10-31T01:30", "Europe/Berlin", "en", "Sunday 31 October 2027, 02:30 CET"),
        ("2026-12-05T19:30", "Europe/Nowhere", "en", "Saturday 5 December 2026, 19:30 UTC"),
    ],
)
def test_moments(moment: str, zone: str, locale: str, written: str) -> None:
    assert format_datetime(utc(moment), zone_named(zone), locale) == written


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        ("2027-10-30T23:59", "01:59"),
        ("2027-10-31T00:00", "02:00 CEST"),
        ("2027-10-31T00:59", "02:59 CEST"),
        ("2027-10-31T01:00", "02:00 CET"),
        ("2027-10-31T01:59", "02:59 CET"),
        ("2027-10-31T02:00", "03:00"),
        ("2027-03-28T00:59", "01:59"),
        ("2027-03-28T01:00", "03:00"),
    ],
)
def test_a_time_that_comes_twice_says_which_one_it_is(moment: str, written: str) -> None:
    assert format_time(utc(moment), BERLIN, "en") == written


@pytest.mark.parametrize(
    ("starts", "ends", "zone", "written"),
    [
        ("2026-11-21T19:00", None, "Europe/Paris",
         "Saturday 21 November 2026, 20:00 CET"),
        ("2026-11-21T19:00", "2026-11-21T19:00", "Europe/Paris",
         "Saturday 21 November 2026, 20:00 CET"),
        ("2026-11-21T19:00", "2026-11-21T21:00", "Europe/Paris",
         "Saturday 21 November 2026, 20:00 - 22:00 CET"),
        ("2026-11-21T22:00", "2026-11-22T05:00", "Europe/Paris",
         "Saturday 21 November 2026, 23:00 - 06:00 CET"),
        ("2026-11-21T09:00", "2026-11-21T23:00", "Europe/Paris",
         "Saturday 21 November 2026, 10:00 - 00:00 CET"),
        ("2026-11-21T19:00", "2026-11-22T09:00", "Europe/Paris",
         "Saturday 21 November 2026, 20:00 - Sunday 22 November 2026, 10:00 CET"),
        ("2027-10-31T00:45", "2027-10-31T01:15", "Europe/Berlin",
         "Sunday 31 October 2027, 02:45 CEST - 02:15 CET"),
        ("2027-10-31T01:30", "2027-10-31T03:30", "Europe/Berlin",
         "Sunday 31 October 2027, 02:30 - 04:30 CET"),
        ("2027-10-30T21:00", "2027-10-31T04:00", "Europe/Berlin",
         "Saturday 30 October 2027, 23:00 CEST - 05:00 CET"),
        ("2027-03-28T00:30", "2027-03-28T01:30", "Europe/Berlin",
         "Sunday 28 March 2027, 01:30 CET - 03:30 CEST"),
        ("2027-11-07T05:30", "2027-11-07T06:30", "America/New_York",
         "Sunday 7 November 2027, 01:30 EDT - 01:30 EST"),
        ("2027-04-03T14:30", "2027-04-03T15:10", "Australia/Lord_Howe",
         "Sunday 4 April 2027, 01:30 UTC+11 - 01:40 UTC+10:30"),
        ("2027-10-29T08:00", "2027-11-01T17:00", "Europe/Berlin",
         "Friday 29 October 2027, 10:00 CEST - Monday 1 November 2027, 18:00 CET"),
    ],
)  # fmt: skip
def test_spans(starts: str, ends: str | None, zone: str, written: str) -> None:
    span = format_span(utc(starts), utc(ends) if ends else None, zone_named(zone), "en")
    assert span == written.replace(" - ", " \N{EN DASH} ")


def test_a_span_in_parts_says_the_same() -> None:
    span = describe_span(utc("2027-10-31T00:45"), utc("2027-10-31T01:15"), BERLIN, "fr")
    assert (span.first_day, span.last_day, span.clock) == ("dimanche 31 octobre 2027", "", "")
    assert span.times == "02:45 CEST \N{EN DASH} 02:15 CET"
    days = describe_span(utc("2026-11-21T19:00"), utc("2026-11-23T11:00"), PARIS, "fr")
    assert (days.first_day, days.start) == ("samedi 21 novembre 2026", "20:00")
    assert (days.last_day, days.end, days.clock) == ("lundi 23 novembre 2026", "12:00", "CET")


@given(
    seconds=st.integers(1_577_836_800, 1_893_456_000),
    minutes=st.integers(1, 60 * 40),
    zone=st.sampled_from(sorted(available_timezones())),
)
def test_no_span_reads_as_if_it_ended_before_it_began(seconds: int, minutes: int, zone: str) -> None:
    """Two times of one day and one clock are in order, unless the end is after midnight."""
    clock = zone_named(zone)
    starts = datetime.fromtimestamp(seconds - seconds % 60, UTC)
    ends = starts + timedelta(minutes=minutes)
    span = describe_span(starts, ends, clock, "en")
    past_midnight = starts.astimezone(clock).date() != ends.astimezone(clock).date()
    if span.clock and not span.last_day and not past_midnight:
        assert span.start <= span.end
    if not span.clock:
        assert span.start[5:] != span.end[5:]


def test_short_moments_name_the_year_only_where_it_is_another_one() -> None:
    moment, now = utc("2026-11-21T19:00"), utc("2026-10-01T12:00")
    assert format_short_datetime(moment, PARIS, "en", now=now) == "Sat 21 Nov, 20:00"
    assert format_short_datetime(moment, PARIS, "fr", now=now, separator=" · ") == "sam. 21 nov. · 20:00"
    earlier = utc("2025-12-31T12:00")
    assert format_short_datetime(moment, PARIS, "en", now=earlier) == "Sat 21 Nov 2026, 20:00"
    # At the turn of the year it is the reader's place that says which year it is.
    assert format_short_datetime(utc("2027-01-01T03:00"), NEW_YORK, "en", now=now) == "Thu 31 Dec, 22:00"


@pytest.mark.parametrize(
    ("minutes", "written"), [(45, "45 min"), (120, "2 h"), (160, "2 h 40 min"), (0, "0 min"), (1500, "25 h")]
)
def test_durations(minutes: int, written: str) -> None:
    assert format_duration(timedelta(minutes=minutes)) == written.replace(" ", N)


WRITES_DATES = re.compile(
    r"\.strftime\(|django\.utils\.(?:dateformat|formats|dates)\b|from babel|import babel|number_format\("
    r"|\|(?:date|time|floatformat|intcomma)\b(?!:['\"](?:c|j|Y-m-d)['\"])"
)
"""Other ways to write an amount or a moment. ``|date:'c'`` and its like write for programs."""
ALLOWED = {
    "core/formatting.py": "is the one that does",
    "api/event_schemas.py": "start_time and end_time are data",
    "runtime/child.py": "a line of a log",
    "mailbox/templates": "a tool for developers, with seconds",
    "integrations/demo_bank": "an outside bank, with its own ways",
}


def test_nothing_else_writes_amounts_and_moments() -> None:
    source = Path(formatting.__file__).parent.parent
    found = [
        str(path.relative_to(source))
        for path in [*source.rglob("*.py"), *source.rglob("*.html"), *source.rglob("*.xml")]
        if WRITES_DATES.search(path.read_text(encoding="utf-8"))
    ]
    assert sorted(one for one in found if not one.startswith(tuple(ALLOWED))) == []
