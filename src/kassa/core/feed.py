"""Reading the outbox: every event once to each reader, none passed by, in the order of their positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

from kassa.core.database import plain_array, statements
from kassa.core.outbox import add_sequence
from kassa.core.outbox_horizon import advance_horizon

HORIZON = "coalesce((SELECT position FROM core_outboxhorizon), 0)"
START = f"""
INSERT INTO core_outboxreader (name, position, updated_at) VALUES (%s, {HORIZON}, %s)
ON CONFLICT (name) DO NOTHING
"""  # noqa: S608
LOCK = f"""
SELECT r.position, {HORIZON} FROM core_outboxreader r WHERE r.name = %s FOR UPDATE OF r SKIP LOCKED
"""  # noqa: S608
EXISTS = "SELECT FROM core_outboxreader WHERE name = %s"
READ = """
SELECT e.id, e.organization_id, e.type, e.subject, e.key, e.envelope, e.position
FROM core_outboxevent e
WHERE e.position > %s AND e.position <= %s AND e.type = ANY(%s::text[])
ORDER BY e.position LIMIT %s
"""
ADVANCE = "UPDATE core_outboxreader SET position = %s, updated_at = %s WHERE name = %s"


@dataclass(frozen=True, slots=True)
class OutboxRecord:
    """One event as a reader gets it."""

    id: UUID
    organization_id: UUID
    type: str
    subject: str
    """Such as ``orders/<id>``."""
    key: UUID
    """Of two events with the same key the one with the higher position is later."""
    position: int
    envelope: str
    """The event in the CloudEvents JSON form, complete with its ``sequence``."""
    time: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OutboxBatch:
    """What one reader has read in one turn."""

    events: list[OutboxRecord]
    is_full: bool
    """There may be more to read at once."""


def start_reader(name: str, *, now: datetime) -> None:
    """Make a reader that begins with what happens from now on; one that exists is left as it is."""
    advance_horizon()
    with connection.cursor() as cursor:
        cursor.execute(START, (name, now))


def poll_outbox(name: str, types: Sequence[str], *, limit: int, now: datetime) -> OutboxBatch | None:
    """Read what a reader has not read yet, and move it on, within the caller's transaction.

    Reads up to the horizon, which ``advance_horizon`` moves. What the caller writes about the events is
    committed together with the reader's new place, so that each event is dealt with exactly once. None:
    another process is reading under this name.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "Read the outbox inside the transaction that deals with it."
        )
    database = statements()
    place = database.queue(LOCK, (name,)).fetchone()
    if place is None:
        # Asked first: a place that is just being moved on would have to be waited for.
        if database.queue(EXISTS, (name,)).fetchone() is None:
            start_reader(name, now=now)
        return None
    position, horizon = place
    if position >= horizon:
        return OutboxBatch([], is_full=False)
    rows = database.queue(READ, (position, horizon, plain_array(types), limit)).fetchall()
    is_full = len(rows) == limit
    # Unless it is full, nothing of these types is left before the horizon: the next look begins there.
    database.queue(ADVANCE, (rows[-1][6] if is_full else horizon, now, name))
    return OutboxBatch([_build_record(row) for row in rows], is_full=is_full)


def _build_record(row: Sequence[Any]) -> OutboxRecord:
    event_id, organization_id, kind, subject, key, envelope, position = row
    document = orjson.loads(envelope)
    return OutboxRecord(
        id=event_id,
        organization_id=organization_id,
        type=kind,
        subject=subject,
        key=key,
        position=position,
        envelope=add_sequence(envelope, position),
        time=document["time"],
        data=document["data"],
    )
