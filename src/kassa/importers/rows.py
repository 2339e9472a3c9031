"""The rows of a CSV file, with the line each began on."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kassa.core.spreadsheets import OpenFile, open_file, read_cell
from kassa.importers.errors import CannotImport

REPORT_COLUMNS = ("line", "problem")
"""What the report of rejected rows adds in front; ignored when a mended report is imported."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its values by column, without spaces around them; an absent column is an empty text."""

    line: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")


@dataclass(frozen=True, slots=True)
class Table:
    """An open file: the columns as they stand in it, and an iterator over lines and cells."""

    columns: Sequence[str]
    cells: Iterator[tuple[int, list[str]]]
    separator: str


def column_name(heading: str, aliases: Mapping[str, str]) -> str:
    """Return the name by which a heading is known here: ``Course ID`` is ``course_id``, or its alias."""
    name = "_".join(heading.strip().lower().split())
    return aliases.get(name, name)


@contextmanager
def open_table(path: Path) -> Iterator[Table]:
    """Open a CSV file (UTF-8, or UTF-16 with a BOM; comma, semicolon or tab).

    Raises:
        CannotImport: it cannot be opened, is empty, or stops being text on some line.
    """
    try:
        with open_file(path) as file:
            heading = next(file.rows, None)
            if not heading:
                raise CannotImport(f"{path} is empty. Its first line must name the columns.")
            columns = [read_cell(one) for one in heading]
            yield Table(columns=columns, cells=_cells(file), separator=file.separator)
    except OSError as error:
        raise CannotImport(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CannotImport(f"{path} is not UTF-8 text. Save it as 'CSV UTF-8' and try again.") from error


def _cells(file: OpenFile) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that holds anything with the line it begins on, counted from 1."""
    reader = file.rows
    while True:
        begins = file.lines_before + reader.line_num + 1  # type: ignore[attr-defined]
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise CannotImport(f"Line {begins} cannot be read as CSV: {error}.") from error
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield begins, [read_cell(cell) for cell in cells]
