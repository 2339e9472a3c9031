"""Prices of orders: examples worked out by hand, and what holds for any order."""

from __future__ import annotations

import json
from dataclasses import astuple, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassa.core.money import format_amount, smallest_unit
from kassa.sales.domain.pricing import (
    Discount,
    Fees,
    PricedLine,
    PricedOrder,
    PriceLine,
    UnitPrice,
    price_order,
)
from kassa.sales.domain.taxes import ChargeTax, ChargeTaxation, Tax

NO_FEES = Fees(Decimal(0), Decimal(0), Decimal(0))
INCLUDED = Tax("VAT", Decimal(19), included=True)
ADDED = Tax("Sales tax", Decimal("8.875"), included=False)


def line(
    unit_price: str,
    quantity: int = 1,
    tax: Tax | None = None,
    *,
    discountable: bool = True,
    shippable: bool = False,
    label: str = "Standard",
) -> PriceLine:
    return PriceLine(label, Decimal(unit_price), quantity, tax, discountable, shippable)


def percent(percentage: str) -> Discount:
    return Discount("SAVE", Decimal(percentage), None)


def amount_off(amount: str) -> Discount:
    return Discount("SAVE", None, Decimal(amount))


def fees(percentage: str = "0", fixed: str = "0", shipping: str = "0") -> Fees:
    return Fees(Decimal(percentage), Decimal(fixed), Decimal(shipping))


def price(
    *lines: PriceLine, currency: str = "EUR", discount: Discount | None = None, fees: Fees = NO_FEES
) -> PricedOrder:
    return price_order(lines, currency=currency, discount=discount, fees=fees)


def figures(order: PricedOrder) -> dict[str, str]:
    """Return the order's figures that are not zero, as they are shown."""
    names = ("subtotal", "discount", "fees", "taxes", "included_taxes", "shipping", "total")
    return {name: str(getattr(order, name)) for name in names if getattr(order, name)}


def unit(base: str, discount: str, tax: str, paid: str) -> UnitPrice:
    return UnitPrice(Decimal(base), Decimal(discount), Decimal(tax), Decimal(paid))


# --- examples


def test_price_order_of_one_plain_line() -> None:
    order = price(line("25.000", 2))

    assert figures(order) == {"subtotal": "50.00", "total": "50.00"}
    assert order.lines[0].units == (unit("25", "0", "0", "25"),) * 2
    assert order.trace == [{"step": "base", "line": 0, "label": "Standard", "amount": "50.00"}]


def test_price_order_of_no_lines_costs_nothing() -> None:
    order = price(discount=amount_off("5"), fees=fees("2", "1", "4"))

    assert figures(order) == {}
    assert order.trace == []


def test_price_order_leaves_a_line_of_no_units_unpriced() -> None:
    order = price(line("5", 0, ADDED, shippable=True), discount=amount_off("5"), fees=fees("2", "1", "4"))

    assert figures(order) == {}
    assert order.lines[0].units == ()
    assert order.trace == [{"step": "base", "line": 0, "label": "Standard", "amount": "0.00"}]


def test_price_order_rounds_the_unit_price_before_multiplying() -> None:
    order = price(line("10.005", 3))

    assert figures(order) == {"subtotal": "30.03", "total": "30.03"}
    assert order.trace == [
        {"step": "base", "line": 0, "label": "Standard", "amount": "30.03", "rounding": "0.015"}
    ]


def test_percentage_is_rounded_half_up_once_and_spread_over_the_units() -> None:
    order = price(line("9.99", 3), discount=percent("15"))

    assert figures(order) == {"subtotal": "29.97", "discount": "4.50", "total": "25.47"}
    assert order.lines[0].units == (unit("9.99", "1.50", "0", "8.49"),) * 3
    assert order.trace[1:] == [
        {"step": "discount", "line": 0, "label": "SAVE", "amount": "-4.50", "rounding": "-0.0045"}
    ]


