"""What makes a price valid: a function of values."""

from __future__ import annotations

from decimal import Decimal

from kassa.core.errors import InvalidInput
from kassa.core.money import exponent, round_money

MAX_PRICE = Decimal("99999999999.999")


def check_price(price: Decimal, currency: str, *, field: str = "price") -> None:
    """Let a price pass if it is not negative and exact in its currency.

    Raises:
        InvalidInput: it is negative, too large, or has more decimals than the currency.
    """
    if not 0 <= price <= MAX_PRICE:
        raise InvalidInput(f"A price lies between 0 and {MAX_PRICE}.", field=field)
    if round_money(price, currency) != price:
        raise InvalidInput(
            f"{currency} has {exponent(currency)} decimals; {price} has more. Round it.", field=field
        )
