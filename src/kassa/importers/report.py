"""What became of a file: the rows that were rejected, as a file of the same form, and a few sentences."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from kassa.core.spreadsheets import create_file, write_rows
from kassa.importers.batch import Result
from kassa.importers.errors import CannotImport
from kassa.importers.rows import REPORT_COLUMNS
from kassa.importers.staging import Staging


@dataclass(slots=True)
class Summary:
    """How many orders had which result."""

    orders: Counter[Result] = field(default_factory=Counter)
    rejected_rows: int = 0

    def sentences(self, report: Path, *, is_rehearsal: bool) -> list[str]:
        """Return what is said at the end."""
        imported, present, rejected = (self.orders[result] for result in Result)
        told = [f"{'Would be imported' if is_rehearsal else 'Imported'}: {_orders(imported)}."]
        if present:
            told.append(f"Imported before and left alone: {_orders(present)}.")
        if rejected or self.rejected_rows:
            told.append(
                f"Rejected: {_orders(rejected)}. {report} says why, for each of {self.rejected_rows:,} rows. "
                "Mend them there and import that file."
            )
        if is_rehearsal:
            told.append("This was a dry run: nothing was written to the database.")
        return told


def write_report(path: Path, staging: Staging, *, separator: str) -> int:
    """Write the rows that were rejected, with their lines and problems; return how many there are.

    It has the columns and the separator of the file, so that the same spreadsheet opens it, and it can be
    mended and imported. Without any the report of an earlier run is taken away.

    Raises:
        CannotImport: it cannot be written there.
    """
    kept = [at for at, heading in enumerate(staging.columns) if heading not in REPORT_COLUMNS]
    width = len(staging.columns)
    count = 0
    try:
        with create_file(path) as file:
            write_rows(file, [[*REPORT_COLUMNS, *(staging.columns[at] for at in kept)]], separator=separator)
            for line, sentence, cells in staging.rejected():
                known = (cells[at] for at in kept if at < len(cells))
                write_rows(file, [[line, sentence, *known, *cells[width:]]], separator=separator)
                count += 1
        if count == 0:
            path.unlink()
    except OSError as error:
        raise CannotImport(f"The report {path} cannot be written: {error.strerror}.") from error
    return count


def _orders(count: int) -> str:
    return "1 order" if count == 1 else f"{count:,} orders"
