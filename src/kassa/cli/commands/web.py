"""``kassa web``."""

from __future__ import annotations

import os

import click

from kassa.cli.production import warn_of_weaknesses
from kassa.cli.settings import data_folder, read_settings, set_up_django
from kassa.runtime.database import open_database
from kassa.runtime.parent import PARENT_VARIABLE, end_with_parent
from kassa.runtime.ports import check_port
from kassa.runtime.web import run_web
from kassa.runtime.web_lock import holding_port


@click.command()
def web() -> None:
    """Serve the web pages and the API.

    Uses the database of DATABASE_URL, else the one that `kassa serve` runs in the data folder.
    """
    end_with_parent()
    os.environ.setdefault("PGAPPNAME", "kassa web")
    with open_database(data_folder(), may_start=False):
        settings = read_settings()
        if PARENT_VARIABLE not in os.environ:  # the supervisor has checked before it started anything
            check_port(settings.HOST, settings.PORT)
            warn_of_weaknesses(settings)
            set_up_django()
        with holding_port(data_folder(), settings.PORT):
            run_web(
                host=settings.HOST,
                port=settings.PORT,
                workers=settings.WEB_WORKERS,
                threads=settings.WEB_THREADS,
            )
