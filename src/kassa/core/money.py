"""Money: decimals of a currency, rounded to that currency's own exponent, split without loss."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from math import lcm

from iso4217 import Currency

MAX_DIGITS = 14
DECIMAL_PLACES = 3
"""The widest exponent Kassa stores: three decimals, as of the Kuwaiti dinar."""

ZERO = Decimal(0)


@lru_cache(maxsize=512)
def exponent(currency: str) -> int:
    """Return how many decimals ISO 4217 gives a currency: 0 for JPY, 2 for EUR, 3 for KWD.

    Raises:
        ValueError: there is no such currency, or it has none.
    """
    digits = Currency(currency).exponent
    if digits is None:
        raise ValueError(f"{currency} is not money that can be divided.")
    return int(digits)


@lru_cache(maxsize=512)
def is_currency(code: str) -> bool:
    """Say whether a code is an ISO 4217 currency that Kassa can keep exactly."""
    try:
        return exponent(code) <= DECIMAL_PLACES
    except ValueError:
        return False


@lru_cache(maxsize=512)
def smallest_unit(currency: str) -> Decimal:
    """Return the smallest amount of a currency: 0.01 for EUR."""
    return Decimal(1).scaleb(-exponent(currency))


def round_money(amount: Decimal, currency: str) -> Decimal:
    """Round half up (away from zero) to the currency's exponent; the result carries its decimals."""
    # Adding zero turns the minus zero that a small negative amount rounds to into a plain one.
    return amount.quantize(smallest_unit(currency), ROUND_HALF_UP) + ZERO


@lru_cache(maxsize=4096)
def format_amount(amount: Decimal, currency: str) -> str:
    """Return an amount as the API shows it: a plain decimal with the currency's decimals.

    One order shows some thirty amounts, most of them a few prices over and over.
    """
    return format(round_money(amount, currency), "f")


def allocate(amount: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Split an amount in proportion to weights by largest remainder; the parts add up to it.

    Ties go to the earlier part. Weights are zero or more; where all are zero the parts are
    as equal as the currency allows.

    Raises:
        ValueError: there is nothing to split over, a weight is negative, or the amount is not
            rounded to its currency.
    """
    if not weights:
        raise ValueError("There is nothing to split the amount over.")
    if min(weights) < 0:
        raise ValueError("A weight cannot be negative.")
    digits = exponent(currency)
    minor = int(amount.scaleb(digits))
    if Decimal(minor).scaleb(-digits) != amount:
        raise ValueError("Round the amount to its currency before splitting it.")
    scaled = _as_integers(weights)
    total = sum(scaled)
    if total == 0:
        scaled, total = [1] * len(scaled), len(scaled)
    sign = -1 if minor < 0 else 1
    shares = [divmod(abs(minor) * weight, total) for weight in scaled]
    left = abs(minor) - sum(share for share, _ in shares)
    by_remainder = sorted(range(len(shares)), key=lambda index: (-shares[index][1], index))
    raised = set(by_remainder[:left])
    return [
        Decimal(sign * (share + (index in raised))).scaleb(-digits) for index, (share, _) in enumerate(shares)
    ]


def _as_integers(weights: Sequence[Decimal]) -> list[int]:
    """Return integers in exactly the proportion of the weights, however many decimals those have."""
    ratios = [weight.as_integer_ratio() for weight in weights]
    common = lcm(*(denominator for _, denominator in ratios))
    return [numerator * (common // denominator) for numerator, denominator in ratios]
