"""What a device takes along before the network is gone: every ticket of the event, and who is in.

The rows are written as JSON by PostgreSQL and passed on as they are.

A device asks for what has changed since its last download by a cursor. Rows say when they were changed
(``updated_at``), but that moment is taken when a change begins, and nobody sees it before it is committed.
So a cursor is not the moment of the download: it is that at which the oldest transaction began that was
still open then, less a margin for requests that were waiting for their transaction. Some rows come twice
for it, and none is missed, however long a transaction takes.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection

from kassa.admission.domain.names import HOLDER_NAME
from kassa.admission.models import CheckinList
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import InvalidInput
from kassa.core.permissions import Permission
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import SecurityEventKind

COLUMNS = (
    "id",
    "code",
    "status",
    "blocked",
    "name",
    "ticket_type",
    "seat",
    "order",
    "entered_at",
    "inside",
    "entries",
)
MAX_ROWS = 10_000
MARGIN = timedelta(seconds=30)
"""How long a request may have waited between asking what time it is and beginning its transaction."""

STATUS_AT_THE_DOOR = """
CASE WHEN t.status IN ('refunded', 'cancelled', 'expired') THEN t.status
     WHEN o.status IN ('refunded', 'cancelled', 'expired') THEN o.status
     WHEN t.status = 'reserved' OR o.status IN ('draft', 'pending') THEN
         CASE WHEN o.expires_at <= %(now)s THEN 'expired' ELSE 'unpaid' END
     WHEN e.status = 'cancelled' THEN 'cancelled'
     ELSE 'valid' END
"""
"""What a ticket ``t`` of an order ``o`` for an event ``e`` is by itself, whatever was scanned; as `judge`
sees it."""

BEGUN = """
SELECT least(%(now)s, min(xact_start)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
"""
ROWS = f"""
WITH page AS MATERIALIZED (
    SELECT t.id, t.code, json_build_array(
        t.id, t.code, {STATUS_AT_THE_DOOR}, t.blocked_at IS NOT NULL OR t.frozen_at IS NOT NULL,
        {HOLDER_NAME}, t.ticket_type_id, t.seat_label, o.number,
        to_char(p.entered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        coalesce(p.is_inside, false),
        -- One that was used in another system comes without any scan, and lets nobody in once more.
        coalesce(p.entries, CASE WHEN t.status = 'used' AND %(area)s = 'entrance' THEN 1 ELSE 0 END)) AS row
    FROM orders_ticket t
    JOIN orders_order o ON o.organization_id = t.organization_id AND o.id = t.order_id
    JOIN catalog_event e ON e.organization_id = t.organization_id AND e.id = t.event_id
    LEFT JOIN admission_presence p
      ON p.organization_id = t.organization_id AND p.ticket_id = t.id AND p.area = %(area)s
    WHERE t.organization_id = %(organization)s AND t.event_id = %(event)s AND t.id > %(after)s
      AND CASE WHEN %(since)s::timestamptz IS NULL THEN t.status <> 'expired'
               ELSE greatest(t.updated_at, o.updated_at, p.updated_at, e.updated_at) >= %(since)s END
    ORDER BY t.id LIMIT %(limit)s
)
SELECT (SELECT count(*) FROM page),
       (SELECT id FROM page ORDER BY id DESC LIMIT 1),
       (SELECT coalesce('[' || string_agg(row::text, ',' ORDER BY id) || ']', '[]') FROM page),
       (SELECT coalesce('[' || string_agg(json_build_array(f.code, f.reason, f.ticket_id)::text, ','
                                          ORDER BY f.id) || ']', '[]')
        FROM tickets_formercode f JOIN page ON page.id = f.ticket_id
        WHERE f.organization_id = %(organization)s)
"""  # noqa: S608 - put together from constants
FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a walk through all tickets is, and where the next one begins."""

    after: UUID
    cursor: datetime


def download_tickets(
    checkin_list: CheckinList, *, changed_since: str | None, after: str | None, limit: int, now: datetime
) -> bytes:
    """Return one page of all tickets of a list's event, or of those that changed, as JSON.

    ``after`` is the ``next`` of the page before. The ``cursor`` is the same on all pages of a walk.

    Raises:
        InvalidInput: the cursor or the place is none that was given out.
    """
    since = None if changed_since is None else _read_cursor(changed_since)
    place = None if after is None else _read_place(after)
    with connection.cursor() as cursor:
        if place is None:
            cursor.execute(BEGUN, {"now": now})
            [begun] = cursor.fetchone()
            place = _Place(FIRST, begun - MARGIN)
        cursor.execute(
            ROWS,
            {
                "organization": checkin_list.organization_id,
                "event": checkin_list.event_id,
                "area": checkin_list.area,
                "after": place.after,
                "since": since,
                "limit": limit,
                "now": now,
            },
        )
        count, last, rows, former = cursor.fetchone()
    is_over = count < limit
    return _body(rows, former, None if is_over else _Place(last, place.cursor), place.cursor)


@command(Permission.CHECKIN_SCAN)
def record_download(context: CommandContext, checkin_list: CheckinList) -> None:
    """Record in the security log that somebody downloads the names and codes of all tickets."""
    record_security_event(
        SecurityEventKind.DATA_EXPORTED,
        now=context.now,
        organization_id=checkin_list.organization_id,
        actor=context.actor,
        subject_id=checkin_list.id,
        details={"what": "tickets", "event": str(checkin_list.event_id)},
    )


def _body(rows: str, former: str, following: _Place | None, cursor: datetime) -> bytes:
    columns = ",".join(f'"{name}"' for name in COLUMNS)
    onwards = "null" if following is None else f'"{_write_place(following)}"'
    return (
        f'{{"columns":[{columns}],"rows":{rows},"former":{former},'
        f'"next":{onwards},"cursor":"{_write_cursor(cursor)}"}}'
    ).encode()


def _write_cursor(moment: datetime) -> str:
    micros = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return _text(micros.to_bytes(8, "big", signed=True))


def _write_place(place: _Place) -> str:
    micros = _bytes(_write_cursor(place.cursor), 8)
    return _text(place.after.bytes + micros)


def _read_cursor(text: str) -> datetime:
    micros = int.from_bytes(_bytes(text, 8), "big", signed=True)
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    except OverflowError as error:
        raise _no_cursor() from error


def _read_place(text: str) -> _Place:
    raw = _bytes(text, 24)
    return _Place(UUID(bytes=raw[:16]), _read_cursor(_text(raw[16:])))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str, length: int) -> bytes:
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise _no_cursor() from error
    if len(raw) != length:
        raise _no_cursor()
    return raw


def _no_cursor() -> InvalidInput:
    return InvalidInput("This is no cursor that was given out. Start again without one.", field="cursor")
