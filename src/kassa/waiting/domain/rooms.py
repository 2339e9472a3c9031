"""Waiting rooms are set up, changed and taken away here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from kassa.catalog.domain.event_locks import locked_event_for
from kassa.catalog.models import Event
from kassa.core.activity_log import record_activity
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import ChangedMeanwhile, InvalidInput, NotFound
from kassa.core.permissions import Permission
from kassa.core.versions import require_version
from kassa.waiting.domain.draw_places import save_line
from kassa.waiting.domain.kept import forget_rooms
from kassa.waiting.domain.line import Line, draw, turn
from kassa.waiting.errors import WaitingRoomDrawn, refusal_of
from kassa.waiting.models import WaitingRoom
from kassa.waiting.queries import line_of

ROOM_FIELDS = frozenset({"opens_at", "starts_at", "ends_at", "rate_per_minute", "is_paused"})
USUAL_RATE = 60
OPENS_BEFORE = timedelta(minutes=30)


@command(Permission.OFFER_WRITE)
def set_up_room(
    context: CommandContext,
    event_id: UUID,
    *,
    changes: Mapping[str, Any],
    expected: datetime | None = None,
) -> WaitingRoom:
    """Put a waiting room before an event, or change the one it has; what is not named stays.

    A new one starts with the sale of its event, opens half an hour before, and lets in 60 a minute. One that
    starts in the past draws its places with whoever is there at once. The rate and the pause take effect
    from now on; visitors who have been called stay called. A start or an opening of
    None is the usual one again.

    Raises:
        NotFound: the organisation has no such event.
        InvalidInput: the values are not valid together, or nothing says when it starts.
        WaitingRoomDrawn: the line has started, and the opening or the start would change.
        ChangedMeanwhile: it is no longer the version that was ``expected``, or was taken away.
    """
    now = context.now
    unknown = sorted(set(changes) - ROOM_FIELDS)
    if unknown:
        raise InvalidInput(f"A waiting room has no field '{unknown[0]}'.", field=unknown[0])
    try:
        with transaction.atomic():
            event = locked_event_for(context, event_id)
            rows = WaitingRoom.objects.of(context.organization_id).filter(event_id=event_id)
            room = rows.select_for_update(no_key=True).first()
            if room is None:
                if expected is not None:
                    raise ChangedMeanwhile(None)
                room, before = _made(event, changes, now), None
            else:
                require_version(room, expected)
                before = _build_settings(room)
                save_line(room, _changed(event, line_of(room), changes, now), changed_at=now)
            room.refresh_from_db(from_queryset=rows)
            action = "waiting_room.created" if before is None else "waiting_room.changed"
            record_activity(context, action, room, before=before, after=_build_settings(room))
    except IntegrityError as error:
        raise refusal_of(error) from error
    forget_rooms()
    return room


@command(Permission.OFFER_WRITE)
def take_room_away(context: CommandContext, event_id: UUID) -> None:
    """Let everybody by again; places and passes are worth nothing any more.

    Raises:
        NotFound: the organisation has no such event, or it has no waiting room.
    """
    with transaction.atomic():
        locked_event_for(context, event_id)
        rows = WaitingRoom.objects.of(context.organization_id).filter(event_id=event_id)
        room = rows.select_for_update().first()
        if room is None:
            raise NotFound("The event has no waiting room.")
        record_activity(context, "waiting_room.deleted", room, before=_build_settings(room))
        rows.delete()
    forget_rooms()


def _build_settings(room: WaitingRoom) -> dict[str, Any]:
    """Return what staff decide of a room; who joined and who was called is not in the activity log."""
    return {name: getattr(room, name) for name in ("event_id", *sorted(ROOM_FIELDS))}


def _made(event: Event, changes: Mapping[str, Any], now: datetime) -> WaitingRoom:
    starts_at = changes.get("starts_at") or _usual_start(event)
    room = WaitingRoom(
        organization_id=event.organization_id,
        event_id=event.id,
        opens_at=changes.get("opens_at") or starts_at - OPENS_BEFORE,
        starts_at=starts_at,
        ends_at=changes.get("ends_at"),
        rate_per_minute=changes.get("rate_per_minute", USUAL_RATE),
        is_paused=changes.get("is_paused", False),
        served_since=max(now, starts_at),
        created_at=now,
        updated_at=now,
    )
    room.save(force_insert=True)
    return room


def _usual_start(event: Event) -> datetime:
    """Return when the sale of an event starts.

    Raises:
        InvalidInput: it does not say.
    """
    if event.sales_start_at is None:
        raise InvalidInput(
            "Say when the line starts: the event does not say when its sale does.", field="starts_at"
        )
    return event.sales_start_at


def _changed(event: Event, line: Line, changes: Mapping[str, Any], now: datetime) -> Line:
    line = draw(line, now)
    starts_at = line.starts_at
    if "starts_at" in changes:
        starts_at = changes["starts_at"] or _usual_start(event)
    # An opening that is not named moves with the start.
    opens_at = line.opens_at + (starts_at - line.starts_at)
    if "opens_at" in changes:
        opens_at = changes["opens_at"] or starts_at - OPENS_BEFORE
    if line.drawn is not None and (opens_at, starts_at) != (line.opens_at, line.starts_at):
        raise WaitingRoomDrawn
    if line.drawn is None:
        line = replace(line, opens_at=opens_at, starts_at=starts_at, served_since=max(now, starts_at))
    if "ends_at" in changes:
        line = replace(line, ends_at=changes["ends_at"])
    return turn(
        line,
        rate_per_minute=changes.get("rate_per_minute", line.rate_per_minute),
        is_paused=changes.get("is_paused", line.is_paused),
        now=now,
    )
