"""From a place in the line to an entry: once, and good for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from kassa.core.ids import new_id
from kassa.waiting.domain.kept import KeptRoom
from kassa.waiting.domain.line import rank_of, serving, state_of
from kassa.waiting.domain.places import pass_token, read_place
from kassa.waiting.enums import RoomState
from kassa.waiting.errors import NotServedYet, NotWaiting, PlaceUnknown, PlaceUsed

PASS_TIME = timedelta(minutes=10)
"""How long one may look around and buy; :func:`kassa.waiting.domain.passes.extend_pass` makes it longer."""

ENTER = """
INSERT INTO waiting_entry (id, organization_id, room_id, number, turn, entered_at, expires_at)
VALUES (%s, %s, %s, %s, 1, %s, %s)
ON CONFLICT (organization_id, room_id, number) DO UPDATE
SET turn = waiting_entry.turn + 1, former_until = NULL
WHERE waiting_entry.expires_at > %s AND waiting_entry.closed_at IS NULL
RETURNING turn, expires_at
"""


@dataclass(frozen=True, slots=True)
class Pass:
    """What lets a browser by."""

    token: str
    expires_at: datetime


def enter(room: KeptRoom, *, token: str, now: datetime) -> Pass:
    """Turn a place that has been called into an entry.

    The same place again, for an answer that was lost or a second window, gives a new pass for the rest of the
    same time, and the pass before is worth nothing any more: however often a place is copied, it lets in one.

    Raises:
        PlaceUnknown: it is no place in this line.
        NotServedYet: it has not been called.
        NotWaiting: there is no line any more.
        PlaceUsed: its entry is over.
    """
    number = number_in(room, token)
    if state_of(room.line, now) is RoomState.OVER:
        raise NotWaiting("The line has ended. Go straight on.")
    rank, called = rank_of(room.line, room.seed, number), serving(room.line, now)
    if rank is None or rank > called:
        raise NotServedYet(rank=rank, serving=called)
    made = (new_id(), room.organization_id, room.room_id, number, now, now + PASS_TIME, now)
    with connection.cursor() as cursor:
        cursor.execute(ENTER, made)
        row = cursor.fetchone()
    if row is None:
        raise PlaceUsed
    turn, expires_at = row
    return Pass(pass_token(room.organization_id, room.room_id, number, turn), expires_at)


def number_in(room: KeptRoom, token: str) -> int:
    """Return the number that a browser's place stands for.

    Raises:
        PlaceUnknown: it is no place in this line.
    """
    place = read_place(room.organization_id, token)
    if place is None or place[0] != room.room_id:
        raise PlaceUnknown
    return place[1]
