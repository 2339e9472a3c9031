"""``kassa import``: brings the data of older systems into an organisation."""

# ruff: noqa: PLC0415 - Django is imported once DATABASE_URL is decided

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from kassa.cli.settings import data_folder, set_up_django
from kassa.runtime.database import open_database
from kassa.runtime.errors import CannotStart

if TYPE_CHECKING:
    from kassa.importers.layout import Options


class Pair(click.ParamType[tuple[str, str]]):
    """A column and what is said of it, with an equals sign between."""

    name = "COLUMN=TEXT"

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> tuple[str, str]:
        column, sign, text = str(value).partition("=")
        if not sign or not column or not text:
            self.fail(f"'{value}' has not the form COLUMN=TEXT.", param, context)
        return column.strip(), text.strip()


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
        click.option(
            "--map",
            "headings",
            type=Pair(),
            multiple=True,
            help='Where a column stands in the file, such as price="Total Paid".',
        ),
        click.option(
            "--set",
            "constants",
            type=Pair(),
            multiple=True,
            help="What all rows have in a column, such as currency=EUR.",
        ),
        click.option(
            "--replace",
            "words",
            nargs=3,
            multiple=True,
            metavar="COLUMN WORD MEANING",
            help="What a word of the file means here.",
        ),
        click.option("--time-zone", metavar="NAME", help="The clock of moments that name none; else UTC."),
        click.option(
            "--date-order",
            type=click.Choice(("day", "month")),
            help="What 05/06/2026 begins with.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@import_data.command()
@_import_options
@click.option("--event", type=click.UUID, help="Of which event all rows are.")
@click.option(
    "--from",
    "preset",
    type=click.Choice(("eventbrite", "pretix", "tito")),
    help="Which system exported the file.",
)
def tickets(**options: Any) -> None:
    """Import tickets that were sold one by one; those bought together become one order."""
    _run("tickets", **options)


@import_data.command()
@_import_options
@click.option("--event", type=click.UUID, help="Of which course all rows are.")
def bookings(**options: Any) -> None:
    """Import bookings of courses; each becomes an order."""
    _run("bookings", **options)


@import_data.command()
@_import_options
def orders(**options: Any) -> None:
    """Import orders with items of merchandise; they keep their numbers."""
    _run("orders", **options)


def _run(
    name: str, *, file: Path, organization: str, system: str | None, dry_run: bool, **given: Any
) -> None:
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
                system=system or given.get("preset") or name,
                is_rehearsal=dry_run,
                options=_options(given),
                event_id=given.get("event"),
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


def _options(given: dict[str, Any]) -> Options:
    """Return what was said of the file. Raises CannotImport if there is no such time zone."""
    from kassa.core.time_zones import is_time_zone
    from kassa.importers.errors import CannotImport
    from kassa.importers.layout import Options
    from kassa.importers.presets import PRESETS

    zone, order = given["time_zone"], given["date_order"]
    if zone is not None and not is_time_zone(zone):
        raise CannotImport(f"'{zone}' is not a time zone. Write a name such as Europe/Berlin.")
    return Options(
        preset=PRESETS[given["preset"]] if given.get("preset") else None,
        headings=dict(given["headings"]),
        constants=dict(given["constants"]),
        words=tuple(given["words"]),
        time_zone=ZoneInfo(zone) if zone else None,
        is_month_first=None if order is None else order == "month",
    )