def test_half_a_cent_of_discount_is_rounded_up() -> None:
    assert price(line("0.10"), discount=percent("5")).discount == Decimal("0.01")


def test_a_cent_that_cannot_be_divided_goes_to_the_earlier_unit() -> None:
    order = price(line("10", 3), discount=amount_off("10"))

    assert [str(each.discount) for each in order.lines[0].units] == ["3.34", "3.33", "3.33"]


def test_discount_is_spread_over_lines_in_proportion_to_price() -> None:
    order = price(line("30"), line("10", 2), discount=amount_off("0.99"))

    assert [str(each.discount) for each in order.lines] == ["0.59", "0.40"]
    assert [str(each.discount) for each in order.lines[1].units] == ["0.20", "0.20"]
    assert order.trace[2:] == [
        {"step": "discount", "line": 0, "label": "SAVE", "amount": "-0.59", "rounding": "0.004"},
        {"step": "discount", "line": 1, "label": "SAVE", "amount": "-0.40", "rounding": "-0.004"},
    ]


def test_rounding_of_the_whole_discount_is_told_on_its_first_step() -> None:
    order = price(line("5", discountable=False), line("9.95"), line("9.95"), discount=percent("5"))

    assert order.trace[3:] == [
        {"step": "discount", "line": 1, "label": "SAVE", "amount": "-0.50", "rounding": "-0.005"},
        {"step": "discount", "line": 2, "label": "SAVE", "amount": "-0.50"},
    ]


def test_amount_is_capped_at_the_discountable_sum() -> None:
    order = price(line("20"), line("5", discountable=False), discount=amount_off("50"))

    assert figures(order) == {"subtotal": "25.00", "discount": "20.00", "total": "5.00"}
    assert order.trace[2:] == [{"step": "discount", "line": 0, "label": "SAVE", "amount": "-20.00"}]


def test_amount_is_rounded_to_the_currency() -> None:
    order = price(line("2000"), currency="JPY", discount=amount_off("499.5"))

    assert figures(order) == {"subtotal": "2000", "discount": "500", "total": "1500"}
    assert order.trace[1]["rounding"] == "-0.5"


def test_percentage_above_one_hundred_is_capped_too() -> None:
    assert figures(price(line("20"), discount=percent("150"))) == {"subtotal": "20.00", "discount": "20.00"}


def test_coupon_for_some_lines_leaves_the_others_alone() -> None:
    order = price(line("40", 2), line("15", 2, discountable=False), discount=percent("25"))

    assert [str(each.discount) for each in order.lines] == ["20.00", "0.00"]
    assert order.lines[1].units == (unit("15", "0", "0", "15"),) * 2
    assert figures(order) == {"subtotal": "110.00", "discount": "20.00", "total": "90.00"}


def test_coupon_without_discountable_lines_takes_nothing() -> None:
    order = price(line("40", discountable=False), discount=amount_off("10"))

    assert figures(order) == {"subtotal": "40.00", "total": "40.00"}
    assert [step["step"] for step in order.trace] == ["base"]


def test_coupon_on_free_lines_takes_nothing() -> None:
    assert figures(price(line("0", 2), discount=amount_off("10"))) == {}


def test_everything_off_costs_neither_fee_nor_tax() -> None:
    order = price(line("19.99", 3, ADDED), discount=percent("100"), fees=fees("2.5", "0.30"))

    assert figures(order) == {"subtotal": "59.97", "discount": "59.97"}
    assert order.lines[0].units == (unit("19.99", "19.99", "0", "0"),) * 3
    assert [step["step"] for step in order.trace] == ["base", "discount"]


def test_free_order_bears_no_fee_but_its_shipping() -> None:
    order = price(line("0", shippable=True), fees=fees("2.5", "0.30", "4.90"))

    assert figures(order) == {"shipping": "4.90", "total": "4.90"}


