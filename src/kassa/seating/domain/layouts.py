"""Seat layouts are made, changed and put away here. Events keep the seats they were made with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from kassa.core.errors import InvalidInput, NotFound
from kassa.seating.domain.plan import check_plan, count_seats
from kassa.seating.enums import LayoutKind
from kassa.seating.models import SeatLayout
from kassa.seating.queries import seat_layout_of, seat_layouts_of

MAX_NAME = 200


def create_seat_layout(
    organization_id: UUID, *, name: str, kind: LayoutKind, plan: Mapping[str, Any], now: datetime
) -> SeatLayout:
    """Keep a plan to be used for many events.

    Raises:
        InvalidInput: the name or the plan is not valid.
    """
    checked = check_plan(plan)
    return SeatLayout.unscoped.create(
        organization_id=organization_id,
        name=_check_name(name),
        kind=kind,
        plan=checked,
        seat_count=count_seats(checked),
        created_at=now,
        updated_at=now,
    )


def change_seat_layout(
    organization_id: UUID,
    *,
    layout_id: UUID,
    now: datetime,
    name: str | None = None,
    kind: LayoutKind | None = None,
    plan: Mapping[str, Any] | None = None,
) -> SeatLayout:
    """Change a layout; what is not given stays. Events that were made from it stay as they are.

    Raises:
        NotFound: the organisation has no such layout.
        InvalidInput: the name or the plan is not valid.
    """
    changes: dict[str, Any] = {}
    if name is not None:
        changes["name"] = _check_name(name)
    if kind is not None:
        changes["kind"] = kind
    if plan is not None:
        changes["plan"] = check_plan(plan)
        changes["seat_count"] = count_seats(changes["plan"])
    with transaction.atomic():
        if not seat_layouts_of(organization_id).filter(id=layout_id).update(**changes, updated_at=now):
            raise NotFound
        return seat_layout_of(organization_id, layout_id)


def delete_seat_layout(organization_id: UUID, *, layout_id: UUID, now: datetime) -> None:
    """Put a layout away: it is no longer seen, and events that were made from it stay as they are.

    Raises:
        NotFound: the organisation has no such layout.
    """
    if not seat_layouts_of(organization_id).filter(id=layout_id).update(deleted_at=now, updated_at=now):
        raise NotFound


def _check_name(name: str) -> str:
    stripped = name.strip()
    if not stripped or len(stripped) > MAX_NAME or "\x00" in stripped:
        raise InvalidInput(f"Give the layout a name of 1 to {MAX_NAME} characters.", field="name")
    return stripped
