"""What an order costs: discount, taxes, fees and shipping, down to the single unit.

Pure functions over decimals. All resulting amounts are of one currency and carry exactly its decimals; rates
and percentages are per cent. Every split adds up to what was split, so that giving back the units of an order
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
"""How finely the trace tells a rounding; one that vanishes at this grain is not told."""

Trace = list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax on a line, contained in its prices or added to them."""

    name: str
    rate: Decimal
    """Per cent of the price without the tax."""
    included: bool

    def __post_init__(self) -> None:
        """Refuse a negative rate with a ``ValueError``."""
        _refuse_negative(self.rate)


@dataclass(frozen=True, slots=True)
class PriceLine:
    """Some equal units of one ticket type, product or fee, before anything is computed."""

    label: str
    unit_price: Decimal
    """May have more decimals than the currency: it is rounded before it is multiplied."""
    quantity: int
    tax: Tax | None
    """None: the line is not taxed."""
    discountable: bool
    shippable: bool

    def __post_init__(self) -> None:
        """Refuse a negative price or quantity with a ``ValueError``."""
        _refuse_negative(self.unit_price)
        _refuse_negative(self.quantity)


@dataclass(frozen=True, slots=True)
class Discount:
    """What a coupon takes off: a percentage of the discountable lines, or an amount once per order."""

    code: str
    percentage: Decimal | None
    """None: it takes off an amount."""
    amount: Decimal | None
    """None: it takes off a percentage."""

    def __post_init__(self) -> None:
        """Refuse both, neither, or a negative value with a ``ValueError``."""
        if (self.percentage is None) == (self.amount is None):
            raise ValueError("A discount is either a percentage or an amount.")
        _refuse_negative(self.percentage or self.amount or ZERO)


@dataclass(frozen=True, slots=True)
class Fees:
    """What the organisation charges once per order."""

    percentage: Decimal
    """Per cent of the discounted prices, before added taxes."""
    fixed: Decimal
    """Amount in the order's currency."""
    shipping: Decimal
    """Amount in the order's currency, for an order in which anything is shipped."""

    def __post_init__(self) -> None:
        """Refuse a negative fee with a ``ValueError``."""
        _refuse_negative(self.percentage)
        _refuse_negative(self.fixed)
        _refuse_negative(self.shipping)


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """One ticket or piece: ``paid = base - discount + tax``."""

    base: Decimal
    discount: Decimal
    tax: Decimal
    """Added to the price; an included tax is not told per unit."""
    paid: Decimal


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line's figures: ``total = subtotal - discount + tax``, and each is the sum over its units."""

    subtotal: Decimal
    discount: Decimal
    tax: Decimal
    """Added to the price."""
    included_tax: Decimal
    """Contained in the price; told, not added."""
    total: Decimal
    units: tuple[UnitPrice, ...]


@dataclass(frozen=True, slots=True)
class PricedOrder:
    """An order's figures: ``total = subtotal - discount + fees + taxes + shipping``."""

    lines: tuple[PricedLine, ...]
    """In the order of the lines that were asked for."""
    subtotal: Decimal
    discount: Decimal
    fees: Decimal
    taxes: Decimal
    """Added to the prices."""
    included_taxes: Decimal
    """Contained in the prices; told, not added."""
    shipping: Decimal
    total: Decimal
    trace: Trace
    """Ready for JSON; the amounts of all steps without ``included`` add up to ``total``."""


def price_order(
    lines: Sequence[PriceLine], *, currency: str, discount: Discount | None, fees: Fees
) -> PricedOrder:
    """Price the lines of an order in one currency, and explain every cent.

    The discount is computed once, on the sum of the discountable lines, and spread over their units in
    proportion to price. Taxes are computed per line on its discounted amount. Fees are taken once, and only
    from an order that costs something before fees and shipping. The order of the lines does not change any
    of the order's figures.

    The trace lists base prices and discount by line, then fees, taxes by line, and shipping.
    """
    nothing = _nothing(currency)
    prices = [round_money(line.unit_price, currency) for line in lines]
    shares = _spread_discount(discount, lines, prices, currency) if discount else {}
    priced = tuple(
        [_price_line(line, prices[index], shares.get(index), currency) for index, line in enumerate(lines)]
    )
    subtotal = sum([line.subtotal for line in priced], nothing)
    discounted = sum([line.discount for line in priced], nothing)
    taxes = sum([line.tax for line in priced], nothing)
    net = subtotal - discounted
    trace = _tell_prices(lines, priced)
    if discount and discounted:
        trace += _tell_discount(discount, lines, priced)
    fee = _charge_fees(fees, net, currency, trace) if net + taxes else nothing
    trace += _tell_taxes(lines, priced)
    shipping = _charge_shipping(fees, lines, currency, trace) if fees.shipping else nothing
    return PricedOrder(
        lines=priced,
        subtotal=subtotal,
        discount=discounted,
        fees=fee,
        taxes=taxes,
        included_taxes=sum([line.included_tax for line in priced], nothing),
        shipping=shipping,
        total=net + fee + taxes + shipping,
        trace=trace,
    )


def _spread_discount(
    discount: Discount, lines: Sequence[PriceLine], prices: list[Decimal], currency: str
) -> dict[int, list[Decimal]]:
    """Return what is taken off each unit, by line; a line that is not discountable is left out."""
    taking = [index for index, line in enumerate(lines) if line.discountable and line.quantity]
    # Who gets a cent that cannot be divided must hang on what a line is, not on where it stands:
    # it may change a rounded tax, and so the total.
    taking.sort(key=lambda index: _rank(lines[index], prices[index]))
    weights = [prices[index] for index in taking for _ in range(lines[index].quantity)]
    amount = round_money(_exact_discount(discount, sum(weights, ZERO)), currency)
    if not amount:
        return {}
    parts = iter(allocate(amount, weights, currency))
    return {index: list(islice(parts, lines[index].quantity)) for index in taking}


