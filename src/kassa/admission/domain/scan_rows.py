"""The statements around scans: what is looked up, locked, written and read back, whole batches at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from kassa.core.database import Statements, plain_array, text_array

LISTS = """
SELECT l.id, l.event_id, e.status AS event_status, l.area, l.entry_rule, l.counts_exits,
       l.doors_open_at, l.doors_close_at,
       ARRAY(SELECT k.ticket_type_id FROM admission_checkinlisttickettype k
             WHERE k.organization_id = l.organization_id AND k.checkin_list_id = l.id) AS ticket_type_ids
FROM admission_checkinlist l
JOIN catalog_event e ON e.organization_id = l.organization_id AND e.id = l.event_id
WHERE l.organization_id = %s AND l.id = ANY(%s::uuid[]) AND (l.deleted_at IS NULL OR %s)
"""
CODES = """
SELECT code, id AS ticket_id, NULL AS reason FROM orders_ticket
WHERE organization_id = %s AND code = ANY(%s::text[])
UNION ALL
SELECT code, ticket_id, reason FROM tickets_formercode
WHERE organization_id = %s AND code = ANY(%s::text[])
"""
TICKETS = """
SELECT t.id, t.code, t.status, t.event_id, t.ticket_type_id, t.frozen_at, t.blocked_at, t.checked_in_at,
       o.status AS order_status, o.expires_at
FROM orders_ticket t
JOIN orders_order o ON o.organization_id = t.organization_id AND o.id = t.order_id
WHERE t.organization_id = %s AND t.id = ANY(%s::uuid[])
"""
PRESENCES = """
SELECT ticket_id, area, turn, entries, is_inside, entered_at, last_scan_id FROM admission_presence
WHERE organization_id = %s AND ticket_id = ANY(%s::uuid[])
"""
KNOWN = """
SELECT s.id, s.client_id, s.fingerprint, s.kind, s.turn, s.checkin_list_id,
       EXISTS (SELECT FROM admission_conflict c
               WHERE c.organization_id = s.organization_id AND c.scan_id = s.id) AS is_conflict
FROM admission_scan s WHERE s.organization_id = %s AND s.client_id = ANY(%s::uuid[])
"""

SCAN_COLUMNS = {
    "id": "uuid",
    "client_id": "uuid",
    "fingerprint": "bytea",
    "checkin_list_id": "uuid",
    "event_id": "uuid",
    "area": "text",
    "ticket_id": "uuid",
    "code": "text",
    "kind": "text",
    "result": "text",
    "turn": "integer",
    "previous_id": "uuid",
    "undoes_id": "uuid",
    "gate": "text",
    "reason": "text",
    "scanned_at": "timestamptz",
}
_NAMES = ", ".join(SCAN_COLUMNS)
INSERT_SCANS = (
    f"INSERT INTO admission_scan (organization_id, device_id, scanned_by, scanned_by_kind, created_at, {_NAMES}) "  # noqa: S608, E501
    f"SELECT %s, %s, %s, %s, %s, {_NAMES} "
    f"FROM unnest({', '.join(f'%s::{kind}[]' for kind in SCAN_COLUMNS.values())}) AS d({_NAMES})"
)
INSERT_CONFLICTS = """
INSERT INTO admission_conflict (id, organization_id, scan_id, checkin_list_id, let_in_at, created_at)
SELECT d.id, %s, d.scan_id, d.list_id, d.at, %s
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::timestamptz[]) AS d(id, scan_id, list_id, at)
ON CONFLICT (organization_id, scan_id) DO NOTHING
"""
PUT_PRESENCES = """
INSERT INTO admission_presence AS p (id, organization_id, ticket_id, event_id, area, turn, entries,
                                     is_inside, entered_at, last_scan_id, updated_at)
SELECT d.id, %s, d.ticket_id, d.event_id, d.area, d.turn, d.entries, d.is_inside, d.entered_at, d.last, %s
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::integer[], %s::integer[], %s::boolean[],
            %s::timestamptz[], %s::uuid[])
     AS d(id, ticket_id, event_id, area, turn, entries, is_inside, entered_at, last)
