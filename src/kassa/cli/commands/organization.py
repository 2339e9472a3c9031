"""``kassa organization``."""

# ruff: noqa: PLC0415 - Django is imported once DATABASE_URL is decided

from __future__ import annotations

import click

from kassa.cli.progress import report_progress
from kassa.cli.settings import data_folder, set_up_django
from kassa.runtime.database import open_database
from kassa.runtime.errors import CannotStart


@click.group()
def organization() -> None:
    """Found organisations."""


@organization.command()
@click.argument("name")
@click.option("--slug", required=True, help="Its name in addresses, such as harbour-hall.")
@click.option("--email", required=True, help="Where it is reached.")
@click.option("--currency", default="EUR", show_default=True, help="ISO 4217 code of its prices.")
def create(name: str, slug: str, email: str, currency: str) -> None:
    """Found an organisation and print an API key that may do everything in it."""
    with open_database(data_folder(), may_start=True):
        set_up_django()
        from kassa.core.actor import Actor
        from kassa.core.clock import utc_now
        from kassa.core.command_context import CommandContext
        from kassa.core.database_clock import set_clock
        from kassa.core.errors import KassaError
        from kassa.identity.domain.api_keys import create_api_key
        from kassa.identity.enums import Role
        from kassa.organizations.domain.manage import create_organization
        from kassa.runtime import schema

        schema.migrate(report_progress)
        set_clock()
        try:
            founded = create_organization(
                name=name, slug=slug, email=email, now=utc_now(), settings={"default_currency": currency}
            )
        except KassaError as error:
            raise CannotStart(error.detail) from error
        context = CommandContext(Actor.operator(founded.id), utc_now())
        key = create_api_key(context, name="First key", role=Role.OWNER)
    click.echo(f"Organisation  {founded.id}")
    click.echo(f"API key       {key.secret}")
    click.echo("The key is shown this once. Keep it well: it may do everything.", err=True)