def test_fees_are_taken_once_on_the_discounted_prices() -> None:
    order = price(line("25", 2), discount=percent("10"), fees=fees("2.5", "0.30"))

    assert figures(order) == {"subtotal": "50.00", "discount": "5.00", "fees": "1.43", "total": "46.43"}
    assert order.trace[2:] == [
        {"step": "fee", "label": "Service fee 2.5 %", "amount": "1.13", "rounding": "0.005"},
        {"step": "fee", "label": "Service fee", "amount": "0.30"},
    ]


def test_fees_do_not_count_added_taxes() -> None:
    assert price(line("100", tax=ADDED), fees=fees("10")).fees == Decimal(10)


def test_shipping_is_taken_once_for_all_shippable_lines() -> None:
    order = price(line("20", 2, shippable=True), line("5", shippable=True), fees=fees(shipping="4.905"))

    assert figures(order) == {"subtotal": "45.00", "shipping": "4.91", "total": "49.91"}
    assert order.trace[-1] == {"step": "shipping", "label": "Shipping", "amount": "4.91", "rounding": "0.005"}


def test_shipping_is_not_taken_where_nothing_is_shipped() -> None:
    order = price(line("20"), line("5", 0, shippable=True), fees=fees(shipping="4.90"))

    assert figures(order) == {"subtotal": "20.00", "total": "20.00"}


def test_included_tax_is_told_and_not_added() -> None:
    order = price(line("25", 2, INCLUDED))

    assert figures(order) == {"subtotal": "50.00", "included_taxes": "7.98", "total": "50.00"}
    assert astuple(order.lines[0])[:5] == (50, 0, 0, Decimal("7.98"), 50)
    assert order.lines[0].units == (unit("25", "0", "0", "25"),) * 2
    assert order.trace[1:] == [
        {
            "step": "tax",
            "label": "VAT 19 %",
            "amount": "7.98",
            "included": True,
            "rounding": "-0.003193",
        }
    ]


def test_added_tax_is_spread_over_the_units() -> None:
    order = price(line("10", 3, ADDED))

    assert figures(order) == {"subtotal": "30.00", "taxes": "2.66", "total": "32.66"}
    assert [str(each.tax) for each in order.lines[0].units] == ["0.89", "0.89", "0.88"]
    assert order.trace[1:] == [
        {"step": "tax", "label": "Sales tax 8.875 %", "amount": "2.66", "rounding": "-0.0025"}
    ]


def test_tax_is_taken_on_the_discounted_amount() -> None:
    tax = Tax("VAT", Decimal("10.000"), included=False)

    order = price(line("100", tax=tax), discount=amount_off("25"))

    assert figures(order) == {"subtotal": "100.00", "discount": "25.00", "taxes": "7.50", "total": "82.50"}
    assert order.trace[-1] == {"step": "tax", "label": "VAT 10 %", "amount": "7.50"}


def test_yen_have_no_decimals() -> None:
    order = price(
        line("1980", 3, Tax("JCT", Decimal(10), included=True)),
        currency="JPY",
        discount=percent("7"),
        fees=fees("3.6"),
    )

    assert figures(order) == {
        "subtotal": "5940",
        "discount": "416",
        "fees": "199",
        "included_taxes": "520",
        "total": "5723",
    }
    assert [str(each.discount) for each in order.lines[0].units] == ["139", "139", "138"]


def test_dinars_have_three_decimals() -> None:
    order = price(line("3.335", 3), currency="KWD", discount=percent("10"), fees=fees("0", "0.25"))

    assert figures(order) == {"subtotal": "10.005", "discount": "1.001", "fees": "0.250", "total": "9.254"}
    assert [str(each.paid) for each in order.lines[0].units] == ["3.001", "3.001", "3.002"]