def _rank(line: PriceLine, price: Decimal) -> tuple[Decimal, int, Decimal, bool]:
    """Order lines for ties: the dearer unit first; lines of equal rank are alike in every figure."""
    rate, included = (line.tax.rate, line.tax.included) if line.tax else (ZERO, False)
    return -price, -line.quantity, -rate, included


def _exact_discount(discount: Discount, base: Decimal) -> Decimal:
    """Return the discount before rounding, never more than the discountable sum."""
    exact = discount.amount if discount.percentage is None else base * discount.percentage / HUNDRED
    return min(exact or ZERO, base)


def _price_line(
    line: PriceLine, price: Decimal, discounts: list[Decimal] | None, currency: str
) -> PricedLine:
    """Compute a line's figures; ``discounts`` are those of its units, None: nothing is taken off."""
    nothing = _nothing(currency)
    subtotal = price * line.quantity
    discount = sum(discounts, nothing) if discounts else nothing
    net = subtotal - discount
    added = included = nothing
    if line.tax is not None:
        tax = round_money(_exact_tax(line.tax, net), currency)
        added, included = (nothing, tax) if line.tax.included else (tax, nothing)
    if discounts or added:
        units = _price_units(price, discounts or [nothing] * line.quantity, added, currency)
    else:
        units = (UnitPrice(price, nothing, nothing, price),) * line.quantity
    return PricedLine(subtotal, discount, added, included, net + added, units)


def _exact_tax(tax: Tax, net: Decimal) -> Decimal:
    """Return the tax on, or contained in, a line's discounted amount before rounding."""
    return net * tax.rate / (HUNDRED + tax.rate if tax.included else HUNDRED)


def _price_units(
    price: Decimal, discounts: list[Decimal], tax: Decimal, currency: str
) -> tuple[UnitPrice, ...]:
    """Spread a line's added tax over its units, in proportion to their discounted price."""
    nets = [price - discount for discount in discounts]
    taxes = allocate(tax, nets, currency) if tax else [tax] * len(nets)
    return tuple(
        UnitPrice(price, discount, part, net + part)
        for discount, net, part in zip(discounts, nets, taxes, strict=True)
    )


def _charge_fees(fees: Fees, net: Decimal, currency: str, trace: Trace) -> Decimal:
    """Return the percentage of the discounted prices plus the fixed fee."""
    exact = net * fees.percentage / HUNDRED
    variable, fixed = round_money(exact, currency), round_money(fees.fixed, currency)
    if variable:
        trace.append(_step("fee", f"Service fee {_percent(fees.percentage)}", variable, exact))
    if fixed:
        trace.append(_step("fee", "Service fee", fixed, fees.fixed))
    return variable + fixed


def _charge_shipping(fees: Fees, lines: Sequence[PriceLine], currency: str, trace: Trace) -> Decimal:
    """Return the cost of shipping, once for all lines; zero where nothing is shipped."""
    shipped = any(line.shippable and line.quantity for line in lines)
    amount = round_money(fees.shipping if shipped else ZERO, currency)
    if amount:
        trace.append(_step("shipping", "Shipping", amount, fees.shipping))
    return amount


def _tell_prices(lines: Sequence[PriceLine], priced: Sequence[PricedLine]) -> Trace:
    """Return a step for each line's subtotal, also where it is zero."""
    return [
        _step("base", line.label, priced[index].subtotal, line.unit_price * line.quantity, line=index)
        for index, line in enumerate(lines)
    ]


def _tell_discount(discount: Discount, lines: Sequence[PriceLine], priced: Sequence[PricedLine]) -> Trace:
    """Return a step for each line that something is taken off.

    A step's rounding is its share minus the exact proportional share of the rounded discount; the first
    step's contains the rounding of the whole discount as well. Unless a line's share came to nothing, and
    so has no step, the roundings add up to that of the whole.
    """
    base = sum([part.subtotal for line, part in zip(lines, priced, strict=True) if line.discountable], ZERO)
    amount = sum([part.discount for part in priced], ZERO)
    untold = amount - _exact_discount(discount, base)
    steps: Trace = []
    for index, line in enumerate(priced):
        if line.discount:
            exact = amount * line.subtotal / base - untold
            steps.append(_step("discount", discount.code, -line.discount, -exact, line=index))
            untold = ZERO
    return steps


def _tell_taxes(lines: Sequence[PriceLine], priced: Sequence[PricedLine]) -> Trace:
    """Return a step for each line's tax, added or included."""
    steps: Trace = []
    for index, line in enumerate(lines):
        amount = priced[index].tax + priced[index].included_tax
        if line.tax is not None and amount:
            exact = _exact_tax(line.tax, priced[index].subtotal - priced[index].discount)
            label = f"{line.tax.name} {_percent(line.tax.rate)}"
            steps.append(_step("tax", label, amount, exact, line=index, included=line.tax.included))
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


@lru_cache(maxsize=512)
def _nothing(currency: str) -> Decimal:
    """Return zero with the currency's decimals."""
    return round_money(ZERO, currency)


@lru_cache(maxsize=256)
def _percent(rate: Decimal) -> str:
    return f"{_plain(rate)} %"


def _plain(number: Decimal) -> str:
    """Return a number in plain notation without trailing zeros."""
    return format(number.normalize(), "f")


def _refuse_negative(number: Decimal | int) -> None:
    if number < 0:
        raise ValueError("Prices, quantities, rates and fees cannot be negative.")
