"""``kassa api-key``."""

# ruff: noqa: PLC0415 - Django is imported once DATABASE_URL is decided

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kassa.cli.organizations import open_organization
from kassa.runtime.errors import CannotStart

if TYPE_CHECKING:
    from kassa.core.command_context import CommandContext
    from kassa.identity.models import ApiKey
    from kassa.organizations.models import Organization

ROLES = ("owner", "admin", "manager", "support", "analyst")
role_option = click.option("--role", type=click.Choice(ROLES), help="Let the key follow this role.")
scope_option = click.option("--scope", "scopes", multiple=True, help="A single right, such as offer:read.")


@click.group("api-key")
def api_key() -> None:
    """List, make, widen and revoke API keys, as a way back in where no key may do it."""


@api_key.command("list")
@click.argument("organization_slug", metavar="ORGANIZATION")
def list_keys(organization_slug: str) -> None:
    """List the keys of an organisation and what they may do."""
    with open_organization(organization_slug) as organization:
        from kassa.identity.models import ApiKey

        for key in ApiKey.objects.of(organization.id).order_by("id"):
            click.echo(_describe(key))


@api_key.command()
@click.argument("organization_slug", metavar="ORGANIZATION")
@click.argument("name")
@role_option
@scope_option
def create(organization_slug: str, name: str, role: str | None, scopes: tuple[str, ...]) -> None:
    """Make a key and print it. Without --role and --scope it follows the role owner."""
    with open_organization(organization_slug) as organization:
        from kassa.identity.domain.api_keys import create_api_key
        from kassa.identity.enums import Role

        wanted = Role(role) if role else None if scopes else Role.OWNER
        made = create_api_key(_operator(organization), name=name, role=wanted, scopes=scopes)
        click.echo(made.secret)
        click.echo(f"{_describe(made.key)}\nThe key is shown this once. Keep it well.", err=True)


@api_key.command()
@click.argument("organization_slug", metavar="ORGANIZATION")
@click.argument("prefix")
@role_option
@scope_option
def grant(organization_slug: str, prefix: str, role: str | None, scopes: tuple[str, ...]) -> None:
    """Let a key follow a role, or give it single rights beside those it has. Its secret stays."""
    if not role and not scopes:
        raise click.UsageError("Say what to grant: --role or --scope.")
    with open_organization(organization_slug) as organization:
        from kassa.identity.domain.api_keys import change_api_key
        from kassa.identity.enums import Role

        key = _find_key(organization, prefix)
        wanted = Role(role) if role else Role(key.role) if key.role else None
        kept = {*key.scopes, *scopes}
        changed = change_api_key(_operator(organization), key.id, role=wanted, scopes=kept)
        click.echo(_describe(changed))


@api_key.command()
@click.argument("organization_slug", metavar="ORGANIZATION")
@click.argument("prefix")
def revoke(organization_slug: str, prefix: str) -> None:
    """Revoke a key for good."""
    with open_organization(organization_slug) as organization:
        from kassa.identity.domain.api_keys import revoke_api_key

        key = _find_key(organization, prefix)
        click.echo(_describe(revoke_api_key(_operator(organization), key.id)))


def _operator(organization: Organization) -> CommandContext:
    from kassa.core.actor import Actor
    from kassa.core.clock import utc_now
    from kassa.core.command_context import CommandContext

    return CommandContext(Actor.operator(organization.id), utc_now())


def _find_key(organization: Organization, prefix: str) -> ApiKey:
    """Return the key whose public beginning this is; the whole key will do as well."""
    from kassa.identity.models import ApiKey

    key = ApiKey.objects.of(organization.id).filter(prefix=prefix[:16]).first()
    if key is None:
        raise CannotStart(f"{organization.slug} has no key {prefix[:16]}. `kassa api-key list` shows all.")
    return key


def _describe(key: ApiKey) -> str:
    follows = f"follows {key.role}" if key.role else "scopes"
    scopes = f" {' '.join(key.scopes)}" if key.scopes else ""
    state = "revoked" if key.revoked_at else "expires" if key.expires_at else "valid"
    return f"{key.prefix}  {state:8} {follows}{scopes}  {key.name}"
