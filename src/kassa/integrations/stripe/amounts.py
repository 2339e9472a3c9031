"""Amounts as Stripe counts them: whole numbers of a currency's minor unit, exact in both directions.

https://docs.stripe.com/currencies: most currencies follow ISO 4217, and some do not.
"""

from __future__ import annotations

from decimal import Decimal

from kassa.core.money import exponent, round_money

WITHOUT_MINOR_UNIT = frozenset({"MGA"})
"""Two decimals in ISO 4217, none at Stripe."""
WHOLE_BUT_IN_HUNDREDTHS = frozenset({"ISK", "UGX"})
"""No decimals in ISO 4217, yet Stripe counts hundredths, which must come in full hundreds."""
LARGEST_MINOR = 10**17
"""More than Kassa stores in any currency; beyond it a number is a mistake."""


class NotChargeable(ValueError):
    """Stripe cannot move exactly this amount; the text is fit for staff to read."""


def to_minor(amount: Decimal, currency: str) -> int:
    """Return an amount as Stripe wants it: 12.50 EUR as 1250, 500 JPY as 500, 5 ISK as 500.

    Raises:
        NotChargeable: the amount has more decimals than Stripe charges in this currency.
    """
    scaled = amount.scaleb(_decimals(currency))
    if not scaled.is_finite() or scaled != scaled.to_integral_value():
        raise NotChargeable(f"Stripe cannot charge {amount} {currency}: it has too many decimals.")
    minor = int(scaled)
    step = _step(currency)
    if minor % step:
        raise NotChargeable(
            f"Stripe charges {currency} with {_decimals(currency) - 1} decimals only. "
            f"{amount} has more: round the price."
        )
    return minor


def from_minor(minor: int, currency: str) -> Decimal:
    """Return the amount that Stripe names by a number of minor units, with the currency's own decimals.

    Raises:
        ValueError: there is no such currency, or the number is no amount of it.
    """
    code = currency.upper()
    if abs(minor) > LARGEST_MINOR:
        raise ValueError("Stripe names an amount that is too large.")
    amount = Decimal(minor).scaleb(-_decimals(code))
    rounded = round_money(amount, code)
    if rounded != amount:
        raise ValueError(f"Stripe names an amount that cannot be in {code}.")
    return rounded


def _decimals(currency: str) -> int:
    if currency in WITHOUT_MINOR_UNIT:
        return 0
    if currency in WHOLE_BUT_IN_HUNDREDTHS:
        return 2
    return exponent(currency)


def _step(currency: str) -> int:
    """Return the number that every amount in minor units must be a multiple of."""
    if currency in WHOLE_BUT_IN_HUNDREDTHS:
        return 100
    # The last of three digits must be 0, because cards do not carry it.
    return 10 if exponent(currency) == 3 else 1
