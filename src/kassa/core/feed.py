"""Reading the outbox: every event once to each reader, none passed by, in an order that never changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

from kassa.core.database import plain_array, statements

# An event of a transaction that is still open may have a lower place than what can be read already: only
# what is older than all open transactions is read, so that nothing can appear behind the reader.
HORIZON = "pg_snapshot_xmin(pg_current_snapshot())"
START = f"""
INSERT INTO core_outboxreader (name, transaction_id, position, updated_at)
VALUES (%s, {HORIZON}::text, 0, %s) ON CONFLICT (name) DO NOTHING
"""  # noqa: S608
LOCK = "SELECT transaction_id, position FROM core_outboxreader WHERE name = %s FOR UPDATE SKIP LOCKED"
EXISTS = "SELECT FROM core_outboxreader WHERE name = %s"
# Ordered by the column, not by its text of the same name, in which 1000 comes before 999.
READ = """
SELECT e.id, e.organization_id, e.type, e.subject, e.envelope, e.transaction_id::text, e.position
FROM core_outboxevent e
WHERE (e.transaction_id, e.position) > (%s::xid8, %s) AND e.transaction_id < %s::xid8
  AND e.type = ANY(%s::text[])
ORDER BY e.transaction_id, e.position LIMIT %s
"""
HORIZON_NOW = f"SELECT {HORIZON}::text"
ADVANCE = "UPDATE core_outboxreader SET transaction_id = %s, position = %s, updated_at = %s WHERE name = %s"


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """One event as a reader gets it."""

    id: UUID
    organization_id: UUID
    type: str
    subject: str
    """Such as ``orders/<id>``."""
    time: str
    data: dict[str, Any]


class Reading:
    """One turn of one reader: what it read, and the way to say that it is dealt with."""

    def __init__(self, name: str, events: list[ToldEvent], *, is_full: bool) -> None:
        self.name = name
        self.events = events
        self.is_full = is_full
        """There may be more to read at once."""


def start_reader(name: str, *, now: datetime) -> None:
    """Make a reader that begins with what happens from now on; one that exists is left as it is."""
    with connection.cursor() as cursor:
        cursor.execute(START, (name, now))


def read_feed(name: str, types: Sequence[str], *, limit: int, now: datetime) -> Reading | None:
    """Read what a reader has not read yet, and move it on, within the caller's transaction.

    What the caller writes about the events is committed together with the reader's new place, so that
    each event is dealt with exactly once. None: another process is reading under this name.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "Read the feed inside the transaction that deals with it."
        )
    database = statements()
    place = database.queue(LOCK, (name,)).fetchone()
    if place is None:
        # Asked first: a place that is just being moved on would have to be waited for.
        if database.queue(EXISTS, (name,)).fetchone() is None:
            start_reader(name, now=now)
        return None
    # Asked before reading, and kept: what is committed in between is read next time, and only then.
    [(horizon,)] = database.queue(HORIZON_NOW).fetchall()
    if int(place[0]) > int(horizon):
        # Restored from a copy into another server, which counts its transactions anew.
        place = (horizon, 0)
    rows = database.queue(READ, (*place, horizon, plain_array(types), limit)).fetchall()
    is_full = len(rows) == limit
    # Unless it is full, nothing of these types is left before the horizon: the next look begins there.
    reached = (rows[-1][5], rows[-1][6]) if is_full else (str(int(horizon) - 1), 2**62)
    database.queue(ADVANCE, (*reached, now, name))
    return Reading(name, [_told(row) for row in rows], is_full=is_full)


def _told(row: Sequence[Any]) -> ToldEvent:
    envelope = orjson.loads(row[4])
    return ToldEvent(
        id=row[0],
        organization_id=row[1],
        type=row[2],
        subject=row[3],
        time=envelope["time"],
        data=envelope["data"],
    )
