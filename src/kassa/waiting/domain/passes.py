"""Who is let by. The shop asks here before it sells."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Least

from kassa.waiting.domain.entries import PASS_TIME, Pass
from kassa.waiting.domain.kept import KeptRoom, kept_room
from kassa.waiting.domain.line import state_of
from kassa.waiting.domain.places import pass_token, read_pass
from kassa.waiting.enums import RoomState
from kassa.waiting.errors import PassOver, WaitingRoomClosed
from kassa.waiting.models import Entry

LONGEST_STAY = timedelta(hours=1)
"""However often it is extended."""
WORTH_EXTENDING = PASS_TIME / 2
"""A pass that is good for longer than this stays as it is."""
UNDER_WAY = timedelta(seconds=30)
"""How long the pass before is taken after an extension, for requests that were sent with it."""


def require_pass(
    organization_id: UUID, *, event_ids: Iterable[UUID], tokens: Iterable[str], now: datetime
) -> tuple[str, ...]:
    """Let a buyer by who was let in to each of the events that have a waiting room.

    Returns the names of the passes that let the buyer by; one that is extended keeps its name.
    Costs no query where no event has one, but for a look once a second.

    Raises:
        WaitingRoomClosed: the buyer has no good pass for one of them; it says where to wait.
    """
    rooms = [room for event_id in event_ids if (room := standing_room(organization_id, event_id, now=now))]
    if not rooms:
        return ()
    let_in = _numbers_by_room(organization_id, tokens, now)
    for room in rooms:
        if room.room_id not in let_in:
            raise WaitingRoomClosed(event_id=room.event_id, wait_at=room.wait_at)
    return tuple(f"{room.room_id}:{let_in[room.room_id]}" for room in rooms)


def is_let_in(
    organization_id: UUID, *, event_ids: Iterable[UUID], tokens: Iterable[str], now: datetime
) -> bool:
    """Say whether :func:`require_pass` would let the buyer by."""
    try:
        require_pass(organization_id, event_ids=event_ids, tokens=tokens, now=now)
    except WaitingRoomClosed:
        return False
    return True


def standing_room(organization_id: UUID, event_id: UUID, *, now: datetime) -> KeptRoom | None:
    """Return the waiting room that holds an event's buyers up now; None: none does."""
    room = kept_room(organization_id, event_id, now=now).room
    if room is None or state_of(room.line, now) in (RoomState.EARLY, RoomState.OVER):
        return None
    return room


def extend_pass(organization_id: UUID, *, token: str, now: datetime) -> Pass | None:
    """Give a buyer who goes on a new pass for ten minutes more, up to an hour in all.

    The one before dies half a minute later, and with it every copy of it. None: it is good for a while
    yet, or another request of the same browser has extended it just now; nothing has changed.

    Raises:
        PassOver: it is not good any more.
    """
    known = read_pass(organization_id, token)
    if known is None:
        raise PassOver
    room_id, number, turn = known
    entry = _living(organization_id, now).filter(room_id=room_id, number=number)
    good = entry.filter(_is_good(turn, now)).values_list("turn", "expires_at").first()
    if good is None:
        raise PassOver
    if good[0] != turn or good[1] - now > WORTH_EXTENDING:
        return None
    moved = entry.filter(turn=turn).update(
        turn=turn + 1,
        former_until=now + UNDER_WAY,
        expires_at=Least(now + PASS_TIME, F("entered_at") + LONGEST_STAY),
    )
    if not moved:
        return None
    expires_at = entry.values_list("expires_at", flat=True).first() or now
    return Pass(pass_token(organization_id, room_id, number, turn + 1), expires_at)


def use_up_passes(
    organization_id: UUID, *, event_ids: Iterable[UUID], tokens: Iterable[str], now: datetime
) -> int:
    """End the passes of a buyer who has bought, so that a place is worth one purchase; return how many."""
    rooms = [room for event_id in event_ids if (room := standing_room(organization_id, event_id, now=now))]
    wanted = [
        Q(room_id=room_id, number=number) & _is_good(turn, now)
        for room_id, number, turn in _known(organization_id, tokens)
        if room_id in {room.room_id for room in rooms}
    ]
    if not wanted:
        return 0
    return _living(organization_id, now).filter(_any(wanted)).update(closed_at=now)


def _numbers_by_room(organization_id: UUID, tokens: Iterable[str], now: datetime) -> dict[UUID, int]:
    """Return the numbers of the good ones of some passes by the room they were given for, in one query."""
    wanted = [
        Q(room_id=room_id, number=number) & _is_good(turn, now)
        for room_id, number, turn in _known(organization_id, tokens)
    ]
    if not wanted:
        return {}
    return dict(_living(organization_id, now).filter(_any(wanted)).values_list("room_id", "number"))


def _known(organization_id: UUID, tokens: Iterable[str]) -> list[tuple[UUID, int, int]]:
    return [known for token in tokens if (known := read_pass(organization_id, token))]


def _any(conditions: list[Q]) -> Q:
    found = conditions[0]
    for condition in conditions[1:]:
        found |= condition
    return found


def _is_good(turn: int, now: datetime) -> Q:
    return Q(turn=turn) | Q(turn=turn + 1, former_until__gt=now)


def _living(organization_id: UUID, now: datetime) -> QuerySet[Entry]:
    return Entry.objects.of(organization_id).filter(expires_at__gt=now, closed_at=None)
