"""Taxes of an order: computed for each rate on all that bears it, and spread back. Pure.

A tax that is added is rounded on what it is added to. One that is included is what is left of the tax on
everything of its rate, so that the tax of a rate never hangs on how lines are cut or ordered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from kassa.core.money import ZERO, format_amount
from kassa.sales.domain.shares import NOTHING, Share, round_half_up, spread, to_amount, to_ratio

HUNDRED = Decimal(100)

Charge = Literal["fees", "shipping"]


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax on a line or a charge, contained in its price or added to it."""

    name: str
    rate: Decimal
    """Per cent of the price without the tax."""
    included: bool

    def __post_init__(self) -> None:
        """Refuse a negative rate with a ``ValueError``."""
        if self.rate < 0:
            raise ValueError("A tax rate cannot be negative.")


ChargeTaxation = Tax | Literal["as_goods"] | None
"""How a charge is taxed: by a rule, as the goods of the order are (and contains that tax), or not at all."""


@dataclass(frozen=True, slots=True)
class ChargeTax:
    """The tax on a charge, or on the part of it that bears one rate."""

    charge: Charge
    name: str
    rate: Decimal
    included: bool
    amount: Decimal
    """What of the charge bears this rate, as it was charged."""
    tax: Decimal


class Units(NamedTuple):
    """Some equal units of a line, in the smallest unit of the currency."""

    price: int
    net: int
    """What is left of the price after the discount."""
    quantity: int


class TaxedLine(NamedTuple):
    """What a line of an order bears."""

    tax: Tax | None
    quantity: int
    units: tuple[Units, ...]
    is_shipped: bool


class RateSum(NamedTuple):
    """All of an order that bears one rate; amounts in the smallest unit of the currency."""

    rate: Decimal
    name: str
    added_to: int
    """What the tax is added to."""
    contained_in: int
    """What contains the tax."""
    added: int
    included: int


class Taxes(NamedTuple):
    """The taxes of an order, in the smallest unit of its currency."""

    added: Sequence[Sequence[Share]]
    """What is added to each unit, by line and group of its units; empty: nothing is."""
    included: Sequence[int]
    """What each line contains; empty: nothing is contained."""
    charges: tuple[ChargeTax, ...]
    rates: Sequence[RateSum]
    """The highest first."""


NO_TAXES = Taxes((), (), (), ())


class _Bearer(NamedTuple):
    """Equal units, or a part of a charge, that bear a tax of one rate.

    Who gets what cannot be divided hangs on what a unit is, not on where it stands: they are sorted by these
    fields, in this order.
    """

    is_charge: bool
    minus_net: int
    minus_price: int
    minus_line_quantity: int
    place: int
    """Of the line, or of the part of a charge."""
    group: int
    """Place of the units among those of their line."""
    quantity: int


def compute_taxes(
    lines: Sequence[TaxedLine],
    charges: Sequence[tuple[Charge, int, ChargeTaxation]],
    *,
    currency: str,
) -> Taxes:
    """Return the taxes of the lines and charges of an order."""
    parts = [part for charge in charges for part in _tax_charge(*charge, lines)]
    names, bearers = _gather(lines, parts)
    added = [[NOTHING] * len(line.units) for line in lines]
    included = [0] * len(lines)
    of_parts = [0] * len(parts)
    rates = []
    for rate in sorted(names, reverse=True):
        outside, inside = bearers.get((rate, False), []), bearers.get((rate, True), [])
        total = _round_rate(rate, " / ".join(sorted(names[rate])), _worth(outside), _worth(inside))
        rates.append(total)
        for one, share in _spread(total.added, outside):
            if one.is_charge:
                of_parts[one.place] = share.each + share.raised
            else:
                added[one.place][one.group] = share
        for one, share in _spread(total.included, inside):
            if one.is_charge:
                of_parts[one.place] = share.each + share.raised
            else:
                included[one.place] += share.each * one.quantity + share.raised
    told = tuple(
        [
            ChargeTax(
                charge,
                tax.name,
                tax.rate,
                tax.included,
                to_amount(amount, currency),
                to_amount(of_part, currency),
            )
            for (charge, tax, amount), of_part in zip(parts, of_parts, strict=True)
        ]
    )
    return Taxes(added, included, told, rates)


