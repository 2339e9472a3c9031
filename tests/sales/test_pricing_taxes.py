"""Taxes by rate over a whole order, and those of fees and shipping."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from kassa.sales.domain.taxes import ChargeTax, ChargeTaxation, Tax
from tests.sales.prices import INCLUDED, fees, figures, line, price

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
