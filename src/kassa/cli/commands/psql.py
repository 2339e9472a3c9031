"""``kassa psql``."""

from __future__ import annotations

import subprocess
import sys

import click

from kassa.cli.settings import data_folder
from kassa.runtime.binaries import find_binaries
from kassa.runtime.database import open_database


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(arguments: tuple[str, ...]) -> None:
    """Open PostgreSQL's own shell on Kassa's database; further arguments go to it."""
    with open_database(data_folder(), may_start=True) as url:
        program = find_binaries().program("psql")
        done = subprocess.run([program, url, *arguments], check=False)  # noqa: S603 - arguments of the person at the terminal
    sys.exit(done.returncode)
