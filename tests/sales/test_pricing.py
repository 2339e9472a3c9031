"""Prices of orders, worked out by hand."""

from __future__ import annotations

from dataclasses import astuple
from decimal import Decimal

import pytest

from kassa.sales.domain.pricing import Discount, PriceLine
from kassa.sales.domain.taxes import Tax
from tests.sales.prices import ADDED, INCLUDED, amount_off, fees, figures, line, percent, price, unit


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
