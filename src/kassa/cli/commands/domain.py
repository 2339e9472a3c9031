"""``kassa domain``."""

# ruff: noqa: PLC0415 - Django is imported once DATABASE_URL is decided

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kassa.cli.organizations import open_organization
from kassa.cli.settings import data_folder, set_up_django
from kassa.runtime.database import open_database

if TYPE_CHECKING:
    from kassa.organizations.models import OrganizationDomain

slug_argument = click.argument("organization_slug", metavar="ORGANIZATION")


@click.group()
def domain() -> None:
    """List, check, vouch for and take away the domains that organisations have named as their own."""


@domain.command("list")
def list_domains() -> None:
    """List all domains, how each is proven, and what the last check lacked."""
    with open_database(data_folder(), may_start=True):
        set_up_django()
        from kassa.organizations.models import OrganizationDomain

        for one in OrganizationDomain.objects.select_related("organization").order_by("name", "pk"):
            click.echo(_describe(one))


@domain.command()
@slug_argument
def check(organization_slug: str) -> None:
    """Look for the proof of an organisation's domain now."""
    with open_organization(organization_slug) as organization:
        from kassa.core.clock import utc_now
        from kassa.organizations.domain.domain_proof import FILE_PATH, RECORD, format_proof
        from kassa.organizations.domain.domains import verify_domain

        found = verify_domain(organization.id, now=utc_now())
        click.echo(_describe(found))
        if found.verified_at is None:
            click.echo(f"It needs a TXT record {RECORD}.{found.name}")
            click.echo(f"or a file https://{found.name}{FILE_PATH} with")
            click.echo(format_proof(found.token))


@domain.command()
@slug_argument
@click.argument("name", required=False)
def trust(organization_slug: str, name: str | None) -> None:
    """Vouch for an organisation's domain, or for NAME instead. It is no longer checked."""
    with open_organization(organization_slug) as organization:
        from kassa.core.actor import Actor
        from kassa.core.clock import utc_now
        from kassa.core.command_context import CommandContext
        from kassa.organizations.domain.addresses import check_domain_name
        from kassa.organizations.domain.domains import name_domain, trust_domain

        context = CommandContext(Actor.operator(organization.id), utc_now())
        if name:
            check_domain_name(name)
            name_domain(context, name)
        click.echo(_describe(trust_domain(context)))


@domain.command()
@slug_argument
def remove(organization_slug: str) -> None:
    """Take an organisation's domain away. It may name and prove it again, unless it is reserved."""
    with open_organization(organization_slug) as organization:
        from kassa.core.actor import Actor
        from kassa.core.clock import utc_now
        from kassa.core.command_context import CommandContext
        from kassa.organizations.domain.domains import get_domain, name_domain

        removed = get_domain(organization.id).name
        name_domain(CommandContext(Actor.operator(organization.id), utc_now()), None)
        click.echo(f"{organization.slug} no longer has a domain. It was {removed}.")


def _describe(one: OrganizationDomain) -> str:
    state = f"proven ({one.proof})" if one.verified_at else "not proven"
    since = f", failing since {one.failing_since:%Y-%m-%d}" if one.failing_since else ""
    problem = f", {one.problem.replace('_', ' ')}" if one.problem else ""
    return f"{one.name}  {one.organization.slug}  {state}{problem}{since}"
