"""One import from beginning to end: gather the file's rows, import in batches, report what was rejected."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

from kassa.catalog.queries import event_of, ticket_types_of
from kassa.core.errors import NotFound
from kassa.core.search_text import fold
from kassa.importers.batch import Importer, Outcome, Result
from kassa.importers.errors import CannotImport, Rejected
from kassa.importers.layout import Layout, Options, build_layout
from kassa.importers.old import MOST_ROWS, Format, OldOrder
from kassa.importers.report import Summary, write_report
from kassa.importers.room import Room
from kassa.importers.rows import Row, Table, open_table
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
    options: Options = field(default_factory=Options)
    event_id: UUID | None = None
    """Of which event all rows are; its ticket types may go by their names. None: each row says it."""

    @property
    def report_path(self) -> Path:
        """Where rejected rows are reported."""
        return self.path.with_suffix(".rejected.csv")


@dataclass(slots=True)
class StagedImport:
    """A file whose rows are gathered into orders, ready to be imported."""

    job: Job
    staging: Staging
    layout: Layout
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
        groups = self.staging.orders(self.layout)
        try:
            while batch := list(islice(groups, job.batch_size)):
                orders = [order for rows in batch if (order := self._read(rows)) is not None]
                for outcome in importer.import_orders(orders):
                    self._note(outcome)
                yield len(batch)
        finally:
            self.summary.rejected_rows = write_report(
                job.report_path, self.staging, separator=self.layout.separator
            )

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
    options, words = (job.options, {}) if job.event_id is None else _describe_event(job)
    with open_table(job.path) as table:
        layout = build_layout(job.format, table, options, words)
        with open_staging(table.columns) as staging:
            _gather(table, staging, layout)
            twice = f"'{job.format.unique}' {{name}} stands on line {{line}} already."
            yield StagedImport(job, staging, layout, staging.gather(twice=twice))


def _describe_event(job: Job) -> tuple[Options, Mapping[tuple[str, str], str]]:
    """Return the options with the event of all rows and its currency, and its ticket types by name."""
    try:
        event = event_of(job.organization_id, UUID(str(job.event_id)))
    except NotFound as error:
        raise CannotImport(f"This organisation has no event {job.event_id}.") from error
    column = "event" if "event" in job.format.columns else "course"
    if column not in job.format.columns:
        raise CannotImport(f"'{job.format.name}' are not of an event.")
    constants = {column: str(event.id), "currency": event.currency} | dict(job.options.constants)
    types = ticket_types_of(job.organization_id, [event.id])
    words = {("ticket_type", fold(one.name)): str(one.id) for one in types}
    return replace(job.options, constants=constants), words


def _gather(table: Table, staging: Staging, layout: Layout) -> None:
    form = layout.format
    for line, cells in table.cells:
        row = layout.read(line, cells)
        problem = None
        if len(cells) != layout.width:
            problem = f"It has {len(cells)} cells, and the first line names {layout.width} columns."
        try:
            purchase = form.purchase(row)
        except Rejected as rejected:
            purchase, problem = None, problem or rejected.sentence
        name = row[form.unique] if form.unique else ""
        staging.add(line, cells, purchase=purchase, unique_name=name or None)
        if problem is not None:
            staging.reject(line, problem)