def _tax_charge(
    charge: Charge, amount: int, taxation: ChargeTaxation, lines: Sequence[TaxedLine]
) -> list[tuple[Charge, Tax, int]]:
    """Return the taxed parts of a charge: by its own rule, or shared out over the rates of the goods.

    Shipping goes with what is shipped. What is shared out contains its tax, so that nobody pays more.
    """
    if taxation is None or not amount:
        return []
    if isinstance(taxation, Tax):
        return [(charge, taxation, amount)] if taxation.rate else []
    values: dict[Decimal, int] = {}
    names: dict[Decimal, str] = {}
    for tax, _, units, is_shipped in lines:
        if is_shipped or charge == "fees":
            rate = tax.rate if tax else ZERO
            values[rate] = values.get(rate, 0) + sum([one.net * one.quantity for one in units])
            if tax:
                names[rate] = min(names.get(rate, tax.name), tax.name)
    rates = sorted(values, reverse=True)
    ones = [1] * len(rates)
    shares = spread(amount, [values[rate] for rate in rates] if any(values.values()) else ones, ones)
    return [
        (charge, Tax(names[rate], rate, included=True), share.each + share.raised)
        for rate, share in zip(rates, shares, strict=True)
        if rate and (share.each or share.raised)
    ]


def _gather(
    lines: Sequence[TaxedLine], parts: Sequence[tuple[Charge, Tax, int]]
) -> tuple[dict[Decimal, set[str]], dict[tuple[Decimal, bool], list[_Bearer]]]:
    """Return the names of each rate, and what bears it outside and inside its price."""
    names: dict[Decimal, set[str]] = {}
    bearers: dict[tuple[Decimal, bool], list[_Bearer]] = {}
    for place, (tax, quantity, units, _) in enumerate(lines):
        if tax is not None and tax.rate:
            names.setdefault(tax.rate, set()).add(tax.name)
            bearers.setdefault((tax.rate, tax.included), []).extend(
                [
                    _Bearer(False, -one.net, -one.price, -quantity, place, group, one.quantity)
                    for group, one in enumerate(units)
                ]
            )
    for place, (_, tax, amount) in enumerate(parts):
        names.setdefault(tax.rate, set()).add(tax.name)
        charge = _Bearer(True, -amount, 0, -1, place, 0, 1)
        bearers.setdefault((tax.rate, tax.included), []).append(charge)
    return names, bearers


def _worth(bearers: Sequence[_Bearer]) -> int:
    return -sum([one.minus_net * one.quantity for one in bearers])


def _round_rate(rate: Decimal, name: str, added_to: int, contained_in: int) -> RateSum:
    """Round the taxes of a rate: what is added by itself, what is included so that the whole is right."""
    part, whole = to_ratio(rate)
    added = round_half_up(added_to * part, whole)
    included = 0
    if contained_in:
        # added_to * part / whole + contained_in * part / (whole + part), over one denominator
        exact = part * (added_to * (whole + part) + contained_in * whole)
        included = round_half_up(exact, whole * (whole + part)) - added
    return RateSum(rate, name, added_to, contained_in, added, included)


def _spread(amount: int, bearers: list[_Bearer]) -> Iterable[tuple[_Bearer, Share]]:
    if not amount:
        return ()
    if len(bearers) == 1:
        return ((bearers[0], Share(*divmod(amount, bearers[0].quantity))),)
    bearers.sort()
    shares = spread(amount, [-one.minus_net for one in bearers], [one.quantity for one in bearers])
    return zip(bearers, shares, strict=True)


def serialize_charge_taxes(taxes: Iterable[ChargeTax], currency: str) -> list[dict[str, object]]:
    """Return the taxes on charges as orders keep and show them."""
    return [
        {
            "charge": tax.charge,
            "tax_name": tax.name,
            "tax_rate": f"{tax.rate:.3f}",
            "included": tax.included,
            "amount": format_amount(tax.amount, currency),
            "tax": format_amount(tax.tax, currency),
        }
        for tax in taxes
    ]
