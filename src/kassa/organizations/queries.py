"""Reads of organisations."""

from __future__ import annotations

from uuid import UUID

from kassa.core.errors import NotFound
from kassa.organizations.models import Organization, OrganizationSettings


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
