"""The rows of a CSV file, with the line each began on."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

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


def column_name(heading: str, aliases: Mapping[str, str]) -> str:
    """Return the name by which a heading is known here: ``Course ID`` is ``course_id``, or its alias."""
    name = "_".join(heading.strip().lower().split())
    return aliases.get(name, name)


@contextmanager
def open_table(path: Path) -> Iterator[Table]:
    """Open a CSV file (UTF-8, comma or semicolon).

    Raises:
        CannotImport: it cannot be opened, is empty, or stops being text on some line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = _reader(file)
            heading = next(reader, None)
            if not heading:
                raise CannotImport(f"{path} is empty. Its first line must name the columns.")
            yield Table(columns=heading, cells=_cells(reader))
    except OSError as error:
        raise CannotImport(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CannotImport(f"{path} is not UTF-8 text. Save it as 'CSV UTF-8' and try again.") from error


def _reader(file: TextIO) -> Iterator[list[str]]:
    first = file.readline()
    file.seek(0)
    delimiter = ";" if first.count(";") > first.count(",") else ","
    return csv.reader(file, delimiter=delimiter, strict=True)


def _cells(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that holds anything with the line it begins on, counted from 1."""
    begins = reader.line_num + 1  # type: ignore[attr-defined]
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise CannotImport(f"Line {begins} cannot be read as CSV: {error}.") from error
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield begins, cells
        begins = reader.line_num + 1  # type: ignore[attr-defined]
