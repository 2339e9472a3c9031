"""What holds for the price of any order, in any currency."""

from __future__ import annotations

import json
from dataclasses import astuple, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from kassa.core.money import format_amount, smallest_unit
from kassa.sales.domain.pricing import Discount, Fees, PricedLine, PricedOrder, PriceLine, price_order
from kassa.sales.domain.taxes import Tax
from tests.sales.prices import NO_FEES, figures

CURRENCIES = st.sampled_from(["JPY", "EUR", "KWD"])
# Small and repeated prices meet ties, rounding to nothing and caps far more often than large ones.
PRICES = st.one_of(
    st.decimals(0, Decimal("0.1"), places=3),
    st.sampled_from([Decimal(value) for value in ("0", "0.05", "1", "9.99", "10", "25")]),
    st.decimals(0, 9_999_999, places=3),
)
RATES = st.one_of(
    st.sampled_from([Decimal(value) for value in (0, 7, 10, 19)]), st.decimals(0, 100, places=3)
)
TAXES = st.none() | st.builds(Tax, st.just("Tax"), RATES, st.booleans())
LINES = st.lists(
    st.builds(PriceLine, st.just("Line"), PRICES, st.integers(0, 6), TAXES, st.booleans(), st.booleans()),
    max_size=6,
)
DISCOUNTS = st.none() | st.one_of(
    st.builds(Discount, st.just("SAVE"), RATES, st.none()),
    st.builds(Discount, st.just("SAVE"), st.none(), PRICES),
)
TAXATIONS = st.one_of(st.just("as_goods"), TAXES)
FEES = st.builds(Fees, RATES, PRICES, PRICES, TAXATIONS, TAXATIONS)


def exactly_rounded(exact: Fraction, currency: str) -> Fraction:
    """Round half up a non-negative amount without passing through decimals."""
    step = Fraction(smallest_unit(currency))
    return (exact / step + Fraction(1, 2)).__floor__() * step


def amounts_of(order: PricedOrder) -> list[Decimal]:
    """Return every amount of an order, at all levels."""
    own = [order.subtotal, order.discount, order.fees, order.taxes, order.included_taxes]
    own += [order.shipping, order.total]
    for each in order.lines:
        own += [each.subtotal, each.discount, each.tax, each.included_tax, each.total]
        for one in each.units:
            own += [one.base, one.discount, one.tax, one.paid]
    return own


def check_line(asked: PriceLine, priced: PricedLine, currency: str) -> None:
    """Hold a line to the constraints of ``OrderItem`` and ``Ticket`` and to the sums of its units."""
    unit_price = asked.unit_price.quantize(smallest_unit(currency), ROUND_HALF_UP)
    assert priced.subtotal == asked.quantity * unit_price
    assert priced.total == priced.subtotal - priced.discount + priced.tax
    assert len(priced.units) == asked.quantity
    assert priced.subtotal == sum(one.base for one in priced.units)
    assert priced.discount == sum(one.discount for one in priced.units)
    assert priced.tax == sum(one.tax for one in priced.units)
    assert priced.total == sum(one.paid for one in priced.units)
    for one in priced.units:
        assert one.base == unit_price
        assert one.discount <= one.base
        assert one.paid == one.base - one.discount + one.tax


@given(lines=LINES, currency=CURRENCIES, discount=DISCOUNTS, fees=FEES)
def test_parts_add_up_at_each_level(
    lines: list[PriceLine], currency: str, discount: Discount | None, fees: Fees
) -> None:
    order = price_order(lines, currency=currency, discount=discount, fees=fees)

    assert len(order.lines) == len(lines)
    for asked, priced in zip(lines, order.lines, strict=True):
        check_line(asked, priced, currency)
    assert order.subtotal == sum(each.subtotal for each in order.lines)
    assert order.discount == sum(each.discount for each in order.lines)
    of_charges = order.charge_taxes
    assert order.taxes == sum(each.tax for each in order.lines) + sum(
        one.tax for one in of_charges if not one.included
    )
    assert order.included_taxes == sum(each.included_tax for each in order.lines) + sum(
        one.tax for one in of_charges if one.included
    )
    for name in ("fees", "shipping"):
        assert sum(one.amount for one in of_charges if one.charge == name) <= getattr(order, name)
    assert all(one.tax <= one.amount or not one.included for one in of_charges)
    assert order.total == order.subtotal - order.discount + order.fees + order.taxes + order.shipping
    assert order.discount <= order.subtotal


