"""Waiting rooms as each process keeps them for a second, for a hundred thousand who ask all the time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from django.conf import settings

from kassa.catalog.enums import EventStatus
from kassa.core.clock import format_moment
from kassa.core.errors import NotFound
from kassa.core.ttl_cache import TTLCache
from kassa.waiting.domain.draw import commitment
from kassa.waiting.domain.draw_places import draw_places
from kassa.waiting.domain.line import Line, serving, state_of
from kassa.waiting.domain.places import seed_of
from kassa.waiting.enums import RoomState
from kassa.waiting.models import WaitingRoom
from kassa.waiting.queries import line_of

TTL_SECONDS = 1.0
"""How long a process believes what it has read; turning the rate is felt within this."""

NO_ROOM = orjson.dumps({"state": RoomState.OVER.value})


@dataclass(frozen=True, slots=True)
class KeptRoom:
    """A waiting room as it was within the last second."""

    organization_id: UUID
    slug: str
    """That of its organisation."""
    seller: str
    """What its organisation is called."""
    title: str
    """That of its event."""
    time_zone: str
    room_id: UUID
    event_id: UUID
    line: Line
    seed: bytes

    @property
    def wait_at(self) -> str:
        """The address of its page."""
        return f"{settings.BASE_URL}/waiting/{self.slug}/{self.event_id}"


@dataclass(frozen=True, slots=True)
class Kept:
    """What was read of an event's waiting room, and what is told of it."""

    room: KeptRoom | None
    """None: the event has none."""
    body: bytes
    """The document that everybody who waits asks for."""
    etag: str


_rooms: TTLCache[tuple[UUID, UUID], Kept] = TTLCache(
    "waiting rooms", ttl=TTL_SECONDS, maxsize=5_000, wait=2.0
)


def kept_room(organization_id: UUID, event_id: UUID, *, now: datetime) -> Kept:
    """Return how an event's waiting room stands, at most a second old; its places are drawn if it is time.

    An event that is not published has none, and neither has one that does not exist.

    Raises:
        Busy: the database is slow to answer.
    """
    return _rooms.get((organization_id, event_id), lambda: _load(organization_id, event_id, now))


def forget_rooms() -> None:
    """Drop what this process has read of them, so that a change is felt at once."""
    _rooms.clear()


def document(room: KeptRoom, now: datetime) -> dict[str, object]:
    """Return what everybody may know of a line; the seed only when the places are drawn."""
    line = room.line
    return {
        "room": str(room.room_id),
        "state": state_of(line, now).value,
        "opens_at": format_moment(line.opens_at),
        "starts_at": format_moment(line.starts_at),
        "joined": line.joined,
        "drawn": line.drawn,
        "serving": serving(line, now),
        "rate": line.rate_per_minute,
        "paused": line.is_paused,
        "commitment": commitment(room.seed),
        "seed": None if line.drawn is None else room.seed.hex(),
    }


def _load(organization_id: UUID, event_id: UUID, now: datetime) -> Kept:
    found = _read(organization_id, event_id, now)
    body = NO_ROOM if found is None else orjson.dumps(document(found, now))
    etag = f'"{hashlib.blake2b(body, digest_size=10).hexdigest()}"'
    return Kept(room=found, body=body, etag=etag)


def _read(organization_id: UUID, event_id: UUID, now: datetime) -> KeptRoom | None:
    rows = WaitingRoom.objects.of(organization_id).filter(
        event_id=event_id, event__deleted_at=None, organization__deleted_at=None
    )
    room = rows.exclude(event__status=EventStatus.DRAFT).select_related("organization", "event").first()
    if room is None:
        return None
    line = line_of(room)
    if line.drawn is None and now >= line.starts_at:
        try:
            line = draw_places(organization_id, room_id=room.id, now=now)
        except NotFound:
            return None
    return KeptRoom(
        organization_id=organization_id,
        slug=room.organization.slug,
        seller=room.organization.name,
        title=room.event.title,
        time_zone=room.event.time_zone,
        room_id=room.id,
        event_id=event_id,
        line=line,
        seed=seed_of(organization_id, room.id),
    )
