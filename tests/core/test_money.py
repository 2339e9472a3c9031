"""Money: exponents, rounding, formatting and splitting."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassa.core.money import allocate, exponent, format_amount, is_currency, round_money, smallest_unit

CURRENCIES = st.sampled_from(["JPY", "EUR", "KWD"])
AMOUNTS = st.decimals(min_value=-1_000_000, max_value=1_000_000, places=6)
WEIGHTS = st.lists(st.decimals(min_value=0, max_value=100_000, places=3), min_size=1, max_size=40)


def split(amount: str, weights: list[str], currency: str = "EUR") -> list[str]:
    return [
        str(part) for part in allocate(Decimal(amount), [Decimal(weight) for weight in weights], currency)
    ]


@pytest.mark.parametrize(("currency", "digits"), [("JPY", 0), ("EUR", 2), ("USD", 2), ("KWD", 3), ("TND", 3)])
def test_exponent_is_the_currencys_own(currency: str, digits: int) -> None:
    assert exponent(currency) == digits


@pytest.mark.parametrize(("currency", "unit"), [("JPY", "1"), ("EUR", "0.01"), ("KWD", "0.001")])
def test_smallest_unit_carries_the_currencys_decimals(currency: str, unit: str) -> None:
    assert str(smallest_unit(currency)) == unit


@pytest.mark.parametrize("code", ["EUR", "USD", "JPY", "KWD", "CHF"])
def test_is_currency_knows_currencies_in_use(code: str) -> None:
    assert is_currency(code) is True


@pytest.mark.parametrize("code", ["DEM", "XYZ", "eur", "", "XAU", "XXX"])
def test_is_currency_refuses_what_nobody_pays_with(code: str) -> None:
    assert is_currency(code) is False


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("1.005", "EUR", "1.01"),
        ("1.004999", "EUR", "1.00"),
        ("-1.005", "EUR", "-1.01"),
        ("0.5", "JPY", "1"),
        ("1.5", "JPY", "2"),
        ("2.5", "JPY", "3"),
        ("0.0005", "KWD", "0.001"),
        ("25", "EUR", "25.00"),
        ("-0.004", "EUR", "0.00"),
    ],
)
def test_round_money_rounds_half_up_to_the_currencys_decimals(
    amount: str, currency: str, rounded: str
) -> None:
    assert str(round_money(Decimal(amount), currency)) == rounded


@given(amount=AMOUNTS, currency=CURRENCIES)
def test_round_money_moves_by_half_a_unit_at_most(amount: Decimal, currency: str) -> None:
    rounded = round_money(amount, currency)

    assert rounded % smallest_unit(currency) == 0
    assert abs(rounded - amount) <= smallest_unit(currency) / 2
    assert round_money(rounded, currency) == rounded


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1234567.5", "EUR", "1234567.50"),
        ("1E+3", "JPY", "1000"),
        ("1E+3", "EUR", "1000.00"),
        ("0", "KWD", "0.000"),
        ("0E-9", "EUR", "0.00"),
        ("-2", "EUR", "-2.00"),
        ("-0.001", "EUR", "0.00"),
        ("12.345", "EUR", "12.35"),
    ],
)
def test_format_amount_is_a_plain_decimal(amount: str, currency: str, text: str) -> None:
    assert format_amount(Decimal(amount), currency) == text


def test_allocate_gives_the_remainder_to_the_largest_remainders() -> None:
    assert split("1.00", ["1", "3", "2"]) == ["0.17", "0.50", "0.33"]


def test_allocate_gives_ties_to_the_earlier_parts() -> None:
    assert split("0.05", ["1", "1", "1"]) == ["0.02", "0.02", "0.01"]


def test_allocate_splits_equally_where_all_weights_are_zero() -> None:
    assert split("1.00", ["0", "0", "0"]) == ["0.34", "0.33", "0.33"]


def test_allocate_gives_nothing_to_a_weight_of_zero() -> None:
    assert split("0.01", ["0", "5"]) == ["0.00", "0.01"]


def test_allocate_mirrors_a_negative_amount() -> None:
    assert split("-0.05", ["1", "1", "1"]) == ["-0.02", "-0.02", "-0.01"]


def test_allocate_keeps_weights_finer_than_any_currency() -> None:
    assert split("1.00", ["0.0001", "0.0003"]) == ["0.25", "0.75"]


@pytest.mark.parametrize(
    ("currency", "parts"), [("JPY", ["4", "3", "3"]), ("KWD", ["3.334", "3.333", "3.333"])]
)
def test_allocate_splits_to_the_currencys_smallest_unit(currency: str, parts: list[str]) -> None:
    assert split("10", ["1", "1", "1"], currency) == parts


@pytest.mark.parametrize(
    ("amount", "weights", "currency"),
    [("1.00", [], "EUR"), ("1.00", ["1", "-0.0001"], "EUR"), ("1.005", ["1"], "EUR"), ("0.5", ["1"], "JPY")],
)
def test_allocate_refuses_what_cannot_be_split(amount: str, weights: list[str], currency: str) -> None:
    with pytest.raises(ValueError, match=r"split|weight"):
        split(amount, weights, currency)


@given(amount=AMOUNTS, weights=WEIGHTS, currency=CURRENCIES)
def test_allocate_is_complete_and_fair(amount: Decimal, weights: list[Decimal], currency: str) -> None:
    amount = round_money(amount, currency)
    unit = Fraction(smallest_unit(currency))

    parts = allocate(amount, weights, currency)

    assert sum(parts) == amount
    assert len(parts) == len(weights)
    shares = [Fraction(weight) for weight in weights] if any(weights) else [Fraction(1)] * len(weights)
    for part, share in zip(parts, shares, strict=True):
        assert part % smallest_unit(currency) == 0
        assert abs(Fraction(part) - Fraction(amount) * share / sum(shares)) < unit


@given(amount=AMOUNTS, count=st.integers(1, 40), currency=CURRENCIES)
def test_allocate_over_equal_weights_never_favours_a_later_part(
    amount: Decimal, count: int, currency: str
) -> None:
    parts = allocate(abs(round_money(amount, currency)), [Decimal(7)] * count, currency)

    assert parts == sorted(parts, reverse=True)
    assert parts[0] - parts[-1] in {0, smallest_unit(currency)}