ON CONFLICT (organization_id, ticket_id, area) DO UPDATE SET
    turn = EXCLUDED.turn, entries = EXCLUDED.entries, is_inside = EXCLUDED.is_inside,
    entered_at = EXCLUDED.entered_at, last_scan_id = EXCLUDED.last_scan_id, updated_at = EXCLUDED.updated_at
"""
READ_BACK = """
SELECT s.id AS scan_id, s.client_id, s.kind, s.result, s.turn, s.gate, s.scanned_at, s.code AS scanned_code,
       s.checkin_list_id, s.event_id AS list_event_id, s.area, s.ticket_id, s.device_id, s.reason,
       l.name AS list_name, l.doors_open_at, l.doors_close_at, le.time_zone, le.title AS list_event,
       t.code, t.status, t.seat_label, t.ticket_type_id, tt.name AS ticket_type, t.blocked_at, t.frozen_at,
       t.attendee_first_name, t.attendee_last_name, t.attendee_email, t.event_id, te.title AS event_title,
       te.status AS event_status, t.order_id, o.number, o.customer_first_name, o.customer_last_name,
       former.ended_at AS code_ended_at,
       p.client_id AS previous_id, p.scanned_at AS previous_at, p.gate AS previous_gate,
       p.kind AS previous_kind, coalesce(pd.name, pk.name, pu.name, '') AS previous_by,
       coalesce(d.name, k.name, u.name, '') AS scanned_by,
       EXISTS (SELECT FROM admission_conflict c
               WHERE c.organization_id = s.organization_id AND c.scan_id = s.id) AS is_conflict
FROM admission_scan s
LEFT JOIN admission_checkinlist l ON l.organization_id = s.organization_id AND l.id = s.checkin_list_id
LEFT JOIN catalog_event le ON le.organization_id = s.organization_id AND le.id = s.event_id
LEFT JOIN orders_ticket t ON t.organization_id = s.organization_id AND t.id = s.ticket_id
LEFT JOIN catalog_tickettype tt ON tt.organization_id = t.organization_id AND tt.id = t.ticket_type_id
LEFT JOIN catalog_event te ON te.organization_id = t.organization_id AND te.id = t.event_id
LEFT JOIN orders_order o ON o.organization_id = t.organization_id AND o.id = t.order_id
LEFT JOIN tickets_formercode former
  ON former.organization_id = s.organization_id AND former.code = s.code
 AND s.result IN ('transferred', 'reissued')
LEFT JOIN admission_device d ON d.organization_id = s.organization_id AND d.id = s.device_id
LEFT JOIN identity_apikey k ON k.organization_id = s.organization_id AND k.id = s.scanned_by
LEFT JOIN identity_user u ON u.id = s.scanned_by
LEFT JOIN admission_scan p ON p.organization_id = s.organization_id AND p.id = s.previous_id
LEFT JOIN admission_device pd ON pd.organization_id = p.organization_id AND pd.id = p.device_id
LEFT JOIN identity_apikey pk ON pk.organization_id = p.organization_id AND pk.id = p.scanned_by
LEFT JOIN identity_user pu ON pu.id = p.scanned_by
WHERE s.organization_id = %s AND s.client_id = ANY(%s::uuid[])
"""


def insert_scans(
    database: Statements, organization_id: UUID, rows: Sequence[Any], *, common: Sequence[Any]
) -> None:
    """Queue the insert of scans; ``common`` is the device, who scans, of what kind they are, and now."""
    if rows:
        columns = [_array([getattr(row, name) for row in rows], kind) for name, kind in SCAN_COLUMNS.items()]
        database.queue(INSERT_SCANS, (organization_id, *common, *columns))


def _array(values: Iterable[Any], kind: str) -> str:
    if kind == "bytea":
        return text_array([f"\\x{value.hex()}" for value in values])
    return text_array(values) if kind == "text" else plain_array_of_moments(values)


def plain_array_of_moments(values: Iterable[Any]) -> str:
    """Return an array literal of values of which some may be moments, whose text holds a space."""
    return plain_array(f'"{value}"' if value is not None else None for value in values)
