"""How a line is doing, for staff who decide about its rate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from kassa.waiting.domain.line import seconds_until, serving, state_of
from kassa.waiting.enums import RoomState
from kassa.waiting.models import Entry
from kassa.waiting.queries import line_of, room_of


@dataclass(frozen=True, slots=True)
class Figures:
    """A line in numbers."""

    state: RoomState
    joined: int
    """Who has a number."""
    served: int
    """Who has been called."""
    waiting: int
    """Who has not: ``joined`` without ``served``."""
    entered: int
    """Who has come in after being called; the others are still to come, or have gone away."""
    inside: int
    """Who is in just now, with a pass that is good."""
    rate_per_minute: int
    estimate_seconds: int | None
    """How long somebody waits who joins now. None: it is paused."""


def figures_of(organization_id: UUID, *, event_id: UUID, now: datetime) -> Figures:
    """Return how the line of an event is doing.

    Raises:
        NotFound: the organisation has no such event, or it has no waiting room.
    """
    room = room_of(organization_id, event_id)
    line = line_of(room)
    called = serving(line, now)
    is_inside = Q(expires_at__gt=now, closed_at=None)
    counts = (
        Entry.objects.of(organization_id)
        .filter(room_id=room.id)
        .aggregate(entered=Count("id"), inside=Count("id", filter=is_inside))
    )
    state = state_of(line, now)
    return Figures(
        state=state,
        joined=line.joined,
        served=called,
        waiting=0 if state is RoomState.OVER else line.joined - called,
        entered=counts["entered"],
        inside=counts["inside"],
        rate_per_minute=line.rate_per_minute,
        estimate_seconds=0 if state is RoomState.OVER else seconds_until(line, line.joined + 1, now),
    )
