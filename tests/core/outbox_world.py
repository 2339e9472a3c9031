"""Connections that write to the outbox beside each other, and what reads it: as Kassa does, and as it did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
import psycopg
from django.db import connection, transaction

from kassa.core.clock import format_moment, utc_now
from kassa.core.feed import poll_outbox
from kassa.core.ids import new_id
from kassa.core.outbox_horizon import advance_horizon

READER = "a reader"
TYPE = "event.cancelled"
INSERT = """
INSERT INTO core_outboxevent (id, organization_id, type, subject, key, envelope, created_at)
VALUES (%s, %s, %s, %s, %s, %s, now())
"""
BY_TRANSACTION = """
SELECT e.envelope, e.xmin::text::bigint, e.position FROM core_outboxevent e
WHERE (e.xmin::text::bigint, e.position) > (%s, %s) AND e.type = %s
  AND e.xmin::text::bigint < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
ORDER BY 2, 3
"""


def write(
    other: psycopg.Connection[Any],
    organization_id: UUID,
    name: str,
    kind: str = TYPE,
    *,
    key: UUID | None = None,
) -> int:
    """Write an event on another connection, which has to commit it; return its position."""
    key = key or new_id()
    envelope = orjson.dumps({"time": format_moment(utc_now()), "data": {"name": name}}).decode()
    values = (new_id(), organization_id, kind, f"orders/{key}", key, envelope)
    row = other.execute(f"{INSERT} RETURNING position", values).fetchone()
    assert row is not None
    return int(row[0])


def read(
    limit: int = 100, types: Sequence[str] = (TYPE,), reader: str = READER, *, advance: bool = True
) -> list[str] | None:
    """Read once, and commit; None if another is reading."""
    if advance:
        advance_horizon()
    with transaction.atomic():
        batch = poll_outbox(reader, types, limit=limit, now=utc_now())
    return None if batch is None else [event.data["name"] for event in batch.events]


class ReaderByTransaction:
    """The control: reads as Kassa once did, by transaction number, up to the oldest that is open."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            self._place = (cursor.fetchone()[0], 0)

    def read(self) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(BY_TRANSACTION, (*self._place, TYPE))
            rows = cursor.fetchall()
        if rows:
            self._place = (rows[-1][1], rows[-1][2])
        return [orjson.loads(envelope)["data"]["name"] for envelope, _, _ in rows]
