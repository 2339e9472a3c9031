"""Reads of organisations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from kassa.core.errors import NotFound
from kassa.organizations.models import (
    Organization,
    OrganizationDomain,
    OrganizationSettings,
    OrganizationSlug,
)


def organization_settings(organization_id: UUID) -> OrganizationSettings:
    """Return an organisation's settings together with the organisation.

    Raises:
        NotFound: there is no such organisation, or it is gone.
    """
    found = (
        OrganizationSettings.objects.of(organization_id)
        .filter(organization__deleted_at=None)
        .select_related("organization")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def get_organization_by_slug(slug: str) -> Organization:
    """Return an organisation by its name in addresses.

    Raises:
        NotFound: there is no such organisation, or it is gone.
    """
    found = Organization.objects.filter(slug=slug, deleted_at=None).first()
    if found is None:
        raise NotFound(f"There is no organisation '{slug}'.", slug=slug)
    return found


def living_organizations() -> list[Organization]:
    """Return every organisation that is not deleted, oldest first."""
    return list(Organization.objects.filter(deleted_at=None).select_related("domain").order_by("id"))


class OrganizationView(NamedTuple):
    """An organisation with what its pages need to know of it."""

    organization: Organization
    settings: OrganizationSettings
    former_slugs: frozenset[str]
    """Those it had before."""


def find_organization_view(**named: object) -> OrganizationView | None:
    """Return a living organisation with its settings, in two queries. None: there is none so named."""
    slugs = OrganizationSlug.objects.filter(organization=OuterRef("id")).values("slug")
    living = Organization.objects.filter(deleted_at=None).annotate(all_slugs=ArraySubquery(slugs))
    organization = living.select_related("domain").filter(**named).first()
    if organization is None:
        return None
    found = OrganizationSettings.objects.of(organization.id).first()
    former_slugs = frozenset(organization.all_slugs) - {organization.slug}
    return OrganizationView(organization, found or OrganizationSettings(), former_slugs)


def find_organization_id(slug: str) -> UUID | None:
    """Return the organisation that has a slug or had it. None: there is none, or it is gone."""
    living = Organization.objects.filter(slugs__slug=slug, deleted_at=None)
    return living.values_list("id", flat=True).first()


def get_organizations_by_id(organization_ids: Iterable[UUID]) -> dict[UUID, Organization]:
    """Return organisations, those that are gone too."""
    return Organization.objects.in_bulk(set(organization_ids))


def find_domain(organization_id: UUID, name: str) -> OrganizationDomain | None:
    """Return an organisation's domain. None: it has another one, or none."""
    return OrganizationDomain.objects.filter(organization_id=organization_id, name=name).first()


def find_verified_domain(organization_id: UUID) -> OrganizationDomain | None:
    """Return the domain that an organisation has proven to be its own. None: it has proven none."""
    proven = OrganizationDomain.objects.filter(verified_at__isnull=False)
    return proven.filter(organization_id=organization_id).first()
