"""``kassa migrate``."""

# ruff: noqa: PLC0415 - Django is imported once DATABASE_URL is decided

from __future__ import annotations

import click

from kassa.cli.progress import report_progress
from kassa.cli.settings import data_folder, set_up_django
from kassa.runtime.database import open_database


@click.command()
def migrate() -> None:
    """Bring the database's tables up to date.

    Starts the embedded database for its own duration when it does not run.
    """
    with open_database(data_folder(), may_start=True):
        set_up_django()
        from kassa.runtime import schema

        names = schema.migrate(report_progress)
    click.echo(f"Applied {len(names)} migrations." if names else "The database is up to date.")
