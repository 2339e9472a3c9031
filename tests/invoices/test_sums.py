"""The figures of invoices: every sum is that of its lines, and credit notes never take back more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassa.core.money import ZERO, allocate, round_money, smallest_unit
from kassa.invoices.domain.snapshot import figures
from kassa.invoices.domain.sums import (
    Breakdown,
    Line,
    break_down,
    break_down_credit,
    credit_lines,
    spread_credit,
)
from kassa.sales.domain.pricing import Fees, PriceLine, price_order
from kassa.sales.domain.taxes import Tax

RATES = [Decimal(rate) for rate in ("0", "5.5", "7", "19", "20")]
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD"])


def a_line(place: int, gross: Decimal, rate: Decimal, currency: str) -> Line:
    tax = round_money(gross * rate / (100 + rate), currency)
    return Line(
        kind="ticket",
        item=str(place),
        description="Standing",
        detail="",
        quantity=1,
        unit_price=gross,
        discount=ZERO,
        tax_name="VAT" if rate else "",
        tax_rate=rate,
        net=gross - tax,
        tax=tax,
        gross=gross,
    )


@st.composite
def invoices(draw: st.DrawFn) -> tuple[str, list[Line]]:
    currency = draw(CURRENCIES)
    amounts = draw(st.lists(st.tuples(st.decimals(0, 500, places=3), st.sampled_from(RATES)), min_size=1))
    lines = [
        a_line(place, round_money(gross, currency), rate, currency)
        for place, (gross, rate) in enumerate(amounts)
    ]
    return currency, lines


def total(lines: Sequence[Line]) -> Decimal:
    return sum((line.gross for line in lines), ZERO)


def assert_rules_hold(lines: Sequence[Line], currency: str) -> None:
    """Hold a document to EN 16931: BR-S-08, BR-CO-17, and its sums (BR-CO-10, 13 to 16)."""
    assert_stated_right(break_down(lines, currency), lines, currency)


def assert_stated_right(stated: Breakdown, lines: Sequence[Line], currency: str) -> None:
    shown = figures(stated, currency)
    assert all(line.net >= 0 for line in stated.lines)
    for one in stated.taxes:
        of_rate = [line for line in stated.lines if line.tax_rate == one.rate]
        assert one.net == sum((line.net for line in of_rate), ZERO)
        assert one.tax == round_money(one.net * one.rate / 100, currency)
    assert len({one.rate for one in stated.taxes}) == len(stated.taxes)
    assert stated.total == total(lines)
    assert sum(Decimal(line["net"]) for line in shown["lines"]) == Decimal(shown["net"])
    assert sum(Decimal(one["net"]) for one in shown["taxes"]) == Decimal(shown["net"])
    assert sum(Decimal(one["tax"]) for one in shown["taxes"]) == Decimal(shown["tax"])
    paid = Decimal(shown["net"]) + Decimal(shown["tax"]) + Decimal(shown["rounding"])
    assert paid == Decimal(shown["total"]) == total(lines)


@given(invoices())
def test_document_holds_the_rules_of_the_european_standard(invoice: tuple[str, list[Line]]) -> None:
    currency, lines = invoice

    assert_rules_hold(lines, currency)


@given(
    amounts=st.lists(st.tuples(st.integers(1, 100_000), st.booleans()), min_size=1, max_size=8),
    fee=st.integers(0, 500),
    rate=st.sampled_from([Decimal(rate) for rate in ("2.1", "5.5", "7", "7.7", "8.875", "19", "20", "25.5")]),
    currency=CURRENCIES,
)
def test_invoice_of_an_order_states_the_tax_it_was_sold_with(
    amounts: list[tuple[int, bool]], fee: int, rate: Decimal, currency: str
) -> None:
    """Whatever was paid, at most one smallest unit is left as rounding."""
    unit = smallest_unit(currency)
    order = price_order(
        [
            PriceLine("Standing", minor * unit, 1, Tax("VAT", rate, included=included), False, False)
            for minor, included in amounts
        ],
        currency=currency,
        discount=None,
        fees=Fees(ZERO, fee * unit, ZERO),
    )
    lines = [
        replace(
            a_line(place, priced.total, rate, currency),
            net=priced.total - priced.tax - priced.included_tax,
            tax=priced.tax + priced.included_tax,
        )
        for place, priced in enumerate(order.lines)
    ]
    lines += [
        replace(a_line(99, one.amount, rate, currency), net=one.amount - one.tax, tax=one.tax)
        for one in order.charge_taxes
    ]

    assert_rules_hold(lines, currency)
    stated = break_down(lines, currency)
    assert stated.tax == order.taxes + order.included_taxes
    assert abs(stated.rounding) <= unit


def test_case_of_ten_types_with_included_tax() -> None:
    swiss = Tax("VAT", Decimal("7.7"), included=True)
    order = price_order(
        [PriceLine(f"Type {nth}", Decimal("0.99"), 1, swiss, False, False) for nth in range(10)],
        currency="CHF",
        discount=None,
        fees=Fees(ZERO, ZERO, ZERO),
    )
    lines = [
        replace(
            a_line(place, priced.total, swiss.rate, "CHF"),
            net=priced.total - priced.included_tax,
            tax=priced.included_tax,
        )
        for place, priced in enumerate(order.lines)
    ]

    shown = figures(break_down(lines, "CHF"), "CHF")

    assert (shown["net"], shown["tax"], shown["rounding"], shown["total"]) == ("9.19", "0.71", "0.00", "9.90")


def test_price_that_is_no_net_and_tax_leaves_a_rounding() -> None:
    """No net with 19 per cent on it makes 1.03: the tax stays, and a cent is left."""
    shown = figures(break_down([a_line(0, Decimal("1.03"), Decimal(19), "EUR")], "EUR"), "EUR")

    assert (shown["net"], shown["tax"], shown["rounding"], shown["total"]) == ("0.86", "0.16", "0.01", "1.03")
    assert shown["lines"][0]["gross"] == "1.03"


@given(invoices(), st.data())
def test_credit_notes_add_up_to_what_went_back_and_never_to_more(
    invoice: tuple[str, list[Line]], data: st.DataObject
) -> None:
    currency, lines = invoice
    before = [ZERO] * len(lines)
    credited: dict[str | None, list[Line]] = defaultdict(list)
    left = total(lines)
    for _ in range(data.draw(st.integers(1, 4))):
        amount = round_money(data.draw(st.decimals(0, left, places=3)), currency)
        amount = min(amount, left)
        wanted = {
            place: min(amount, round_money(data.draw(st.decimals(0, 500, places=3)), currency))
            for place in data.draw(st.sets(st.sampled_from(range(len(lines))), max_size=3))
        }
        rest = [line.gross - back for line, back in zip(lines, before, strict=True)]
        parts = spread_credit(amount, wanted, rest, currency)
        assert sum(parts, ZERO) == amount
        assert all(0 <= part <= room for part, room in zip(parts, rest, strict=True))
        note = credit_lines(lines, parts, before, {}, currency)
        assert total(note) == amount
        assert all(line.net >= 0 and line.tax >= 0 and line.net + line.tax == line.gross for line in note)
        if note:
            assert_rules_hold(note, currency)
        for line in note:
            credited[line.item].append(line)
        before = [back + part for back, part in zip(before, parts, strict=True)]
        left -= amount
    for line in lines:
        back = credited[line.item]
        assert sum((one.tax for one in back), ZERO) <= line.tax
        if total(back) == line.gross:
            assert sum((one.tax for one in back), ZERO) == line.tax


def by_rate(stated: Breakdown, lines: Sequence[Line]) -> dict[Decimal, tuple[Decimal, Decimal]]:
    return {
        one.rate: (one.net, sum((line.gross for line in lines if line.tax_rate == one.rate), ZERO))
        for one in stated.taxes
    }


@given(invoices(), st.data())
def test_every_credit_note_holds_the_rules_and_all_together_are_the_invoice(
    invoice: tuple[str, list[Line]], data: st.DataObject
) -> None:
    currency, lines = invoice
    whole = break_down(lines, currency)
    left = by_rate(whole, lines)
    before = [ZERO] * len(lines)
    taken = dict.fromkeys(left, (ZERO, ZERO))
    rounding = ZERO
    shares = data.draw(st.lists(st.integers(1, 99), max_size=3))
    for share in [*shares, 100]:
        rest = [line.gross - back for line, back in zip(lines, before, strict=True)]
        amount = round_money(sum(rest, ZERO) * share / 100, currency)
        parts = spread_credit(amount, {}, rest, currency)
        note = credit_lines(whole.lines, parts, before, {}, currency)
        stated = break_down_credit(note, left, currency)
        assert_stated_right(stated, note, currency)
        gone = by_rate(stated, note)
        taxes = {one.rate: one.tax for one in stated.taxes}
        for rate, (net, gross) in gone.items():
            left[rate] = (left[rate][0] - net, left[rate][1] - gross)
            taken[rate] = (taken[rate][0] + net, taken[rate][1] + taxes[rate])
        before = [back + part for back, part in zip(before, parts, strict=True)]
        rounding += stated.rounding
    for one in whole.taxes:
        if sum(line.gross for line in lines if line.tax_rate == one.rate):
            assert taken[one.rate] == (one.net, one.tax)
    assert rounding == whole.rounding


def test_money_for_a_line_goes_back_for_that_line() -> None:
    left = [Decimal("45.00"), Decimal("12.50"), Decimal("3.00")]

    assert spread_credit(Decimal("15.50"), {1: Decimal("12.50"), 2: Decimal("3.00")}, left, "EUR") == [
        ZERO,
        Decimal("12.50"),
        Decimal("3.00"),
    ]


def test_what_is_kept_back_is_kept_of_the_lines_that_were_given_back() -> None:
    left = [Decimal("50.00"), Decimal("50.00"), Decimal("10.00")]
    wanted = {0: Decimal("50.00"), 1: Decimal("50.00")}

    assert spread_credit(Decimal("90.00"), wanted, left, "EUR") == [Decimal(45), Decimal(45), ZERO]


def test_no_more_is_taken_back_than_was_invoiced() -> None:
    with pytest.raises(ValueError, match="More would be taken back"):
        spread_credit(Decimal("10.01"), {}, [Decimal(10)], "EUR")


def test_a_line_in_pieces_gives_its_tax_back_once() -> None:
    line = a_line(0, Decimal("10.00"), Decimal(19), "EUR")
    parts = allocate(line.gross, [Decimal(1)] * 7, "EUR")
    before, taxes = ZERO, ZERO
    for part in parts:
        [note] = credit_lines([line], [part], [before], {0: 1}, "EUR")
        before += part
        taxes += note.tax
    assert taxes == line.tax


def test_lines_that_are_not_taxed_are_one_sum() -> None:
    lines = [a_line(place, Decimal(5), ZERO, "EUR") for place in range(2)]
    lines.append(replace(lines[0], tax_name="Exempt"))

    [sums] = break_down(lines, "EUR").taxes

    assert (sums.name, sums.rate, sums.gross) == ("", ZERO, Decimal(15))


def test_one_rate_under_two_names_is_one_sum() -> None:
    lines = [a_line(0, Decimal(5), Decimal(7), "EUR")]
    lines.append(replace(a_line(1, Decimal(3), Decimal(7), "EUR"), tax_name="Books"))

    [sums] = break_down(lines, "EUR").taxes

    assert (sums.name, sums.rate) == ("Books / VAT", Decimal(7))
