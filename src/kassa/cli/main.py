"""The command `kassa`."""

from __future__ import annotations

import sys

import click

from kassa.cli.commands.api_key import api_key
from kassa.cli.commands.audit import audit
from kassa.cli.commands.demo import demo
from kassa.cli.commands.doctor import doctor
from kassa.cli.commands.domain import domain
from kassa.cli.commands.import_data import import_data
from kassa.cli.commands.maintenance import maintenance
from kassa.cli.commands.migrate import migrate
from kassa.cli.commands.organization import organization
from kassa.cli.commands.owner import owner
from kassa.cli.commands.prepare import prepare
from kassa.cli.commands.psql import psql
from kassa.cli.commands.rotate_secret_key import rotate_secret_key
from kassa.cli.commands.serve import serve
from kassa.cli.commands.shell import shell
from kassa.cli.commands.web import web
from kassa.cli.commands.worker import worker
from kassa.runtime.errors import CannotStart


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kassa")
def kassa() -> None:
    """Sells whatever has a limited number of places, and never one too many.

    `kassa serve` starts everything. Settings are environment variables (KASSA_PORT, DATABASE_URL, …).
    """


for command in (
    serve,
    web,
    worker,
    migrate,
    demo,
    organization,
    api_key,
    owner,
    domain,
    import_data,
    audit,
    doctor,
    psql,
    shell,
    rotate_secret_key,
    prepare,
    maintenance,
):
    kassa.add_command(command)


def main() -> None:
    """Run the command; an expected failure is a sentence on stderr and exit code 1."""
    try:
        kassa(prog_name="kassa")
    except CannotStart as error:
        sys.exit(f"kassa: {error}")
