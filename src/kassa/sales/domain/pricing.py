"""What an order costs: discount, taxes, fees and shipping, down to the single unit.

Pure functions over decimals. All resulting amounts are of one currency and carry exactly its decimals; rates
and percentages are per cent. Every split adds up to what was split, so that giving back the units of an order
one by one gives back exactly what was paid for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from kassa.core.money import ZERO
from kassa.sales.domain.price_trace import Trace, trace_price
from kassa.sales.domain.shares import NOTHING, Share, round_half_up, spread, to_amount, to_minor, to_ratio
from kassa.sales.domain.taxes import (
    NO_TAXES,
    ChargeTax,
    ChargeTaxation,
    RateSum,
    Tax,
    TaxedLine,
    Taxes,
    Units,
    compute_taxes,
)


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
    taxation: ChargeTaxation = "as_goods"
    shipping_taxation: ChargeTaxation = "as_goods"

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
    """Added to the prices and charges."""
    included_taxes: Decimal
    """Contained in the prices and charges; told, not added."""
    shipping: Decimal
    total: Decimal
    charge_taxes: tuple[ChargeTax, ...]
    """The taxes on fees and shipping, which are part of ``taxes`` and ``included_taxes``."""
    rates: tuple[RateSum, ...]
    """The same taxes by rate, in the smallest unit of the currency."""
    trace: Trace
    """Ready for JSON; the amounts of all steps without ``included`` add up to ``total``."""


def price_order(
    lines: Sequence[PriceLine], *, currency: str, discount: Discount | None, fees: Fees
) -> PricedOrder:
    """Price the lines of an order in one currency, and explain every cent.

    The discount is computed once, on the sum of the discountable lines, and spread over their units in
    proportion to price. Taxes are computed once for each rate, on all lines and charges that bear it, and
    spread likewise. Fees are taken once, and only from an order that costs something before fees and
    shipping. Neither the order of the lines nor how they are cut changes any of the order's figures.

    The trace lists base prices and discount by line, then fees, taxes by rate, and shipping.
    """
    return _price_order(tuple(lines), currency, discount, fees)


@lru_cache(maxsize=1024)
def _price_order(
    lines: tuple[PriceLine, ...], currency: str, discount: Discount | None, fees: Fees
) -> PricedOrder:
    """Price an order. Buyers at the same sale ask for the same few things: each is computed once."""
    prices = [to_minor(line.unit_price, currency) for line in lines]
    shares = _spread_discount(discount, lines, prices, currency) if discount else [NOTHING] * len(lines)
    units = [
        _units(price, share, line.quantity) for price, share, line in zip(prices, shares, lines, strict=True)
    ]
    subtotal = sum([price * line.quantity for price, line in zip(prices, lines, strict=True)])
    net = sum([one.net * one.quantity for of_line in units for one in of_line])
    percentage, fixed = _compute_fees(fees, net, currency) if net else (0, 0)
    is_shipped = bool(fees.shipping) and any(line.shippable and line.quantity for line in lines)
    shipping = to_minor(fees.shipping, currency) if is_shipped else 0
    taxes = _compute_taxes(lines, units, fees, (percentage + fixed, shipping), currency)
    priced = tuple(
        [_price_line(place, prices[place], units[place], taxes, currency) for place in range(len(lines))]
    )
    added = sum([rate.added for rate in taxes.rates])
    return PricedOrder(
        lines=priced,
        subtotal=to_amount(subtotal, currency),
        discount=to_amount(subtotal - net, currency),
        fees=to_amount(percentage + fixed, currency),
        taxes=to_amount(added, currency),
        included_taxes=to_amount(sum([rate.included for rate in taxes.rates]), currency),
        shipping=to_amount(shipping, currency),
        total=to_amount(net + percentage + fixed + added + shipping, currency),
        charge_taxes=taxes.charges,
        rates=tuple(taxes.rates),
        trace=trace_price(
            lines,
            priced,
            discount,
            fees,
            currency=currency,
            fee_parts=(percentage, fixed),
            rates=taxes.rates,
            shipping=shipping,
        ),
    )


def _spread_discount(
    discount: Discount, lines: Sequence[PriceLine], prices: Sequence[int], currency: str
) -> list[Share]:
    """Return what is taken off the units of each line; nothing of one that is not discountable."""
    taking = [place for place, line in enumerate(lines) if line.discountable and line.quantity]
    # Who gets a cent that cannot be divided must hang on what a line is, not on where it stands:
    # it may change a rounded tax, and so the total.
    taking.sort(key=lambda place: _rank(lines[place], prices[place]))
    base = sum([prices[place] * lines[place].quantity for place in taking])
    if discount.percentage is not None:
        part, whole = to_ratio(discount.percentage)
        amount = min(round_half_up(base * part, whole), base)
    else:
        amount = min(to_minor(discount.amount or ZERO, currency), base)
    shares = spread(amount, [prices[place] for place in taking], [lines[place].quantity for place in taking])
    found = dict(zip(taking, shares, strict=True))
    return [found.get(place, NOTHING) for place in range(len(lines))]


def _rank(line: PriceLine, price: int) -> tuple[int, Decimal, bool, int]:
    """Order lines for ties: the dearer unit first; lines of equal rank are alike in every figure."""
    rate, included = (line.tax.rate, line.tax.included) if line.tax else (ZERO, False)
    return -price, -rate, included, -line.quantity


def _units(price: int, discount: Share, quantity: int) -> tuple[Units, ...]:
    """Return the equal units of a line: those that bear one unit more of the discount come first."""
    net = price - discount.each
    if not discount.raised:
        return (Units(price, net, quantity),)
    if discount.raised == quantity:
        return (Units(price, net - 1, quantity),)
    return (
        Units(price, net - 1, discount.raised),
        Units(price, net, quantity - discount.raised),
    )


def _compute_fees(fees: Fees, net: int, currency: str) -> tuple[int, int]:
    """Return the percentage of the discounted prices, and the fixed fee."""
    part, whole = to_ratio(fees.percentage)
    return round_half_up(net * part, whole), to_minor(fees.fixed, currency)


def _compute_taxes(
    lines: Sequence[PriceLine],
    units: Sequence[tuple[Units, ...]],
    fees: Fees,
    charges: tuple[int, int],
    currency: str,
) -> Taxes:
    is_own = isinstance(fees.taxation, Tax) or isinstance(fees.shipping_taxation, Tax)
    if not is_own and not any(line.tax for line in lines):
        return NO_TAXES
    return compute_taxes(
        [
            TaxedLine(line.tax, line.quantity, of_line, line.shippable and line.quantity > 0)
            for line, of_line in zip(lines, units, strict=True)
        ],
        (("fees", charges[0], fees.taxation), ("shipping", charges[1], fees.shipping_taxation)),
        currency=currency,
    )


def _price_line(place: int, price: int, units: tuple[Units, ...], taxes: Taxes, currency: str) -> PricedLine:
    """Put the figures of a line together."""
    shares = taxes.added[place] if taxes.added else (NOTHING,) * len(units)
    priced: list[UnitPrice] = []
    quantity = net = tax = 0
    for one, share in zip(units, shares, strict=True):
        for each, count in ((share.each + 1, share.raised), (share.each, one.quantity - share.raised)):
            if count:
                unit = UnitPrice(
                    to_amount(price, currency),
                    to_amount(price - one.net, currency),
                    to_amount(each, currency),
                    to_amount(one.net + each, currency),
                )
                priced += [unit] * count
        quantity += one.quantity
        net += one.net * one.quantity
        tax += share.each * one.quantity + share.raised
    return PricedLine(
        to_amount(price * quantity, currency),
        to_amount(price * quantity - net, currency),
        to_amount(tax, currency),
        to_amount(taxes.included[place] if taxes.included else 0, currency),
        to_amount(net + tax, currency),
        tuple(priced),
    )


def _refuse_negative(number: Decimal | int) -> None:
    if number < 0:
        raise ValueError("Prices, quantities, rates and fees cannot be negative.")