@given(lines=LINES, currency=CURRENCIES, discount=DISCOUNTS, fees=FEES)
def test_every_amount_is_payable(
    lines: list[PriceLine], currency: str, discount: Discount | None, fees: Fees
) -> None:
    order = price_order(lines, currency=currency, discount=discount, fees=fees)

    for amount in amounts_of(order):
        assert amount >= 0
        assert str(amount) == format_amount(amount, currency)


@given(lines=LINES, currency=CURRENCIES, discount=DISCOUNTS, fees=FEES)
def test_discount_is_exact_on_the_whole_and_fair_to_each_unit(
    lines: list[PriceLine], currency: str, discount: Discount | None, fees: Fees
) -> None:
    order = price_order(lines, currency=currency, discount=discount, fees=fees)

    base = Fraction(sum(p.subtotal for a, p in zip(lines, order.lines, strict=True) if a.discountable))
    exact = Fraction(0)
    if discount is not None:
        exact = Fraction(discount.amount or 0) + base * Fraction(discount.percentage or 0) / 100
    assert Fraction(order.discount) == exactly_rounded(min(exact, base), currency)
    for asked, priced in zip(lines, order.lines, strict=True):
        for one in priced.units:
            share = Fraction(order.discount) * Fraction(one.base) / base if asked.discountable and base else 0
            assert abs(Fraction(one.discount) - share) < Fraction(smallest_unit(currency))


def bases(lines: list[PriceLine], order: PricedOrder, rate: Decimal) -> tuple[Fraction, Fraction]:
    """Return what a tax of this rate is added to, and what contains one."""
    sums = {True: Decimal(0), False: Decimal(0)}
    for asked, priced in zip(lines, order.lines, strict=True):
        if asked.tax and asked.tax.rate == rate:
            sums[asked.tax.included] += priced.subtotal - priced.discount
    for one in order.charge_taxes:
        if one.rate == rate:
            sums[one.included] += one.amount
    return Fraction(sums[False]), Fraction(sums[True])


@given(lines=LINES, currency=CURRENCIES, discount=DISCOUNTS, fees=FEES)
def test_taxes_fees_and_shipping_are_exactly_rounded(
    lines: list[PriceLine], currency: str, discount: Discount | None, fees: Fees
) -> None:
    order = price_order(lines, currency=currency, discount=discount, fees=fees)

    rates = {asked.tax.rate for asked in lines if asked.tax and asked.tax.rate}
    added, contained = {}, {}
    for rate in rates | {one.rate for one in order.charge_taxes}:
        on, within = bases(lines, order, rate)
        share = Fraction(rate) / 100
        added[rate] = exactly_rounded(on * share, currency)
        contained[rate] = exactly_rounded(on * share + within * share / (1 + share), currency) - added[rate]
        of_rate = [
            priced
            for asked, priced in zip(lines, order.lines, strict=True)
            if asked.tax and asked.tax.rate == rate
        ]
        charged = [one for one in order.charge_taxes if one.rate == rate]
        assert added[rate] == sum(one.tax for one in of_rate) + sum(
            one.tax for one in charged if not one.included
        )
        assert contained[rate] == sum(one.included_tax for one in of_rate) + sum(
            one.tax for one in charged if one.included
        )
    assert order.taxes == sum(added.values())
    assert order.included_taxes == sum(contained.values())
    net = Fraction(order.subtotal - order.discount)
    variable = exactly_rounded(net * Fraction(fees.percentage) / 100, currency)
    fixed = exactly_rounded(Fraction(fees.fixed), currency)
    assert order.fees == (variable + fixed if net + Fraction(order.taxes) > 0 else 0)
    shipped = any(asked.shippable and asked.quantity > 0 for asked in lines)
    assert order.shipping == (exactly_rounded(Fraction(fees.shipping), currency) if shipped else 0)


