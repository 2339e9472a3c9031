"""``/quotas``: counted places, and those that several ticket types share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Router, Schema, Status
from ninja.decorators import decorate_view

from kassa.api.auth import Requires
from kassa.api.idempotency import KeyReused, repeatable
from kassa.api.inputs import KEPT, CountFromOne, Name
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.api.schemas import Input, example
from kassa.api.versions import expected_version, show_version
from kassa.core.clock import utc_now
from kassa.core.errors import ChangedMeanwhile, NotFound
from kassa.core.permissions import Permission
from kassa.inventory.domain.quotas import change_shared_quota, create_shared_quota
from kassa.inventory.enums import QuotaKind
from kassa.inventory.errors import CapacityBelowTaken
from kassa.inventory.models import Quota
from kassa.inventory.queries import available_of, quota_of, quotas_of
from kassa.sales.overdue import count_overdue_as_free

router = Router(tags=["Quotas"])


class QuotaChange(Input):
    model_config = example(capacity=300)

    name: Name = KEPT
    capacity: CountFromOne = KEPT


class QuotaIn(QuotaChange):
    model_config = example(name="Great Hall", capacity=250)

    name: Name
    capacity: CountFromOne


class QuotaOut(Schema):
    id: UUID
    name: str
    kind: QuotaKind
    capacity: int
    reserved: int
    sold: int
    available: int
    created_at: datetime
    updated_at: datetime = Field(description="When its name or capacity was last changed.")


@router.post(
    "/quotas",
    response={201: QuotaOut},
    auth=Requires(create_shared_quota),
    openapi_extra=writing(KeyReused, version_status=201),
    summary="Make a shared quota",
    description="Name its id in the `shared_quotas` of the ticket types that draw on it together.",
)
@decorate_view(repeatable)
def create(request: ApiRequest, payload: QuotaIn) -> Status[dict[str, Any]]:
    made = create_shared_quota(command_context(request), name=payload.name, capacity=payload.capacity)
    show_version(request, made)
    return Status(201, _show(made))


@router.get(
    "/quotas",
    response=Page[QuotaOut],
    auth=Requires(Permission.OFFER_READ),
    openapi_extra=reading(),
    summary="List quotas",
)
def list_all(
    request: ApiRequest, kind: QuotaKind | None = None, limit: Limit = 50, after: After = None
) -> dict[str, Any]:
    organization_id, now = request.auth.organization_id, utc_now()
    rows = quotas_of(organization_id)
    if kind is not None:
        rows = rows.filter(kind=kind)
    return page_of(
        rows,
        limit=limit,
        after=after,
        show=lambda quotas: _show_all(organization_id, quotas, now=now),
    )


@router.get(
    "/quotas/{quota_id}",
    response=QuotaOut,
    auth=Requires(Permission.OFFER_READ),
    openapi_extra=reading(NotFound, has_version=True),
    summary="Read a quota",
)
def read(request: ApiRequest, quota_id: UUID) -> dict[str, Any]:
    return _show_one(request, quota_of(request.auth.organization_id, quota_id))


@router.patch(
    "/quotas/{quota_id}",
    response=QuotaOut,
    auth=Requires(change_shared_quota),
    openapi_extra=writing(NotFound, CapacityBelowTaken, ChangedMeanwhile),
    summary="Change a shared quota",
    description="The other kinds are changed with the ticket type, event or product they belong to.",
)
def change(request: ApiRequest, quota_id: UUID, payload: QuotaChange) -> dict[str, Any]:
    changed = change_shared_quota(
        command_context(request),
        quota_id,
        changes=payload.model_dump(exclude_unset=True),
        expected=expected_version(request),
    )
    return _show_one(request, changed)


def _show_one(request: ApiRequest, quota: Quota) -> dict[str, Any]:
    show_version(request, quota)
    return _show_all(request.auth.organization_id, [quota], now=utc_now())[0]


def _show(quota: Quota) -> dict[str, Any]:
    columns = ("id", "name", "kind", "capacity", "reserved", "sold", "created_at", "updated_at")
    return {**{name: getattr(quota, name) for name in columns}, "available": available_of(quota)}


def _show_all(organization_id: UUID, quotas: Sequence[Quota], *, now: datetime) -> list[dict[str, Any]]:
    count_overdue_as_free(organization_id, quotas, now=now)
    return [_show(quota) for quota in quotas]