def test_mixed_order_adds_up() -> None:
    order = price(
        line("49.90", 2, INCLUDED, label="Seat"),
        line("12.50", 3, ADDED, shippable=True, label="Shirt"),
        line("3", discountable=False, label="Donation"),
        discount=percent("10"),
        fees=fees("1.5", "0.50", "6.90"),
    )

    assert figures(order) == {
        "subtotal": "140.30",
        "discount": "13.73",
        "fees": "2.40",
        "taxes": "3.00",
        "included_taxes": "15.22",
        "shipping": "6.90",
        "total": "138.87",
    }
    assert [(step["step"], step.get("line"), step["amount"]) for step in order.trace] == [
        ("base", 0, "99.80"),
        ("base", 1, "37.50"),
        ("base", 2, "3.00"),
        ("discount", 0, "-9.98"),
        ("discount", 1, "-3.75"),
        ("fee", None, "1.90"),
        ("fee", None, "0.50"),
        ("tax", None, "14.61"),
        ("tax", None, "0.61"),
        ("tax", None, "3.00"),
        ("shipping", None, "6.90"),
    ]


TENTH = Tax("VAT", Decimal(10), included=False)
HALF = Tax("VAT", Decimal(50), included=False)


@pytest.mark.parametrize(
    ("left", "right", "off"),
    [
        pytest.param(line("0.05", tax=TENTH), line("0.05"), "0.01", id="rate"),
        pytest.param(
            line("0.05", tax=TENTH),
            line("0.05", tax=Tax("VAT", Decimal(10), included=True)),
            "0.01",
            id="included",
        ),
        pytest.param(line("0.05", 1, TENTH), line("0.05", 2, TENTH), "0.01", id="quantity"),
        pytest.param(line("0.01", tax=HALF), line("0.03", tax=HALF), "0.02", id="price"),
    ],
)
def test_who_gets_the_odd_cent_does_not_hang_on_the_order_of_lines(
    left: PriceLine, right: PriceLine, off: str
) -> None:
    one = price(left, right, discount=amount_off(off))
    other = price(right, left, discount=amount_off(off))

    assert figures(one) == figures(other)
    assert one.lines == other.lines[::-1]


def test_a_unit_given_for_nothing_bears_no_tax() -> None:
    order = price(line("0.01", 2, Tax("VAT", Decimal(100), included=False)), discount=amount_off("0.01"))

    assert order.lines[0].units == (unit("0.01", "0.01", "0", "0"), unit("0.01", "0", "0.01", "0.02"))


@pytest.mark.parametrize("unit_price", ["-0.01", "-5"])
def test_negative_price_is_refused(unit_price: str) -> None:
    with pytest.raises(ValueError, match="negative"):
        line(unit_price)


def test_negative_quantity_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        line("1", -1)


def test_negative_tax_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        Tax("VAT", Decimal(-1), included=True)


@pytest.mark.parametrize("values", [("-1", "0", "0"), ("0", "-1", "0"), ("0", "0", "-1")])
def test_negative_fee_is_refused(values: tuple[str, str, str]) -> None:
    with pytest.raises(ValueError, match="negative"):
        fees(*values)


@pytest.mark.parametrize(("percentage", "amount"), [(None, None), (Decimal(1), Decimal(1))])
def test_discount_needs_exactly_one_kind(percentage: Decimal | None, amount: Decimal | None) -> None:
    with pytest.raises(ValueError, match="either"):
        Discount("SAVE", percentage, amount)


@pytest.mark.parametrize(("percentage", "amount"), [(Decimal(-1), None), (None, Decimal(-1))])
def test_negative_discount_is_refused(percentage: Decimal | None, amount: Decimal | None) -> None:
    with pytest.raises(ValueError, match="negative"):
        Discount("SAVE", percentage, amount)


# --- what holds for any order

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


SALES_TAX = Tax("Sales tax", Decimal("8.875"), included=False)
SWISS = Tax("VAT", Decimal("7.7"), included=True)
SERVICE = fees("2.5", "0.50")


@pytest.mark.parametrize("quantities", [(10,), (1,) * 10, (3, 7), (4, 4, 2)])
def test_the_same_purchase_costs_the_same_however_it_is_cut(quantities: tuple[int, ...]) -> None:
    order = price(*(line("0.99", count, SALES_TAX) for count in quantities), fees=SERVICE)

    assert (str(order.taxes), str(order.total)) == ("0.88", "11.53")
    taxes = sorted(str(one.tax) for each in order.lines for one in each.units)
    assert taxes == ["0.08"] * 2 + ["0.09"] * 8


