"""Reads of waiting rooms. What an organisation's staff may see comes from here."""

from __future__ import annotations

from uuid import UUID

from kassa.catalog.queries import event_of
from kassa.core.errors import NotFound
from kassa.waiting.domain.line import Line
from kassa.waiting.models import WaitingRoom


def room_of(organization_id: UUID, event_id: UUID) -> WaitingRoom:
    """Return the waiting room of an event.

    Raises:
        NotFound: the organisation has no such event, or it has no waiting room.
    """
    event_of(organization_id, event_id)
    room = WaitingRoom.objects.of(organization_id).filter(event_id=event_id).first()
    if room is None:
        raise NotFound("The event has no waiting room.")
    return room


def line_of(room: WaitingRoom) -> Line:
    """Return the line of a room as the pure functions know it."""
    return Line(
        opens_at=room.opens_at,
        starts_at=room.starts_at,
        ends_at=room.ends_at,
        rate_per_minute=room.rate_per_minute,
        is_paused=room.is_paused,
        joined=room.joined,
        drawn=room.drawn,
        served_millionths=room.served_millionths,
        served_since=room.served_since,
    )
