"""CSV files that Excel, LibreOffice and Numbers open as they are meant, and give back whole.

A spreadsheet takes a file without a BOM for one in an old encoding of its country, parts cells where its
country does, computes what looks like a formula, and rewrites what looks like a number or a date. So files
begin with a BOM, keep the separator of the file they answer, and put an apostrophe before cells that would
be changed, which :func:`read_cell` takes away again.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

SEPARATORS = (",", ";", "\t")
_FORMULA = r"\s*[=+\-@\uff0b\uff0d\uff1d\uff20]|[\t\r\n]"
_REWRITTEN = (
    r"0\d+\Z|\d{12,}\Z|\d+(?:\.\d+)?[eE]\d+\Z|\d{1,4}[-/]\d{1,2}(?:[-/]\d{1,4})?\Z|\d{1,2}:\d\d(?::\d\d)?\Z"
)
"""Leading zeros, long numbers, exponents, dates and times."""
_DOTTED_DATE = r"\d{1,2}\.\d{1,2}(?:\.\d{1,4})?\.?\Z"
"""A date where semicolons part cells; elsewhere it may be an amount."""
_CHANGED = re.compile(f"{_FORMULA}|{_REWRITTEN}")
_CHANGED_BETWEEN_SEMICOLONS = re.compile(f"{_FORMULA}|{_REWRITTEN}|{_DOTTED_DATE}")
_DECLARED = re.compile(r'"?sep=(.)"?[\r\n]*\Z', re.IGNORECASE)


def write_cell(text: str, *, separator: str = ",") -> str:
    """Return a text so that no spreadsheet computes it or takes it for another number or a date."""
    if text.startswith("'") and _is_marked(text):
        return f"'{text}"
    changed = _CHANGED_BETWEEN_SEMICOLONS if separator == ";" else _CHANGED
    return f"'{text}" if changed.match(text) else text


def read_cell(text: str) -> str:
    """Return the text of a cell, without the apostrophe that kept it from being changed."""
    return text[1:] if text.startswith("'") and _is_marked(text) else text


def _is_marked(text: str) -> bool:
    return _CHANGED_BETWEEN_SEMICOLONS.match(text.lstrip("'")) is not None


def write_rows(file: IO[str], rows: Iterable[Iterable[object]], *, separator: str = ",") -> None:
    """Write rows to a file that was opened by :func:`create_file`."""
    writer = csv.writer(file, delimiter=separator)
    writer.writerows([write_cell(str(cell), separator=separator) for cell in row] for row in rows)


def create_file(path: Path) -> IO[str]:
    """Open a file for writing, with a BOM. Raises OSError."""
    return path.open("w", encoding="utf-8-sig", newline="")


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that is being read, its separator, and which of its lines the rows begin after."""

    rows: Iterator[list[str]]
    separator: str
    lines_before: int


@contextmanager
def open_file(path: Path) -> Iterator[OpenFile]:
    """Open a file in UTF-8, or in UTF-16 with a BOM, whose cells stand between commas, semicolons or tabs.

    A first line such as ``sep=;`` says which; else it is what the first line has most of. Cells are as they
    stand in the file; :func:`read_cell` takes the apostrophes of :func:`write_cell` away.

    Raises:
        OSError: it cannot be read.
        UnicodeDecodeError: it is in another encoding; raised while rows are read as well.
        csv.Error: raised while rows are read, by a row that cannot be parted.
    """
    with path.open(encoding=_encoding(path), newline="") as file:
        first = file.readline()
        declared = _DECLARED.match(first)
        if declared is None:
            file.seek(0)
        separator = declared[1] if declared else _guess_separator(first)
        reader = csv.reader(file, delimiter=separator, strict=True)
        yield OpenFile(reader, separator, lines_before=0 if declared is None else 1)


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        begins = file.read(2)
    return "utf-16" if begins in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"


def _guess_separator(line: str) -> str:
    outside = "".join(part for nth, part in enumerate(line.split('"')) if nth % 2 == 0)
    return max(SEPARATORS, key=outside.count)
