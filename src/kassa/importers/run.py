"""One import from beginning to end: gather the file's rows, import in batches, report what was rejected."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

from kassa.importers.batch import Importer, Outcome, Result
from kassa.importers.errors import CannotImport, Rejected
from kassa.importers.old import MOST_ROWS, Format, OldOrder
from kassa.importers.report import Summary, write_report
from kassa.importers.room import Room
from kassa.importers.rows import Row, Table, column_name, open_table
from kassa.importers.staging import Staging, open_staging
from kassa.organizations.models import Organization

SYSTEM = re.compile(r"[A-Za-z0-9_-]{1,40}")
BATCH = 200
"""How many orders are imported in one transaction: short locks, and still set-wise."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be imported where."""

    path: Path
    format: Format
    organization_id: UUID
    system: str
    """Tells purchases of this system from those of others with the same reference."""
    is_rehearsal: bool = False
    batch_size: int = BATCH

    @property
    def report_path(self) -> Path:
        """Where rejected rows are reported."""
        return self.path.with_suffix(".rejected.csv")


@dataclass(slots=True)
class StagedImport:
    """A file whose rows are gathered into orders, ready to be imported."""

    job: Job
    staging: Staging
    order_count: int
    summary: Summary = field(default_factory=Summary)

    def run(self, *, now: datetime) -> Generator[int, None, None]:
        """Import batch by batch and yield how many orders each had; the report is written at the end.

        It is written as well when the import stops half-way; run again, it goes on from there.

        Raises:
            CannotImport: the import cannot go on.
        """
        job = self.job
        rehearsal = Room(job.organization_id, is_rehearsal=True) if job.is_rehearsal else None
        importer = Importer(job.organization_id, job.system, now, rehearsal)
        names = [column_name(heading, job.format.aliases) for heading in self.staging.columns]
        groups = self.staging.orders(names)
        try:
            while batch := list(islice(groups, job.batch_size)):
                orders = [order for rows in batch if (order := self._read(rows)) is not None]
                for outcome in importer.import_orders(orders):
                    self._note(outcome)
                yield len(batch)
        finally:
            self.summary.rejected_rows = write_report(job.report_path, self.staging)

    def _read(self, rows: Sequence[tuple[Row, str | None]]) -> OldOrder | None:
        """Return the order of some rows; None: it is rejected, and each of its rows says why."""
        wrong = next(((row.line, problem) for row, problem in rows if problem is not None), None)
        lines = [row.line for row, _ in rows]
        if wrong is not None:
            self._reject(lines, wrong[1], wrong[0])
        elif len(rows) > MOST_ROWS:
            self._reject(lines, f"{len(rows)} rows are of one order; {MOST_ROWS} are the most.", None)
        else:
            try:
                return self.job.format.read([row for row, _ in rows])
            except Rejected as rejected:
                self._reject(lines, rejected.sentence, rejected.line)
        return None

    def _note(self, outcome: Outcome) -> None:
        if outcome.result == Result.REJECTED:
            self._reject(outcome.order.lines, outcome.reason, outcome.line)
        else:
            self.summary.orders[outcome.result] += 1

    def _reject(self, lines: Sequence[int], sentence: str, culprit: int | None) -> None:
        self.summary.orders[Result.REJECTED] += 1
        for line in lines:
            is_to_blame = culprit is None or line == culprit
            self.staging.reject(
                line,
                sentence if is_to_blame else f"Not imported, because line {culprit} of its order is wrong.",
            )


def organization_with_slug(slug: str) -> UUID:
    """Return the id of a living organisation.

    Raises:
        CannotImport: there is none with this slug.
    """
    found = Organization.objects.filter(slug=slug, deleted_at=None).values_list("id", flat=True).first()
    if found is None:
        raise CannotImport(f"There is no organisation with the slug '{slug}'.")
    return found


@contextmanager
def stage_import(job: Job) -> Iterator[StagedImport]:
    """Read a file and gather its rows into orders; nothing is imported yet.

    Raises:
        CannotImport: the file cannot be read or lacks a column, or the system's name will not do.
    """
    if not SYSTEM.fullmatch(job.system):
        raise CannotImport("Name the older system with up to 40 letters, digits, '-' and '_'.")
    with open_table(job.path) as table:
        _check_columns(table, job)
        with open_staging(table.columns) as staging:
            _gather(table, staging, job.format)
            twice = f"'{job.format.unique}' {{name}} stands on line {{line}} already."
            yield StagedImport(job, staging, staging.gather(twice=twice))


def _check_columns(table: Table, job: Job) -> None:
    names = [column_name(heading, job.format.aliases) for heading in table.columns]
    missing = [column for column in job.format.required if column not in names]
    if missing:
        raise CannotImport(
            f"{job.path} lacks the columns {', '.join(missing)}. Its first line must name the columns."
        )
    twice = sorted(name for name, count in Counter(names).items() if count > 1 and name in job.format.columns)
    if twice:
        raise CannotImport(f"{job.path} has the column {twice[0]} twice.")


def _gather(table: Table, staging: Staging, form: Format) -> None:
    names = [column_name(heading, form.aliases) for heading in table.columns]
    for line, cells in table.cells:
        row = Row(line, {name: cell.strip() for name, cell in zip(names, cells, strict=False)})
        problem = None
        if len(cells) != len(names):
            problem = f"It has {len(cells)} cells, and the first line names {len(names)} columns."
        try:
            purchase = form.purchase(row)
        except Rejected as rejected:
            purchase, problem = None, problem or rejected.sentence
        name = row[form.unique] if form.unique else ""
        staging.add(line, cells, purchase=purchase, unique_name=name or None)
        if problem is not None:
            staging.reject(line, problem)
