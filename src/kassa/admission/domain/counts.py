"""How many are in: beside each answer, and for the organiser by gate and minute; cheap to ask often."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from kassa.admission.domain.book import Moved
from kassa.core.clock import format_moment
from kassa.core.errors import NotFound
from kassa.core.ttl_cache import TTLCache

TTL_SECONDS = 0.5
"""How old the organiser's figures may be."""
BESIDE_SECONDS = 2.0
"""How old the figures beside an answer may be; what this process scans itself is added at once."""
CACHE_LIMIT = 2_000

BESIDE = """
WITH list AS MATERIALIZED (
    SELECT l.id, l.event_id, l.area,
           ARRAY(SELECT k.ticket_type_id FROM admission_checkinlisttickettype k
                 WHERE k.organization_id = l.organization_id AND k.checkin_list_id = l.id) AS types
    FROM admission_checkinlist l
    WHERE l.organization_id = %(organization)s AND l.id = ANY(%(lists)s)
)
SELECT list.id,
       (SELECT count(*) FROM orders_ticket t
        WHERE t.organization_id = %(organization)s AND t.event_id = list.event_id
          AND t.status IN ('valid', 'used') AND (list.types = '{}' OR t.ticket_type_id = ANY(list.types))),
       counted.entered, counted.inside
FROM list CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE p.entries > 0) AS entered, count(*) FILTER (WHERE p.is_inside) AS inside
    FROM admission_presence p
    WHERE p.organization_id = %(organization)s AND p.event_id = list.event_id AND p.area = list.area
      AND (list.types = '{}' OR EXISTS (
          SELECT FROM orders_ticket t WHERE t.organization_id = %(organization)s AND t.id = p.ticket_id
            AND t.ticket_type_id = ANY(list.types)))
) counted
"""
SCANNED = """
WITH scans AS MATERIALIZED (
    SELECT s.gate, s.scanned_at, s.turn IS NULL AS refused,
           s.turn IS NOT NULL AND s.kind = 'entry' AND u.id IS NULL AS entry,
           s.turn IS NOT NULL AND s.kind = 'exit' AND u.id IS NULL AS exit
    FROM admission_scan s
    LEFT JOIN admission_scan u ON u.organization_id = s.organization_id AND u.undoes_id = s.id
    WHERE s.organization_id = %(organization)s AND s.checkin_list_id = %(list)s AND s.kind <> 'undo'
)
SELECT (SELECT count(*) FROM admission_conflict c
        WHERE c.organization_id = %(organization)s AND c.checkin_list_id = %(list)s),
       (SELECT coalesce(json_agg(json_build_array(gate, entries, exits, refused, last_at)
                                 ORDER BY gate), '[]')
        FROM (SELECT gate, count(*) FILTER (WHERE entry) AS entries, count(*) FILTER (WHERE exit) AS exits,
                     count(*) FILTER (WHERE refused) AS refused, max(scanned_at) AS last_at
              FROM scans GROUP BY gate) by_gate),
       (SELECT coalesce(json_agg(json_build_array(at, entries, exits, refused) ORDER BY at), '[]')
        FROM (SELECT date_trunc('minute', scanned_at, 'UTC') AS at, count(*) FILTER (WHERE entry) AS entries,
                     count(*) FILTER (WHERE exit) AS exits, count(*) FILTER (WHERE refused) AS refused
              FROM scans WHERE scanned_at >= %(since)s GROUP BY 1) by_minute)
"""


@dataclass(frozen=True, slots=True)
class Beside:
    """The figures beside an answer."""

    total: int
    """Tickets that may come in."""
    entered: int
    inside: int

    def document(self) -> dict[str, int]:
        return {"inside": self.inside, "entered": self.entered, "total": self.total}


@dataclass(frozen=True, slots=True)
class Counts:
    """The organiser's figures as they go over the wire."""

    body: bytes
    etag: str


