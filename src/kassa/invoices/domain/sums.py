"""The figures of invoices and credit notes: pure, on values. Nothing is priced here again.

Every line says its net amount, the tax in it and what was paid for it. The taxes of a document are computed
from the nets of its lines, rate by rate, as EN 16931 demands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from kassa.core.money import ZERO, allocate, round_money, smallest_unit


@dataclass(frozen=True, slots=True)
class Line:
    """What was sold, or what of it is taken back."""

    kind: str
    item: str | None
    """Id of the order's item. None: a fee, or shipping."""
    description: str
    detail: str
    """Of which event, for instance; empty: there is nothing to add."""
    quantity: int | None
    """None: not counted in pieces."""
    unit_price: Decimal | None
    discount: Decimal
    tax_name: str
    tax_rate: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class TaxSum:
    """All lines of one tax rate together; zero per cent: they are not taxed."""

    name: str
    rate: Decimal
    net: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The lines of a document and its taxes by rate, as EN 16931 has them.

    The net of a rate is the sum of its lines' (BR-S-08), its tax is that net times the rate (BR-CO-17). What
    was paid need not be such a sum, where prices contain the tax: the rest is the rounding (BT-114).
    """

    lines: tuple[Line, ...]
    taxes: tuple[TaxSum, ...]
    rounding: Decimal

    @property
    def net(self) -> Decimal:
        return sum((one.net for one in self.taxes), ZERO)

    @property
    def tax(self) -> Decimal:
        return sum((one.tax for one in self.taxes), ZERO)

    @property
    def total(self) -> Decimal:
        return self.net + self.tax + self.rounding


def break_down(lines: Sequence[Line], currency: str) -> Breakdown:
    """Return what an invoice states of its lines, the highest rate first; its total is what they cost.

    The tax in a line stays what it was sold with. Where the net beside it does not fit the rate, the dearest
    line's net gives way by the smallest unit.
    """

    def fit(rate: Decimal, net: Decimal, tax: Decimal, _: Decimal) -> Decimal:
        step = smallest_unit(currency)
        fitting = (one for one in (net, net - step, net + step) if tax_on(one, rate, currency) == tax)
        return next((one for one in fitting if one >= 0), net)

    return _break_down(lines, currency, fit)


def break_down_credit(
    lines: Sequence[Line], left: Mapping[Decimal, tuple[Decimal, Decimal]], currency: str
) -> Breakdown:
    """Return what a credit note states of its lines, so that all notes of an invoice add up to it.

    ``left`` has, by rate, what of the invoice's net and of what was paid no note has taken back yet. What
    takes all that is left takes its whole net. Of all other nets, that is taken which is nearest to the
    lines' and leaves a net whose tax is what is left of the tax.
    """

    def fit(rate: Decimal, net: Decimal, _: Decimal, gross: Decimal) -> Decimal:
        net_left, gross_left = left[rate]
        if gross >= gross_left:
            return net_left
        whole = tax_on(net_left, rate, currency)
        step = smallest_unit(currency)
        for distance in range(int(net_left / step) + 1):
            for near in (net - distance * step, net + distance * step):
                rest = net_left - near
                if min(near, rest) < 0:
                    continue
                if tax_on(near, rate, currency) + tax_on(rest, rate, currency) == whole:
                    return near
        return net

    return _break_down(lines, currency, fit)


def _break_down(
    lines: Sequence[Line], currency: str, fit: Callable[[Decimal, Decimal, Decimal, Decimal], Decimal]
) -> Breakdown:
    by_rate: dict[Decimal, list[int]] = {}
    for place, line in enumerate(lines):
        by_rate.setdefault(line.tax_rate if line.tax_rate > 0 else ZERO, []).append(place)
    stated = list(lines)
    taxes = []
    for rate in sorted(by_rate, reverse=True):
        places = by_rate[rate]
        sold, tax, gross = (
            sum((getattr(lines[place], part) for place in places), ZERO) for part in ("net", "tax", "gross")
        )
        net = fit(rate, sold, tax, gross)
        for place, share in zip(
            places, _shift(net - sold, [lines[place].net for place in places]), strict=True
        ):
            stated[place] = replace(lines[place], net=lines[place].net + share)
        names = sorted({lines[place].tax_name for place in places} if rate else ())
        taxes.append(TaxSum(" / ".join(names), rate, net, tax_on(net, rate, currency)))
    total = sum((line.gross for line in lines), ZERO)
    rounding = total - sum((one.gross for one in taxes), ZERO)
    return Breakdown(tuple(stated), tuple(taxes), round_money(rounding, currency))


def _shift(by: Decimal, nets: Sequence[Decimal]) -> list[Decimal]:
    """Share out a small difference over nets: to the dearest, as long as it stays above zero."""
    shares = [ZERO] * len(nets)
    for place in sorted(range(len(nets)), key=lambda place: -nets[place]):
        shares[place] = max(by, -nets[place])
        by -= shares[place]
        if not by:
            break
    return shares


def tax_on(net: Decimal, rate: Decimal, currency: str) -> Decimal:
    """Return the tax of a rate on a net amount, as BR-CO-17 has it."""
    return round_money(net * rate / 100, currency)


def spread_credit(
    amount: Decimal, wanted: Mapping[int, Decimal], left: Sequence[Decimal], currency: str
) -> list[Decimal]:
    """Return how much of an amount each line of the invoice takes back; the parts add up to it.

    ``wanted`` says for which lines the money went back, by their place; ``left`` is what of each line has
    not been taken back yet, and more is never taken. What finds no room there, and what is for no line in
    particular, is shared by all in proportion to what is left of them.

    Raises:
        ValueError: it is more than is left of all lines together.
    """
    if amount > sum(left, ZERO):
        raise ValueError("More would be taken back than was invoiced.")
    first = [min(wanted.get(place, ZERO), rest) for place, rest in enumerate(left)]
    if sum(first, ZERO) > amount:  # something was kept back of it
        return allocate(amount, first, currency)
    rest = [whole - part for whole, part in zip(left, first, strict=True)]
    others = allocate(amount - sum(first, ZERO), rest, currency)
    return [one + other for one, other in zip(first, others, strict=True)]


def tax_taken_back(line: Line, before: Decimal, part: Decimal, currency: str) -> Decimal:
    """Return the tax in a part of a line, when some of the line was taken back before.

    Counted from what was taken back altogether, so that the taxes of all credit notes of a line add up to
    the line's own when it is taken back as a whole, and never to more.
    """

    def tax_until(gross: Decimal) -> Decimal:
        return round_money(line.tax * gross / line.gross, currency) if line.gross else ZERO

    return tax_until(before + part) - tax_until(before)


def credit_lines(
    invoice: Sequence[Line],
    parts: Sequence[Decimal],
    before: Sequence[Decimal],
    quantities: Mapping[int, int],
    currency: str,
) -> list[Line]:
    """Return the lines of a credit note: those of the invoice of which something is taken back."""
    lines = []
    for place, (line, part, earlier) in enumerate(zip(invoice, parts, before, strict=True)):
        if part == 0:
            continue
        tax = tax_taken_back(line, earlier, part, currency)
        lines.append(
            replace(
                line,
                quantity=quantities.get(place),
                unit_price=None,
                discount=ZERO,
                net=part - tax,
                tax=tax,
                gross=part,
            )
        )
    return lines
