"""Seat layouts are made, changed and put away here. Events keep the seats they were made with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from kassa.core.activity_log import record_activity, snapshot
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import InvalidInput, NotFound
from kassa.core.permissions import Permission
from kassa.core.versions import require_version
from kassa.seating.domain.plan import check_plan, count_seats
from kassa.seating.enums import LayoutKind
from kassa.seating.models import SeatLayout
from kassa.seating.queries import seat_layouts_of

MAX_NAME = 200
LARGE = frozenset({"plan"})
"""What the activity log names without its value: a plan has up to a hundred thousand seats."""


@command(Permission.OFFER_WRITE)
def create_seat_layout(
    context: CommandContext, *, name: str, kind: LayoutKind, plan: Mapping[str, Any]
) -> SeatLayout:
    """Keep a plan to be used for many events.

    Raises:
        InvalidInput: the name or the plan is not valid.
    """
    checked = check_plan(plan)
    with transaction.atomic():
        layout = SeatLayout.unscoped.create(
            organization_id=context.organization_id,
            name=_check_name(name),
            kind=kind,
            plan=checked,
            seat_count=count_seats(checked),
            created_at=context.now,
            updated_at=context.now,
        )
        record_activity(context, "seat_layout.created", layout, concealed=LARGE)
    return layout


@command(Permission.OFFER_WRITE)
def change_seat_layout(
    context: CommandContext,
    layout_id: UUID,
    *,
    name: str | None = None,
    kind: LayoutKind | None = None,
    plan: Mapping[str, Any] | None = None,
    expected: datetime | None = None,
) -> SeatLayout:
    """Change a layout; what is not given stays. Events that were made from it stay as they are.

    Raises:
        NotFound: the organisation has no such layout.
        InvalidInput: the name or the plan is not valid.
        ChangedMeanwhile: it is no longer the version that was ``expected``.
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
        layout = _locked(context, layout_id)
        require_version(layout, expected)
        before = snapshot(layout)
        rows = seat_layouts_of(context.organization_id).filter(id=layout_id)
        rows.update(**changes, updated_at=context.now)
        layout.refresh_from_db(from_queryset=rows)
        record_activity(context, "seat_layout.changed", layout, before=before, concealed=LARGE)
    return layout


@command(Permission.OFFER_WRITE)
def delete_seat_layout(context: CommandContext, layout_id: UUID) -> None:
    """Put a layout away: it is no longer seen, and events that were made from it stay as they are.

    Raises:
        NotFound: the organisation has no such layout.
    """
    with transaction.atomic():
        layout = _locked(context, layout_id)
        rows = seat_layouts_of(context.organization_id).filter(id=layout_id)
        rows.update(deleted_at=context.now, updated_at=context.now)
        record_activity(context, "seat_layout.deleted", layout, before=snapshot(layout), concealed=LARGE)


def _locked(context: CommandContext, layout_id: UUID) -> SeatLayout:
    rows = seat_layouts_of(context.organization_id).filter(id=layout_id)
    layout = rows.select_for_update(no_key=True).first()
    if layout is None:
        raise NotFound
    return layout


def _check_name(name: str) -> str:
    stripped = name.strip()
    if not stripped or len(stripped) > MAX_NAME or "\x00" in stripped:
        raise InvalidInput(f"Give the layout a name of 1 to {MAX_NAME} characters.", field="name")
    return stripped