_counts: TTLCache[tuple[UUID, UUID, int], Counts] = TTLCache(
    "counts of check-in lists", ttl=TTL_SECONDS, maxsize=CACHE_LIMIT, wait=2.0
)
_beside: TTLCache[tuple[UUID, UUID], Beside] = TTLCache(
    "counts beside answers", ttl=BESIDE_SECONDS, maxsize=CACHE_LIMIT, wait=2.0
)


def with_counts(organization_id: UUID, answers: Sequence[dict[str, Any] | None]) -> list[Any]:
    """Return answers with how many are in beside the last one of each list, and not beside the others."""
    last = {answer["list"]: answer for answer in answers if answer is not None and answer["list"] is not None}
    figures = counts_beside(organization_id, {UUID(list_id) for list_id in last})
    for list_id, answer in last.items():
        answer["counts"] = figures[UUID(list_id)].document()
    return list(answers)


def counts_beside(organization_id: UUID, list_ids: Iterable[UUID]) -> dict[UUID, Beside]:
    """Return how many may come in, have come in and are in, by list; at most two seconds old."""
    found, missing = {}, []
    for list_id in list_ids:
        counts = _beside.peek((organization_id, list_id))
        if counts is None:
            missing.append(list_id)
        else:
            found[list_id] = counts
    if not missing:
        return found
    with connection.cursor() as cursor:
        cursor.execute(BESIDE, {"organization": organization_id, "lists": missing})
        fresh = {
            list_id: Beside(total, entered, inside) for list_id, total, entered, inside in cursor.fetchall()
        }
    for list_id, counts in fresh.items():
        _beside.put((organization_id, list_id), counts)
    return found | fresh


def note_moves(organization_id: UUID, moves: Iterable[Moved]) -> None:
    """Add to the kept figures what was scanned just now; call it when that is committed."""
    for moved in moves:
        _beside.update((organization_id, moved.list_id), partial(_add, moved))


def _add(moved: Moved, counts: Beside) -> Beside:
    return replace(counts, entered=counts.entered + moved.entered, inside=counts.inside + moved.inside)


def counts_of(organization_id: UUID, list_id: UUID, *, minutes: int, now: datetime) -> Counts:
    """Return a list's figures by gate, and by minute for the last ``minutes``, in two queries.

    What was undone is not in them. Minutes and gates at which nothing was scanned are left out.

    Raises:
        NotFound: there is no such list.
        Busy: the database is slow to answer.
    """
    key = (organization_id, list_id, minutes)
    return _counts.get(key, lambda: _count(organization_id, list_id, minutes, now))


def _count(organization_id: UUID, list_id: UUID, minutes: int, now: datetime) -> Counts:
    since = now.replace(second=0, microsecond=0) - timedelta(minutes=minutes - 1)
    with connection.cursor() as cursor:
        cursor.execute(BESIDE, {"organization": organization_id, "lists": [list_id]})
        row = cursor.fetchone()
        if row is None:
            raise NotFound
        cursor.execute(SCANNED, {"organization": organization_id, "list": list_id, "since": since})
        conflicts, gates, by_minute = cursor.fetchone()
    body = orjson.dumps(
        {
            "list": str(list_id),
            "total": row[1],
            "entered": row[2],
            "inside": row[3],
            "conflicts": conflicts,
            "gates": [
                {"gate": gate, "entries": entries, "exits": exits, "refused": refused, "last_at": _utc(last)}
                for gate, entries, exits, refused, last in gates
            ],
            "minutes": [
                {"at": _utc(at), "entries": entries, "exits": exits, "refused": refused}
                for at, entries, exits, refused in by_minute
            ],
        }
    )
    etag = f'"{hashlib.blake2b(body, digest_size=10).hexdigest()}"'
    return Counts(body=body, etag=etag)


def _utc(text: str) -> str:
    return format_moment(datetime.fromisoformat(text))
