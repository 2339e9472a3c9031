"""What an order costs: discount, taxes, fees and shipping, down to the single unit.

Pure functions over decimals. All amounts are of one currency and carry exactly its decimals; rates and
percentages are per cent. Every split adds up to what was split, so that giving back the units of an order
one by one gives back exactly what was paid for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from itertools import islice

from kassa.core.money import ZERO, allocate, round_money

HUNDRED = Decimal(100)
MILLIONTH = Decimal("0.000001")
"""How finely the trace tells a rounding; a smaller one is not told."""

type_step = dict[str, object]


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax on a line: contained in its prices, or added to them."""

    name: str
    rate: Decimal
    """Per cent of the price without tax."""
    included: bool

    def __post_init__(self) -> None:
        """Refuse a negative rate."""
        _refuse_negative(self.rate)
