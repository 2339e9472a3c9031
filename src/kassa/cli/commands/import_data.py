"""``kassa import``: brings the data of older systems into an organisation."""

# ruff: noqa: PLC0415 - Django is imported once DATABASE_URL is decided

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from kassa.cli.settings import data_folder, set_up_django
from kassa.runtime.database import open_database
from kassa.runtime.errors import CannotStart


@click.group(name="import")
def import_data() -> None:
    """Bring data of older systems into an organisation.

    It can be repeated: what is imported already is left alone. Rows that cannot be imported are written
    to FILE.rejected.csv, each with its line and the reason.
    """


def _import_options(command: Callable[..., None]) -> Callable[..., None]:
    options = (
        click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
        click.option("--organization", required=True, metavar="SLUG", help="Into which organisation."),
        click.option("--system", help="The older system's name, if several are imported."),
        click.option("--dry-run", is_flag=True, help="Only say what would happen."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@import_data.command()
@_import_options
def tickets(**options: Any) -> None:
    """Import tickets that were sold one by one; those bought together become one order."""
    _run("tickets", **options)


@import_data.command()
@_import_options
def bookings(**options: Any) -> None:
    """Import bookings of courses; each becomes an order."""
    _run("bookings", **options)


@import_data.command()
@_import_options
def orders(**options: Any) -> None:
    """Import orders with items of merchandise; they keep their numbers."""
    _run("orders", **options)


def _run(name: str, *, file: Path, organization: str, system: str | None, dry_run: bool) -> None:
    """Import a file; exit with 1 if any of it was rejected."""
    with open_database(data_folder(), may_start=True):
        set_up_django()
        from kassa.core.clock import utc_now
        from kassa.core.database_clock import set_clock
        from kassa.importers.errors import CannotImport
        from kassa.importers.formats import FORMATS
        from kassa.importers.run import Job, organization_with_slug, stage_import

        set_clock()
        try:
            job = Job(
                path=file,
                format=FORMATS[name],
                organization_id=organization_with_slug(organization),
                system=system or name,
                is_rehearsal=dry_run,
            )
            with (
                stage_import(job) as staged,
                click.progressbar(length=staged.order_count, label="Importing", file=sys.stderr) as bar,
                closing(staged.run(now=utc_now())) as batches,
            ):
                for count in batches:
                    bar.update(count)
        except CannotImport as error:
            raise CannotStart(str(error)) from error
    for sentence in staged.summary.sentences(job.report_path, is_rehearsal=dry_run):
        click.echo(sentence)
    sys.exit(1 if staged.summary.rejected_rows else 0)
