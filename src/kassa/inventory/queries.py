"""Reads of quotas."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from kassa.core.errors import NotFound
from kassa.inventory.models import Quota


def quotas_of(organization_id: UUID) -> QuerySet[Quota]:
    """Return all quotas of an organisation."""
    return Quota.objects.of(organization_id)


def quota_of(organization_id: UUID, quota_id: UUID) -> Quota:
    """Return one quota.

    Raises:
        NotFound: the organisation has no such quota.
    """
    quota = quotas_of(organization_id).filter(id=quota_id).first()
    if quota is None:
        raise NotFound
    return quota


def quotas_by_id(organization_id: UUID, quota_ids: Iterable[UUID | None]) -> dict[UUID, Quota]:
    """Return the named quotas by their ids in one query; ids that are null or unknown are left out."""
    wanted = {quota_id for quota_id in quota_ids if quota_id is not None}
    return quotas_of(organization_id).in_bulk(wanted) if wanted else {}


def available_of(quota: Quota) -> int:
    """Return how many places of a quota are still free."""
    return quota.capacity - quota.reserved - quota.sold
