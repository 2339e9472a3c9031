"""``kassa demo``."""

# ruff: noqa: PLC0415 - Django is imported once DATABASE_URL is decided

from __future__ import annotations

import json

import click

from kassa.cli.announcement import order_command
from kassa.cli.progress import report_progress
from kassa.cli.settings import data_folder, read_settings, set_up_django
from kassa.runtime.database import open_database


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the demo's ids and keys as JSON.")
@click.option("--base-url", help="The address in the links; otherwise the one of the settings.")
def demo(*, as_json: bool, base_url: str | None) -> None:
    """Fill the database with demo data, once, and say what is in it."""
    with open_database(data_folder(), may_start=True):
        set_up_django()
        from kassa.core.clock import utc_now
        from kassa.core.database_clock import set_clock
        from kassa.demo.describe import describe_demo
        from kassa.demo.load import load_demo_data
        from kassa.runtime import schema

        schema.migrate(report_progress)
        set_clock()
        is_new = load_demo_data(now=utc_now())
        description = describe_demo(base_url=(base_url or read_settings().BASE_URL).rstrip("/"))
    if as_json:
        click.echo(json.dumps(description, indent=2, default=str))
        return
    click.echo("Loaded the demo data." if is_new else "The demo data is there already.")
    if command := order_command(description):
        click.echo(f"\nPlace an order:\n\n{command}")
