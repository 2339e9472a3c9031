"""Joining a line: one more number from its counter, for all who come in the same moment in one write."""

from __future__ import annotations

import threading
from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from kassa.core.database import give_back_connection
from kassa.core.errors import Busy
from kassa.waiting.domain.draw_places import save_line
from kassa.waiting.domain.kept import KeptRoom
from kassa.waiting.domain.line import state_of, take
from kassa.waiting.enums import RoomState
from kassa.waiting.errors import NotWaiting
from kassa.waiting.locks import lock_room
from kassa.waiting.queries import line_of

DESKS_LIMIT = 5_000
WAIT_SECONDS = 5.0
"""How long one waits for a number before it is answered 503."""


@dataclass(slots=True)
class _Joining:
    at: datetime
    number: int = 0
    error: Exception | None = None


class _Desk:
    """Those of one process who want to join the same line."""

    def __init__(self) -> None:
        self.writing = threading.Lock()
        self.guard = threading.Lock()
        self.waiting: list[_Joining] = []


_desks: dict[UUID, _Desk] = {}
_guard = threading.Lock()


def join_line(room: KeptRoom, *, now: datetime) -> int:
    """Give the next number of a line to somebody who does not stand in it yet.

    Before the start the number only takes part in the draw; after it, it is the place. Whoever comes first
    counts everybody in who has come meanwhile, so that a crowd costs few writes.

    Raises:
        NotWaiting: the line is not open yet, or over.
        NotFound: the room was taken away.
        Busy: the database is slow to answer.
    """
    _require_open(state_of(room.line, now))
    desk = _desk_of(room.room_id)
    own = _Joining(now)
    with desk.guard:
        desk.waiting.append(own)
    give_back_connection()
    if not desk.writing.acquire(timeout=WAIT_SECONDS):
        _give_up(desk, own)
    try:
        if not own.number and own.error is None:
            _write_for_all(desk, room)
    finally:
        desk.writing.release()
    if own.error is not None:
        raise own.error
    return own.number


def take_numbers(organization_id: UUID, *, room_id: UUID, count: int, now: datetime) -> int:
    """Give out so many numbers of a line; return the first. At the start it closes the draw before.

    Raises:
        NotWaiting: the line is not open yet, or over.
        NotFound: the room was taken away.
    """
    with transaction.atomic():
        room = lock_room(organization_id, room_id)
        line, first = take(line_of(room), count, now)
        _require_open(state_of(line, now))
        save_line(room, line)
    return first


def _require_open(state: RoomState) -> None:
    if state is RoomState.EARLY:
        raise NotWaiting("The waiting room is not open yet.")
    if state is RoomState.OVER:
        raise NotWaiting("The line has ended. Go straight on.")


def _desk_of(room_id: UUID) -> _Desk:
    with _guard:
        if room_id not in _desks and len(_desks) >= DESKS_LIMIT:
            _desks.clear()
        return _desks.setdefault(room_id, _Desk())


def _write_for_all(desk: _Desk, room: KeptRoom) -> None:
    """Give everybody who has come meanwhile a number; who came before the start takes part in the draw."""
    with desk.guard:
        come, desk.waiting = desk.waiting, []
    come.sort(key=lambda one: one.at)
    start = bisect_left(come, room.line.starts_at, key=lambda one: one.at)
    try:
        for together in (come[:start], come[start:]):
            if together:
                _write(together, room)
    finally:
        give_back_connection()


def _write(together: list[_Joining], room: KeptRoom) -> None:
    try:
        first = take_numbers(
            room.organization_id, room_id=room.room_id, count=len(together), now=together[-1].at
        )
    except Exception as error:  # noqa: BLE001 - each of them raises it
        for one in together:
            one.error = error
        return
    for number, one in enumerate(together, start=first):
        one.number = number


def _give_up(desk: _Desk, own: _Joining) -> None:
    """Stop waiting; a number that is being written for us just now goes to nobody."""
    with desk.guard:
        if own in desk.waiting:
            desk.waiting.remove(own)
    raise Busy("Too many join the line just now. Try again.")
