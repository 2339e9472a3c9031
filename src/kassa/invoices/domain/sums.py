"""The figures of invoices and credit notes: pure, on values. Nothing is priced here again.

Every line says its net amount, the tax in it and both together; sums are sums of lines, so that they add up
to the cent by every tax rate and as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from kassa.core.money import ZERO, allocate, round_money


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
    gross: Decimal


def taxes_of(lines: Sequence[Line]) -> tuple[TaxSum, ...]:
    """Return the sums of each tax, the highest rate first."""
    sums: dict[tuple[Decimal, str], TaxSum] = {}
    for line in lines:
        rate = line.tax_rate if line.tax_rate > 0 else ZERO
        name = line.tax_name if rate else ""
        so_far = sums.get((rate, name), TaxSum(name, rate, ZERO, ZERO, ZERO))
        sums[rate, name] = replace(
            so_far,
            net=so_far.net + line.net,
            tax=so_far.tax + line.tax,
            gross=so_far.gross + line.gross,
        )
    return tuple(sums[key] for key in sorted(sums, key=lambda key: (-key[0], key[1])))


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
