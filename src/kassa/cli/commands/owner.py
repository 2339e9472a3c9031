"""``kassa owner``."""

# ruff: noqa: PLC0415 - Django is imported once DATABASE_URL is decided

from __future__ import annotations

import click

from kassa.cli.organizations import open_organization


@click.group()
def owner() -> None:
    """List the owners of an organisation, or make somebody one, as a way back in."""


@owner.command("list")
@click.argument("organization_slug", metavar="ORGANIZATION")
def list_owners(organization_slug: str) -> None:
    """List the owners of an organisation."""
    with open_organization(organization_slug) as organization:
        from kassa.identity.enums import Role
        from kassa.identity.queries import members_of

        for member in members_of(organization.id).filter(role=Role.OWNER).order_by("id"):
            click.echo(f"{member.user.email}  {member.user.name}")


@owner.command()
@click.argument("organization_slug", metavar="ORGANIZATION")
@click.argument("email")
def add(organization_slug: str, email: str) -> None:
    """Make a member an owner; anybody else is invited as one, by mail and by a link that is printed."""
    with open_organization(organization_slug) as organization:
        from django.conf import settings

        from kassa.core.actor import Actor
        from kassa.core.clock import utc_now
        from kassa.core.command_context import CommandContext
        from kassa.identity.domain.invitations import invite_member
        from kassa.identity.domain.members import change_member, normal_email
        from kassa.identity.enums import Role
        from kassa.identity.queries import members_of

        context = CommandContext(Actor.operator(organization.id), utc_now())
        member = members_of(organization.id).filter(user__email=normal_email(email)).first()
        if member is not None:
            change_member(context, member.id, role=Role.OWNER)
            click.echo(f"{member.user.email} is an owner of {organization.name}.")
            return
        _, token = invite_member(context, email=email, role=Role.OWNER)
        click.echo(f"{settings.BASE_URL}/account/invitations/{token}/")
        click.echo("Whoever can sign in with this address becomes an owner by this link.", err=True)
