"""Organisations are founded and changed here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from kassa.core.activity_log import record_activity, snapshot
from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.database import violated_constraint
from kassa.core.email_addresses import InvalidEmailAddress, parse_email_address
from kassa.core.errors import AlreadyExists, InvalidInput
from kassa.core.money import is_currency
from kassa.core.permissions import Permission
from kassa.core.versions import require_version
from kassa.core.visible_text import is_visible
from kassa.organizations.domain.addresses import check_domain, check_sites, check_slug
from kassa.organizations.domain.domains import name_domain
from kassa.organizations.models import Organization, OrganizationSettings
from kassa.organizations.queries import organization_settings

PERSONAL = frozenset({"email", "phone", "address"})
"""What the log names and does not store: an organisation may be one person."""


def create_organization(
    *,
    name: str,
    slug: str,
    email: str,
    now: datetime,
    settings: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Organization:
    """Found an organisation with its settings. The operator does: there is nobody yet who could act in it.

    Raises:
        AlreadyExists: the slug is taken.
        InvalidInput: the slug, the name, the address, the custom domain or a setting is not valid.
    """
    _check_settings(settings or {})
    _check_prefixes(OrganizationSettings(), settings or {})
    check_slug(slug)
    if not is_visible(name):
        raise InvalidInput("Give the organisation a name.", field="name")
    email = _parse_email(email)
    domain = fields.pop("custom_domain", None) or None
    check_domain(domain)
    try:
        with transaction.atomic():
            organization = Organization.objects.create(
                name=name, slug=slug, email=email, created_at=now, updated_at=now, **fields
            )
            context = CommandContext(Actor.operator(organization.id), now)
            if domain is not None:
                name_domain(context, domain)
            OrganizationSettings.unscoped.create(
                organization=organization, updated_at=now, **(settings or {})
            )
            record_activity(context, "organization.created", organization, concealed=PERSONAL)
    except IntegrityError as error:
        raise _refusal(error) from error
    return organization


@command(Permission.ORGANIZATION_WRITE)
def change_organization(
    context: CommandContext,
    *,
    changes: Mapping[str, Any],
    settings: Mapping[str, Any],
    expected: datetime | None = None,
) -> OrganizationSettings:
    """Change an organisation and its settings; what is not named stays. An empty domain is none.

    A domain of its own is served once it is proven (:mod:`kassa.organizations.domain.domains`).

    A slug that it had before stays its own, and addresses with it lead on to the new ones.

    Raises:
        NotFound: there is no such organisation.
        AlreadyExists: the slug is taken.
        InvalidInput: the slug, the address, the custom domain or a setting is not valid.
        ChangedMeanwhile: it is no longer the version that was ``expected``.
    """
    organization_id, now = context.organization_id, context.now
    if "slug" in changes:
        check_slug(changes["slug"])
    _check_settings(settings)
    found = organization_settings(organization_id)
    _check_prefixes(found, settings)
    columns = {name: value for name, value in changes.items() if name != "custom_domain"}
    domain = changes.get("custom_domain") or None
    check_domain(domain)
    if "email" in columns:
        columns["email"] = _parse_email(columns["email"])
    try:
        with transaction.atomic():
            # This row is locked first, so that all changes of an organisation take turns.
            rows = Organization.objects.filter(id=organization_id)
            organization = rows.select_for_update(no_key=True).get()
            require_version(organization, expected)
            before = {**snapshot(found), **snapshot(organization)}
            rows.update(**columns, updated_at=now)
            if "custom_domain" in changes:
                name_domain(context, domain)
            if settings:
                OrganizationSettings.objects.of(organization_id).filter(id=found.id).update(
                    **settings, updated_at=now
                )
            changed = organization_settings(organization_id)
            after = {**snapshot(changed), **snapshot(changed.organization)}
            subject = changed.organization
            record_activity(
                context, "organization.changed", subject, before=before, after=after, concealed=PERSONAL
            )
    except IntegrityError as error:
        raise _refusal(error) from error
    return changed


def _refusal(error: IntegrityError) -> Exception:
    """Return what a constraint means; one that nobody can break from outside stays as it is."""
    if "slug" in violated_constraint(error):
        return AlreadyExists("Another organisation has this slug, or had it. Choose another one.")
    return error


def _parse_email(text: str) -> str:
    try:
        return str(parse_email_address(text))
    except InvalidEmailAddress as error:
        raise InvalidInput(str(error), field="email") from error


def _check_settings(settings: Mapping[str, Any]) -> None:
    currency = settings.get("default_currency")
    if currency is not None and not is_currency(currency):
        raise InvalidInput(f"'{currency}' is not a currency in use.", field="settings.default_currency")
    check_sites(settings.get("embed_sites", ()))


def _check_prefixes(found: OrganizationSettings, settings: Mapping[str, Any]) -> None:
    """Keep the numbers of invoices apart from those of credit notes."""
    invoice = settings.get("invoice_prefix", found.invoice_prefix)
    if invoice == settings.get("credit_note_prefix", found.credit_note_prefix):
        raise InvalidInput(
            "Invoices and credit notes need prefixes of their own.", field="settings.credit_note_prefix"
        )