def test_included_tax_is_that_of_all_lines_of_its_rate() -> None:
    order = price(*(line("0.99", tax=SWISS, label=f"Type {nth}") for nth in range(10)))

    assert figures(order) == {"subtotal": "9.90", "included_taxes": "0.71", "total": "9.90"}
    assert sorted(str(each.included_tax) for each in order.lines) == ["0.07"] * 9 + ["0.08"]
    assert order.trace[-1] == {
        "step": "tax",
        "label": "VAT 7.7 %",
        "amount": "0.71",
        "included": True,
        "rounding": "0.002201",
    }


def charge(name: str, tax: Tax, amount: str, of_it: str) -> ChargeTax:
    return ChargeTax(name, tax.name, tax.rate, tax.included, Decimal(amount), Decimal(of_it))  # type: ignore[arg-type]


SEVEN = Tax("VAT", Decimal(7), included=True)


def test_fee_is_taxed_as_the_goods_and_costs_no_more() -> None:
    order = price(line("12", tax=SEVEN), fees=SERVICE)

    assert figures(order) == {"subtotal": "12.00", "fees": "0.80", "included_taxes": "0.84", "total": "12.80"}
    assert order.charge_taxes == (charge("fees", SEVEN, "0.80", "0.05"),)
    assert order.lines[0].included_tax == Decimal("0.79")


def test_fee_is_shared_out_over_the_rates_of_the_goods() -> None:
    order = price(line("30", tax=INCLUDED), line("10", tax=SEVEN), line("10"), fees=fees("0", "1.00", "4.90"))

    assert order.charge_taxes == (
        charge("fees", INCLUDED, "0.60", "0.10"),
        charge("fees", SEVEN, "0.20", "0.01"),
    )


def test_shipping_goes_with_what_is_shipped() -> None:
    order = price(
        line("100", tax=INCLUDED), line("10", tax=SEVEN, shippable=True), fees=fees(shipping="4.90")
    )

    assert order.charge_taxes == (charge("shipping", SEVEN, "4.90", "0.32"),)
    assert figures(order)["included_taxes"] == "16.94"


def test_shipping_of_what_costs_nothing_is_taxed_like_it() -> None:
    order = price(line("0", tax=SEVEN, shippable=True), fees=fees(shipping="4.90"))

    assert order.charge_taxes == (charge("shipping", SEVEN, "4.90", "0.32"),)


@pytest.mark.parametrize(
    ("taxation", "expected"),
    [
        (None, ("0.80", "0.00", "0.79", "12.80", ())),
        (INCLUDED, ("0.80", "0.00", "0.92", "12.80", (charge("fees", INCLUDED, "0.80", "0.13"),))),
        (
            Tax("Sales tax", Decimal(10), included=False),
            (
                "0.80",
                "0.08",
                "0.79",
                "12.88",
                (charge("fees", Tax("Sales tax", Decimal(10), included=False), "0.80", "0.08"),),
            ),
        ),
        (Tax("Exempt", Decimal(0), included=True), ("0.80", "0.00", "0.79", "12.80", ())),
    ],
)
def test_fee_may_have_a_rule_of_its_own(
    taxation: ChargeTaxation, expected: tuple[str, str, str, str, tuple[ChargeTax, ...]]
) -> None:
    order = price(line("12", tax=SEVEN), fees=replace(SERVICE, taxation=taxation))

    shown = (order.fees, order.taxes, order.included_taxes, order.total)
    assert (*(str(amount) for amount in shown), order.charge_taxes) == expected


def test_untaxed_goods_leave_their_fee_untaxed() -> None:
    order = price(line("12"), line("5", tax=Tax("Exempt", Decimal(0), included=True)), fees=SERVICE)

    assert (order.charge_taxes, order.included_taxes) == ((), Decimal(0))
