"""The moment of the draw, and writing a line back to its row."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from kassa.waiting.domain.line import Line, draw
from kassa.waiting.locks import lock_room
from kassa.waiting.models import WaitingRoom
from kassa.waiting.queries import line_of


def draw_places(organization_id: UUID, *, room_id: UUID, now: datetime) -> Line:
    """Close the draw of a room if it is time, and return its line; a draw that was made stays.

    Raises:
        NotFound: the room was taken away.
    """
    with transaction.atomic():
        room = lock_room(organization_id, room_id)
        line = draw(line_of(room), now)
        if line.drawn != room.drawn:
            save_line(room, line)
    return line


def save_line(room: WaitingRoom, line: Line, *, changed_at: datetime | None = None) -> None:
    """Write a line back to its row, which the caller has locked.

    ``changed_at`` is when somebody changed how it goes. None: nobody did, it only went on, and the version
    that staff have read still stands.
    """
    WaitingRoom.objects.of(room.organization_id).filter(id=room.id).update(
        opens_at=line.opens_at,
        starts_at=line.starts_at,
        ends_at=line.ends_at,
        rate_per_minute=line.rate_per_minute,
        is_paused=line.is_paused,
        joined=line.joined,
        drawn=line.drawn,
        served_millionths=line.served_millionths,
        served_since=line.served_since,
        updated_at=changed_at or room.updated_at,
    )
