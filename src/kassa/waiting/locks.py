"""The lock on a waiting room's row: whoever counts, draws or turns holds it, for a moment."""

from __future__ import annotations

from uuid import UUID

from kassa.core.errors import NotFound
from kassa.waiting.models import WaitingRoom


def lock_room(organization_id: UUID, room_id: UUID) -> WaitingRoom:
    """Return a room, locked until the transaction ends.

    Raises:
        NotFound: it was taken away.
    """
    rows = WaitingRoom.objects.of(organization_id).select_for_update(no_key=True)
    room = rows.filter(id=room_id).first()
    if room is None:
        raise NotFound("This waiting room no longer exists.")
    return room
