"""Minor units: exact in both directions, or refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassa.core.money import exponent
from kassa.integrations.stripe.amounts import NotChargeable, from_minor, to_minor

CURRENCIES = [
    "EUR",
    "USD",
    "HUF",
    "TWD",
    "JPY",
    "KRW",
    "CLP",
    "XOF",
    "MGA",
    "ISK",
    "UGX",
    "KWD",
    "BHD",
    "TND",
]


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.5", "EUR", 1250),
        ("0.01", "USD", 1),
        ("10.45", "HUF", 1045),
        ("800.00", "TWD", 80000),
        ("500", "JPY", 500),
        ("100", "XOF", 100),
        ("100.00", "MGA", 100),
        ("5", "ISK", 500),
        ("5", "UGX", 500),
        ("5.120", "KWD", 5120),
    ],
)
def test_an_amount_is_counted_as_stripe_counts(amount: str, currency: str, minor: int) -> None:
    assert to_minor(Decimal(amount), currency) == minor
    assert from_minor(minor, currency.lower()) == Decimal(amount)


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("0.001", "EUR"),
        ("0.5", "JPY"),
        ("5.50", "MGA"),
        ("0.5", "ISK"),
        ("0.01", "UGX"),
        ("5.124", "KWD"),
        ("0.001", "BHD"),
        ("NaN", "EUR"),
        ("Infinity", "EUR"),
    ],
)
def test_what_stripe_cannot_charge_exactly_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(NotChargeable, match="decimals"):
        to_minor(Decimal(amount), currency)


@given(
    st.sampled_from(CURRENCIES),
    st.integers(min_value=-(10**13), max_value=10**13),
)
def test_an_amount_comes_back_as_it_went_or_does_not_go(currency: str, units: int) -> None:
    amount = Decimal(units).scaleb(-exponent(currency))

    try:
        minor = to_minor(amount, currency)
    except NotChargeable:
        assert currency in ("MGA", "KWD", "BHD", "TND")
        return

    assert from_minor(minor, currency) == amount
    assert str(from_minor(minor, currency)) == str(amount) or amount == 0


@given(st.sampled_from(CURRENCIES), st.integers(min_value=-(10**14), max_value=10**14))
def test_a_number_of_stripes_is_exact_or_refused(currency: str, minor: int) -> None:
    try:
        amount = from_minor(minor, currency)
    except ValueError:
        assert currency in ("ISK", "UGX")
        assert minor % 100
        return

    if currency not in ("KWD", "BHD", "TND"):
        assert to_minor(amount, currency) == minor
    assert amount.as_tuple().exponent == -exponent(currency)


@pytest.mark.parametrize(("minor", "currency"), [(10**18, "EUR"), (-(10**18), "EUR"), (1, "XXZ"), (1, "XAU")])
def test_what_is_no_amount_is_an_error(minor: int, currency: str) -> None:
    with pytest.raises(ValueError):
        from_minor(minor, currency)
