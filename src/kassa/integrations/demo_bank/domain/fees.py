"""What the demo bank keeps."""

from __future__ import annotations

from decimal import Decimal

from kassa.core.money import round_money

SHARE = Decimal("0.014")
FIXED = Decimal("0.25")


def gateway_fee(amount: Decimal, currency: str) -> Decimal:
    """Return what the bank keeps of a payment: 1.4 % and 0.25 of the currency, never more than all of it."""
    return min(amount, round_money(amount * SHARE + FIXED, currency))
