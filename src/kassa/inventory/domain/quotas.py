"""Quotas are made here, and made larger or smaller; only a sale moves their counters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from kassa.core.activity_log import record_activity
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.database import violated_constraint
from kassa.core.errors import InvalidInput, NotFound
from kassa.core.permissions import Permission
from kassa.core.versions import require_version
from kassa.inventory.enums import QuotaKind
from kassa.inventory.errors import CapacityBelowTaken
from kassa.inventory.models import WITHIN_CAPACITY, Quota
from kassa.inventory.queries import quotas_of

MAX_CAPACITY = 1_000_000_000
"""So that reserved and sold can be added in 32 bits."""


def new_quota(organization_id: UUID, *, name: str, kind: QuotaKind, capacity: int, now: datetime) -> Quota:
    """Return a quota that is not written yet, for callers that write many rows at once.

    Raises:
        InvalidInput: the capacity is too small or too large.
    """
    check_capacity(capacity, kind=kind)
    return Quota(
        organization_id=organization_id,
        name=name[:200],
        kind=kind,
        capacity=capacity,
        created_at=now,
        updated_at=now,
    )


def check_capacity(capacity: int, *, kind: QuotaKind, field: str = "capacity") -> None:
    """Let a number of places pass if a quota of this kind can have it; goods may have none in stock.

    Raises:
        InvalidInput: it is too small or too large.
    """
    least = 0 if kind == QuotaKind.PRODUCT else 1
    if not least <= capacity <= MAX_CAPACITY:
        raise InvalidInput(f"Choose a number from {least} to {MAX_CAPACITY}.", field=field)


@command(Permission.OFFER_WRITE)
def create_shared_quota(context: CommandContext, *, name: str, capacity: int) -> Quota:
    """Make a quota for several ticket types to draw on.

    Raises:
        InvalidInput: the capacity is too small or too large.
    """
    with transaction.atomic():
        quota = create_quota(context.organization_id, name=name, capacity=capacity, now=context.now)
        record_activity(context, "quota.created", quota)
    return quota


def create_quota(
    organization_id: UUID, *, name: str, capacity: int, now: datetime, kind: QuotaKind = QuotaKind.SHARED
) -> Quota:
    """Make a quota, as a part of what it belongs to.

    Raises:
        InvalidInput: the capacity is too small or too large.
    """
    quota = new_quota(organization_id, name=name, kind=kind, capacity=capacity, now=now)
    quota.save(force_insert=True)
    return quota


def locked_quotas(organization_id: UUID, quota_ids: Iterable[UUID | None]) -> list[Quota]:
    """Lock quotas in key order, as every other writer does, and return them as they are now.

    Call it inside a transaction. Ids that are null or unknown are left out.
    """
    wanted = {quota_id for quota_id in quota_ids if quota_id is not None}
    if not wanted:
        return []
    rows = quotas_of(organization_id).filter(id__in=wanted).order_by("id")
    return list(rows.select_for_update(no_key=True))


def change_capacity(organization_id: UUID, quota_id: UUID, *, capacity: int, now: datetime) -> Quota:
    """Make a quota larger or smaller, under its row lock, as a part of what it belongs to.

    Raises:
        NotFound: the organisation has no such quota.
        InvalidInput: the capacity is too small or too large.
        CapacityBelowTaken: more places are reserved or sold.
    """
    with transaction.atomic():
        locked = locked_quotas(organization_id, [quota_id])
        if not locked:
            raise NotFound
        quota = locked[0]
        check_capacity(capacity, kind=QuotaKind(quota.kind))
        try:
            with transaction.atomic():
                quotas_of(organization_id).filter(id=quota_id).update(capacity=capacity, updated_at=now)
        except IntegrityError as error:
            if violated_constraint(error) != WITHIN_CAPACITY:
                raise
            raise CapacityBelowTaken(quota=quota_id, reserved=quota.reserved, sold=quota.sold) from error
        quota.capacity, quota.updated_at = capacity, now
        return quota


@command(Permission.OFFER_WRITE)
def change_shared_quota(
    context: CommandContext,
    quota_id: UUID,
    *,
    changes: Mapping[str, Any],
    expected: datetime | None = None,
) -> Quota:
    """Change the name or the capacity of a shared quota; the others follow what they belong to.

    Raises:
        NotFound: the organisation has no such shared quota.
        InvalidInput: the capacity is too small or too large.
        CapacityBelowTaken: more places are reserved or sold.
        ChangedMeanwhile: it is no longer the version that was ``expected``.
    """
    organization_id, now = context.organization_id, context.now
    with transaction.atomic():
        rows = quotas_of(organization_id).filter(id=quota_id, kind=QuotaKind.SHARED)
        quota = rows.select_for_update(no_key=True).first()
        if quota is None:
            raise NotFound("There is no such shared quota in your organisation.")
        require_version(quota, expected)
        before = {name: getattr(quota, name) for name in changes}
        if "capacity" in changes:
            quota = change_capacity(organization_id, quota_id, capacity=changes["capacity"], now=now)
        if "name" in changes:
            quotas_of(organization_id).filter(id=quota_id).update(name=changes["name"], updated_at=now)
            quota.name, quota.updated_at = changes["name"], now
        record_activity(context, "quota.changed", quota, before=before, after=dict(changes))
        return quota
