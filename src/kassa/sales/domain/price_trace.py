"""The price of an order, step by step. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from kassa.core.money import ZERO
from kassa.sales.domain.shares import to_amount
from kassa.sales.domain.taxes import HUNDRED, RateSum

if TYPE_CHECKING:
    from kassa.sales.domain.pricing import Discount, Fees, PricedLine, PriceLine

MILLIONTH = Decimal("0.000001")
"""How finely the trace tells a rounding; one that vanishes at this grain is not told."""

Trace = list[dict[str, object]]


def trace_price(
    lines: Sequence[PriceLine],
    priced: Sequence[PricedLine],
    discount: Discount | None,
    fees: Fees,
    *,
    currency: str,
    fee_parts: tuple[int, int],
    rates: Sequence[RateSum],
    shipping: int,
) -> Trace:
    """Return the steps of a price; the amounts of those that are not included add up to the total."""
    trace = [
        _step("base", line.label, priced[place].subtotal, line.unit_price * line.quantity, line=place)
        for place, line in enumerate(lines)
    ]
    if discount is not None:
        trace += _trace_discount(discount, lines, priced)
    percentage, fixed = fee_parts
    if percentage:
        net = sum([line.subtotal - line.discount for line in priced], ZERO)
        exact = net * fees.percentage / HUNDRED
        label = f"Service fee {_percent(fees.percentage)}"
        trace.append(_step("fee", label, to_amount(percentage, currency), exact))
    if fixed:
        trace.append(_step("fee", "Service fee", to_amount(fixed, currency), fees.fixed))
    for rate in rates:
        trace += _trace_rate(rate, currency)
    if shipping:
        trace.append(_step("shipping", "Shipping", to_amount(shipping, currency), fees.shipping))
    return trace


def _trace_discount(discount: Discount, lines: Sequence[PriceLine], priced: Sequence[PricedLine]) -> Trace:
    """Return a step for each line that something is taken off.

    A step's rounding is its share minus the exact proportional share of the rounded discount; the first
    step's contains the rounding of the whole discount as well. Unless a line's share came to nothing, and
    so has no step, the roundings add up to that of the whole.
    """
    base = sum([part.subtotal for line, part in zip(lines, priced, strict=True) if line.discountable], ZERO)
    amount = sum([part.discount for part in priced], ZERO)
    exact_amount = discount.amount if discount.percentage is None else base * discount.percentage / HUNDRED
    left = amount - min(exact_amount or ZERO, base)
    steps: Trace = []
    for place, line in enumerate(priced):
        if line.discount:
            exact = amount * line.subtotal / base - left
            steps.append(_step("discount", discount.code, -line.discount, -exact, line=place))
            left = ZERO
    return steps


def _trace_rate(rate: RateSum, currency: str) -> Trace:
    """Return a step for what is added at a rate, and one for what is contained at it."""
    label = f"{rate.name} {_percent(rate.rate)}"
    steps: Trace = []
    if rate.included:
        exact = to_amount(rate.contained_in, currency) * rate.rate / (HUNDRED + rate.rate)
        steps.append(_step("tax", label, to_amount(rate.included, currency), exact, included=True))
    if rate.added:
        exact = to_amount(rate.added_to, currency) * rate.rate / HUNDRED
        steps.append(_step("tax", label, to_amount(rate.added, currency), exact))
    return steps


def _step(
    step: str, label: str, amount: Decimal, exact: Decimal, *, line: int | None = None, included: bool = False
) -> dict[str, object]:
    """Return a step of the trace; its rounding is left out where there was none."""
    told: dict[str, object] = {"step": step}
    if line is not None:
        told["line"] = line
    told["label"] = label
    # A rounded amount has at most three decimals, which str() never writes with an exponent.
    told["amount"] = str(amount)
    if included:
        told["included"] = True
    if amount != exact:
        rounding = (amount - exact).quantize(MILLIONTH, ROUND_HALF_UP)
        if rounding:
            told["rounding"] = _plain(rounding)
    return told


@lru_cache(maxsize=256)
def _percent(rate: Decimal) -> str:
    return f"{_plain(rate)} %"


def _plain(number: Decimal) -> str:
    """Return a number in plain notation without trailing zeros."""
    return format(number.normalize(), "f")
