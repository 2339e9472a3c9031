"""Whole numbers of a currency's smallest unit, shared out over equal units by largest remainder. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from kassa.core.money import exponent, round_money


class Share(NamedTuple):
    """What each of some equal units gets of an amount: ``each``, and one more for the first ``raised``."""

    each: int
    raised: int


NOTHING = Share(0, 0)


@lru_cache(maxsize=4096)
def to_minor(amount: Decimal, currency: str) -> int:
    """Return an amount in the smallest unit of its currency, rounded half up."""
    return int(round_money(amount, currency).scaleb(exponent(currency)))


@lru_cache(maxsize=4096)
def to_amount(minor: int, currency: str) -> Decimal:
    """Return the amount of so many smallest units, with exactly the currency's decimals."""
    return Decimal(minor).scaleb(-exponent(currency))


@lru_cache(maxsize=256)
def to_ratio(number: Decimal) -> tuple[int, int]:
    """Return the numerator and denominator of a percentage as a part of one."""
    numerator, denominator = number.as_integer_ratio()
    return numerator, denominator * 100


def round_half_up(numerator: int, denominator: int) -> int:
    """Return a quotient of numbers of zero or more, rounded half up."""
    return (2 * numerator + denominator) // (2 * denominator)


def spread(amount: int, weights: Sequence[int], counts: Sequence[int]) -> list[Share]:
    """Share out an amount over groups of equal units, in proportion to the weight of a unit of each.

    The shares add up to the amount. What cannot be divided goes to the largest remainders, and among equal
    ones to the earlier group. How units are cut into groups of one weight changes nothing but their places.
    """
    whole = sum([weight * count for weight, count in zip(weights, counts, strict=True)])
    if not amount or not whole:
        return [NOTHING] * len(counts)
    if len(counts) == 1:
        return [Share(*divmod(amount, counts[0]))]
    parts = [divmod(amount * weight, whole) for weight in weights]
    left = amount - sum([part[0] * count for part, count in zip(parts, counts, strict=True)])
    raised = [0] * len(counts)
    if left:
        for place in sorted(range(len(parts)), key=lambda place: -parts[place][1]):
            raised[place] = min(left, counts[place])
            left -= raised[place]
            if not left:
                break
    return [Share(part[0], up) for part, up in zip(parts, raised, strict=True)]
