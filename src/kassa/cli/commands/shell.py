"""``kassa shell``."""

# ruff: noqa: PLC0415 - Django is imported once DATABASE_URL is decided

from __future__ import annotations

import click

from kassa.cli.settings import data_folder, set_up_django
from kassa.runtime.database import open_database


@click.command()
def shell() -> None:
    """Open a Python shell with Kassa's models at hand."""
    with open_database(data_folder(), may_start=True):
        set_up_django()
        from django.core.management import call_command

        call_command("shell")
