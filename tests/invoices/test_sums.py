"""The figures of invoices: every sum is that of its lines, and credit notes never take back more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kassa.core.money import ZERO, allocate, round_money
from kassa.invoices.domain.snapshot import figures
from kassa.invoices.domain.sums import Line, credit_lines, spread_credit, taxes_of

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


@given(invoices())
def test_taxes_by_rate_add_up_to_the_lines(invoice: tuple[str, list[Line]]) -> None:
    currency, lines = invoice
    taxes = taxes_of(lines)

    assert sum((one.gross for one in taxes), ZERO) == total(lines)
    assert all(one.net + one.tax == one.gross for one in taxes)
    assert len({(one.rate, one.name) for one in taxes}) == len(taxes)
    shown = figures(lines, currency)
    assert Decimal(shown["net"]) + Decimal(shown["tax"]) == Decimal(shown["total"]) == total(lines)
    assert sum(Decimal(line["gross"]) for line in shown["lines"]) == Decimal(shown["total"])
    assert sum(Decimal(one["tax"]) for one in shown["taxes"]) == Decimal(shown["tax"])


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
        for line in note:
            credited[line.item].append(line)
        before = [back + part for back, part in zip(before, parts, strict=True)]
        left -= amount
    for line in lines:
        back = credited[line.item]
        assert sum((one.tax for one in back), ZERO) <= line.tax
        if total(back) == line.gross:
            assert sum((one.tax for one in back), ZERO) == line.tax


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

    [sums] = taxes_of(lines)

    assert (sums.name, sums.rate, sums.gross) == ("", ZERO, Decimal(15))