@given(lines=LINES, currency=CURRENCIES, discount=DISCOUNTS, fees=FEES)
def test_trace_explains_every_cent(
    lines: list[PriceLine], currency: str, discount: Discount | None, fees: Fees
) -> None:
    order = price_order(lines, currency=currency, discount=discount, fees=fees)

    assert json.loads(json.dumps(order.trace)) == order.trace
    told: dict[str, Decimal] = {}
    for step in order.trace:
        amount = Decimal(str(step["amount"]))
        assert step["amount"] == format_amount(amount, currency)
        assert amount or step["step"] == "base"
        kind = "included" if step.get("included") else str(step["step"])
        told[kind] = told.get(kind, Decimal(0)) + amount
    included = told.pop("included", Decimal(0))
    assert sum(told.values()) == order.total
    assert included == order.included_taxes
    assert told.get("base", 0) == order.subtotal
    assert told.get("discount", 0) == -order.discount
    assert told.get("tax", 0) == order.taxes
    assert told.get("fee", 0) == order.fees
    assert told.get("shipping", 0) == order.shipping
    kinds = [["base", "discount", "fee", "tax", "shipping"].index(str(step["step"])) for step in order.trace]
    assert kinds == sorted(kinds)


@given(lines=LINES, currency=CURRENCIES, discount=DISCOUNTS, fees=FEES)
def test_trace_tells_roundings_in_plain_notation(
    lines: list[PriceLine], currency: str, discount: Discount | None, fees: Fees
) -> None:
    order = price_order(lines, currency=currency, discount=discount, fees=fees)

    for step in order.trace:
        if "rounding" in step:
            text = str(step["rounding"])
            assert text == format(Decimal(text).normalize(), "f")
            assert Decimal(text) != 0
            assert Decimal(text) == Decimal(text).quantize(Decimal("0.000001"))


@given(lines=LINES, currency=CURRENCIES, discount=DISCOUNTS)
def test_roundings_of_the_discount_add_up_to_that_of_the_whole(
    lines: list[PriceLine], currency: str, discount: Discount | None
) -> None:
    order = price_order(lines, currency=currency, discount=discount, fees=NO_FEES)

    steps = [step for step in order.trace if step["step"] == "discount"]
    base = sum((p.subtotal for a, p in zip(lines, order.lines, strict=True) if a.discountable), Decimal(0))
    bearing = [p for a, p in zip(lines, order.lines, strict=True) if a.discountable and p.subtotal]
    if discount is not None and steps and len(steps) == len(bearing):
        exact = min(base, discount.amount or base * (discount.percentage or Decimal(0)) / 100)
        told = sum(Decimal(str(step.get("rounding", 0))) for step in steps)
        assert abs(told - (exact - order.discount)) <= Decimal("0.0000005") * (len(steps) + 1)


@given(data=st.data(), lines=LINES, currency=CURRENCIES, discount=DISCOUNTS, fees=FEES)
def test_order_of_lines_does_not_change_the_totals(
    data: st.DataObject, lines: list[PriceLine], currency: str, discount: Discount | None, fees: Fees
) -> None:
    shuffled = data.draw(st.permutations(lines))

    one = price_order(lines, currency=currency, discount=discount, fees=fees)
    other = price_order(shuffled, currency=currency, discount=discount, fees=fees)

    assert figures(one) == figures(other)
    assert sorted(map(astuple, one.lines)) == sorted(map(astuple, other.lines))


def cut(draw: st.DrawFn, lines: list[PriceLine]) -> list[PriceLine]:
    """Return the same units in other lines."""
    pieces = []
    for one in lines:
        left = one.quantity
        while left:
            taken = draw(st.integers(1, left))
            pieces.append(replace(one, quantity=taken))
            left -= taken
    return list(draw(st.permutations(pieces)))


CUTS = st.composite(cut)


def units_of(lines: list[PriceLine], order: PricedOrder) -> list[tuple[object, ...]]:
    """Return what every unit of an order costs, whatever line it stands in."""
    return sorted(
        (*astuple(one), *(astuple(asked.tax)[1:] if asked.tax else ()), asked.discountable)
        for asked, priced in zip(lines, order.lines, strict=True)
        for one in priced.units
    )


@given(data=st.data(), lines=LINES, currency=CURRENCIES, discount=DISCOUNTS, fees=FEES)
def test_cut_of_lines_does_not_change_a_cent(
    data: st.DataObject, lines: list[PriceLine], currency: str, discount: Discount | None, fees: Fees
) -> None:
    pieces = data.draw(CUTS(lines))

    one = price_order(lines, currency=currency, discount=discount, fees=fees)
    other = price_order(pieces, currency=currency, discount=discount, fees=fees)

    assert figures(one) == figures(other)
    assert one.charge_taxes == other.charge_taxes
    assert units_of(lines, one) == units_of(pieces, other)
    assert [step for step in one.trace if step["step"] in ("fee", "tax", "shipping")] == [
        step for step in other.trace if step["step"] in ("fee", "tax", "shipping")
    ]
