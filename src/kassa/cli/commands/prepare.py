"""``kassa prepare``: what `kassa serve` does between the database and the web."""

# ruff: noqa: PLC0415 - Django is imported once DATABASE_URL is decided

from __future__ import annotations

import json

import click

from kassa.cli.progress import report_progress
from kassa.cli.settings import data_folder, is_demo_wanted, read_settings, set_up_django
from kassa.runtime.database import open_database
from kassa.runtime.parent import end_with_parent


@click.command(hidden=True)
def prepare() -> None:
    """Migrate, load the demo data once, and print its description as JSON (null without a demo).

    A process of its own, so that the supervisor, which lives as long as Kassa, stays small and holds
    neither Django nor connections.
    """
    end_with_parent()
    description = None
    with open_database(data_folder(), may_start=False):
        set_up_django()
        from kassa.runtime import schema

        schema.migrate(report_progress)
        if is_demo_wanted():
            from kassa.core.clock import utc_now
            from kassa.core.database_clock import set_clock
            from kassa.demo.describe import describe_demo
            from kassa.demo.load import load_demo_data

            set_clock()
            if load_demo_data(now=utc_now()):
                schema.analyse()
            description = describe_demo(base_url=read_settings().BASE_URL)
    click.echo(json.dumps(description, default=str))
