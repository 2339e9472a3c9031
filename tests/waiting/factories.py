"""Lines at round moments, and rooms before events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from kassa.catalog.models import Event
from kassa.core.command_context import CommandContext
from kassa.core.ttl_cache import clear_caches
from kassa.waiting.domain.kept import KeptRoom, kept_room
from kassa.waiting.domain.line import Line
from kassa.waiting.domain.rooms import set_up_room
from kassa.waiting.models import WaitingRoom
from tests.support.factories import make_event, make_organization

START = datetime(2026, 12, 1, 9, tzinfo=UTC)
OPENING = START - timedelta(minutes=30)
MINUTE = timedelta(minutes=1)


def a_line(**fields: Any) -> Line:
    """Return a line that opens at OPENING and starts at START, with nobody in it."""
    values: dict[str, Any] = {
        "opens_at": OPENING,
        "starts_at": START,
        "ends_at": None,
        "rate_per_minute": 60,
        "is_paused": False,
        "joined": 0,
        "drawn": None,
        "served_millionths": 0,
        "served_since": START,
    }
    return Line(**{**values, **fields})


def make_room(event: Event | None = None, *, now: datetime = OPENING, **changes: Any) -> WaitingRoom:
    """Put a waiting room before an event; it starts at START."""
    event = event or make_event(make_organization())
    values = {"starts_at": START, **changes}
    return set_up_room(CommandContext.system(event.organization_id, now=now), event.id, changes=values)


def kept(room: WaitingRoom, now: datetime) -> KeptRoom:
    """Return a room as a process that asks just now keeps it."""
    clear_caches()
    found = kept_room(room.organization_id, room.event_id, now=now).room
    assert found is not None
    return found
