"""How far the outbox can be read: up to the first position that may still be filled.

Positions are given out before their transactions commit, so a higher one may be seen before a lower one.
A position is missing for good once every transaction that can have got it has ended. Each missing position
is therefore noted with a transaction number that is larger than that of whoever has it, and passed when
all smaller numbers have ended.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

import orjson
from django.db import connection, transaction

from kassa.core.database import Statements, statements

WINDOW = 10_000
"""How many positions are looked at in one statement."""
FIRST = "INSERT INTO core_outboxhorizon (id, position, holes) VALUES (1, 0, '[]') ON CONFLICT DO NOTHING"
# One statement, so that the positions and the snapshot are of one moment. Whatever the sequence has given
# out when it is read here went to a transaction that had its number before: see core_outbox_place().
LOOK = """
SELECT h.position, h.holes::text,
       pg_snapshot_xmin(s.present)::text::bigint, pg_snapshot_xmax(s.present)::text::bigint,
       pg_current_xact_id_if_assigned() IS NULL,
       (SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM core_outbox_position),
       ARRAY(SELECT e.position FROM core_outboxevent e WHERE e.position > h.position
             ORDER BY e.position LIMIT %s)
FROM core_outboxhorizon h, (SELECT pg_current_snapshot() AS present) s
"""
OWN_NUMBER = "SELECT pg_current_xact_id()::text::bigint"
MOVE = """
UPDATE core_outboxhorizon SET position = %s, holes = %s::jsonb WHERE id IN (
    SELECT id FROM core_outboxhorizon WHERE position = %s AND holes = %s::jsonb FOR UPDATE SKIP LOCKED)
"""
FIRST_HOLE = """
SELECT position + 1, (holes #>> '{0,2}')::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint
FROM core_outboxhorizon WHERE jsonb_array_length(holes) > 0
"""
NUMBERED_SESSIONS = """
SELECT backend_xid::text::bigint, pid, datname, usename, application_name, clock_timestamp() - xact_start
FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
"""


class Hole(NamedTuple):
    """Positions of which no event is seen."""

    first: int
    last: int
    bound: int | None
    """Whoever got one of them has a smaller transaction number. None: not noted yet."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look has found."""

    has_moved: bool
    has_noted: bool
    """There are holes that it was the first to see."""
    is_full: bool
    """There may be more to look at."""


@dataclass(frozen=True, slots=True)
class HoldingSession:
    """The session whose transaction has to end, as the oldest on the server, before a hole is passed."""

    position: int
    pid: int
    database: str
    user: str
    application: str
    age: timedelta
    """How long its transaction has been open."""


def advance_horizon() -> None:
    """Let readers have what has happened up to now.

    Call it before ``poll_outbox``, outside of the transaction that deals with the events: holes are noted
    only by a transaction that has no number yet. Where others are moving the horizon at the same moment,
    theirs counts. What was rolled back is passed at once, unless an older transaction is open anywhere on
    the server.
    """
    look = _look()
    for _ in range(2):  # once more for a row that was not there, and for holes that are noted now
        if look.has_noted:
            look = _look()
    while look.is_full and look.has_moved:
        look = _look()


def _look() -> Look:
    with transaction.atomic(), connection.wrap_database_errors:
        database = statements()
        row = database.queue(LOOK, (WINDOW,)).fetchone()
        if row is None:
            database.queue(FIRST)
            return Look(has_moved=False, has_noted=True, is_full=False)
        position, stored, xmin, xmax, is_unnumbered, last_given, present = row
        noted = orjson.loads(stored)
        is_full = len(present) == WINDOW
        top = present[-1] if is_full else max([last_given, position, *present[-1:]])
        reached, holes = walk(position, read_holes(noted, xmax), present, top=top, xmin=xmin)
        has_noted = is_unnumbered and any(hole.bound is None for hole in holes)
        written = [[*hole] for hole in _with_bound(database, holes, has_noted=has_noted)]
        if (reached, written) == (position, noted):
            return Look(has_moved=False, has_noted=False, is_full=is_full)
        after = orjson.dumps(written).decode()
        moved = database.queue(MOVE, (reached, after, position, stored)).rowcount == 1
        return Look(has_moved=moved and reached > position, has_noted=has_noted, is_full=is_full)


def _with_bound(database: Statements, holes: Sequence[Hole], *, has_noted: bool) -> list[Hole]:
    """Return the holes to write down: new ones with this transaction's number, which it gets only now.

    A transaction that had a number already may have got it before whoever has the position.
    """
    if not has_noted:
        return [hole for hole in holes if hole.bound is not None]
    [(number,)] = database.queue(OWN_NUMBER).fetchall()
    return [hole if hole.bound is not None else hole._replace(bound=number) for hole in holes]


def read_holes(noted: Sequence[Sequence[int]], xmax: int) -> list[Hole]:
    """Return the holes that were noted on this server.

    A number that has not been reached is of another one, from which the database was copied: nobody who
    wrote there is left to fill the hole, but it is noted anew to be sure.
    """
    return [Hole(first, last, bound) for first, last, bound in noted if bound <= xmax]


def walk(
    position: int, noted: Sequence[Hole], present: Sequence[int], *, top: int, xmin: int
) -> tuple[int, list[Hole]]:
    """Return how far can be read, and the holes after that, up to ``top``.

    ``noted`` and ``present``, the positions of which an event is seen, are in order. All transactions with
    numbers below ``xmin`` have ended.
    """
    pieces = [piece for first, last in _gaps(position, present, top) for piece in _split(first, last, noted)]
    for index, piece in enumerate(pieces):
        if piece.bound is None or piece.bound > xmin:
            return piece.first - 1, pieces[index:]
    return top, []


def _gaps(position: int, present: Sequence[int], top: int) -> Iterator[tuple[int, int]]:
    for seen in (*present, top + 1):
        if seen > position + 1:
            yield position + 1, seen - 1
        position = seen


def _split(first: int, last: int, noted: Sequence[Hole]) -> Iterator[Hole]:
    """Yield the parts of a gap, each with the bound that was noted for it."""
    for hole in noted[bisect_left(noted, first, key=lambda hole: hole.last) :]:
        if hole.first > last:
            break
        if hole.first > first:
            yield Hole(first, hole.first - 1, None)
        yield Hole(max(first, hole.first), min(last, hole.last), hole.bound)
        first = hole.last + 1
    if first <= last:
        yield Hole(first, last, None)


def find_holding_session() -> HoldingSession | None:
    """Return what events wait for that lie behind a hole; None if there is no hole, or nothing to wait for.

    Sessions of other database users are seen only by a user who may read all statistics.
    """
    with connection.cursor() as cursor:
        cursor.execute(FIRST_HOLE)
        hole = cursor.fetchone()
        if hole is None:
            return None
        position, bound, xmax = hole
        cursor.execute(NUMBERED_SESSIONS)
        sessions = sorted((_whole_number(row[0], xmax), *row[1:]) for row in cursor.fetchall())
    if not sessions or sessions[0][0] >= bound:
        return None
    return HoldingSession(position, *sessions[0][1:])


def _whole_number(short: int, near: int) -> int:
    """Return the transaction number whose lower 32 bits are given, the nearest one to another."""
    half = 2**31
    return near + (short - near + half) % (2 * half) - half
