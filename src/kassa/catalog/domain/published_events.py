"""What is told of an event: what its guests have to know when it changes or is called off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kassa.catalog.models import Event
from kassa.core.clock import format_moment
from kassa.core.database import statements
from kassa.core.outbox import build_event, write_events

TOLD = {
    "title": ("title",),
    "starts_at": ("starts_at",),
    "ends_at": ("ends_at",),
    "time_zone": ("time_zone",),
    "origin": ("origin",),
    "destination": ("destination",),
    "venue": ("venue_name",),
    "address": ("address", "city", "state", "zip_code", "country"),
    "virtual_event_url": ("virtual_event_url",),
}
"""What guests go by, and the columns that hold it."""
SHOWN = tuple(name for columns in TOLD.values() for name in columns if name != "virtual_event_url")
"""The address of an online event is for its guests alone, so it is not among what is told."""


def publish_changed(event: Event, *, before: Mapping[str, Any], now: datetime) -> None:
    """Write ``event.changed`` if guests have to know of it, in the transaction that changed it.

    ``before`` holds the columns of ``TOLD`` as they were.
    """
    changed = [
        name
        for name, columns in TOLD.items()
        if any(getattr(event, column) != before[column] for column in columns)
    ]
    if not changed:
        return
    previous = {
        column: _plain(before[column])
        for name in changed
        for column in TOLD[name]
        if column in SHOWN and getattr(event, column) != before[column]
    }
    _write(event, "event.changed", {"changed": changed, "previous": previous}, now)


def publish_cancelled(event: Event, *, now: datetime) -> None:
    """Write ``event.cancelled``, in the transaction that called it off."""
    _write(event, "event.cancelled", {}, now)


def told_columns(event: Event) -> dict[str, Any]:
    """Return an event's columns of ``TOLD`` as they are."""
    return {column: getattr(event, column) for columns in TOLD.values() for column in columns}


def _write(event: Event, name: str, more: Mapping[str, Any], now: datetime) -> None:
    shown = {"id": str(event.id), "kind": str(event.kind), "status": str(event.status)}
    document = shown | {column: _plain(getattr(event, column)) for column in SHOWN}
    told = build_event(name, event.id, key=event.id, fields={"event": document, **more})
    write_events(statements(), event.organization_id, [told], now=now)


def _plain(value: Any) -> Any:
    return format_moment(value) if isinstance(value, datetime) else value
