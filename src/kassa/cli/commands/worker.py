"""``kassa worker``."""

# ruff: noqa: PLC0415 - Django is imported once DATABASE_URL is decided

from __future__ import annotations

import os

import click

from kassa.cli.settings import data_folder, set_up_django
from kassa.runtime.database import open_database
from kassa.runtime.errors import CannotStart
from kassa.runtime.parent import end_with_parent

IDLE_IN_TRANSACTION = "4s"
"""A worker that stands still gives its locks up before those who want them do, after five seconds."""


@click.command()
def worker() -> None:
    """Run jobs, and what is due at set times.

    Uses the database of DATABASE_URL, else the one that `kassa serve` runs in the data folder.
    """
    end_with_parent()
    os.environ.setdefault("PGAPPNAME", "kassa worker")
    os.environ.setdefault("KASSA_IDLE_IN_TRANSACTION", IDLE_IN_TRANSACTION)
    with open_database(data_folder(), may_start=False):
        set_up_django()
        from procrastinate.exceptions import ConnectorException

        from kassa.runtime.worker import run_worker

        try:
            run_worker()
        except ConnectorException as error:
            reason = " ".join(str(error.__cause__ or error).split())
            raise CannotStart(f"The worker lost its database: {reason}") from error
