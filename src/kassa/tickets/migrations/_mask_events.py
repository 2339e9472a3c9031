"""Hiding codes and secret links in events that were written before new ones hid them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from kassa.core.masking import LEAST_HIDDEN, VISIBLE_LETTERS, mask_code, mask_last_word, mask_links

BATCH = 500
FIRST = UUID(int=0)
AT_THE_DOOR = "…"
"""What events of the door have always written before the last letters of a code."""
READ = """
SELECT id, organization_id, envelope FROM core_outboxevent WHERE id > %s ORDER BY id LIMIT %s
FOR NO KEY UPDATE
"""
SHORT = """
SELECT id::text FROM orders_ticket WHERE id = ANY(%s::uuid[]) AND length(code) < %s
UNION SELECT ticket_id::text FROM tickets_formercode WHERE ticket_id = ANY(%s::uuid[]) AND length(code) < %s
"""
WRITE = """
UPDATE core_outboxevent e SET envelope = masked.envelope
FROM unnest(%s::uuid[], %s::text[]) AS masked(id, envelope) WHERE e.id = masked.id
"""


def mask_kept_events(connection: Any, *, batch: int = BATCH) -> int:
    """Mask all kept events, some at a time; return how many changed. Doing it again changes nothing."""
    last, changed = FIRST, 0
    while True:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(READ, [last, batch])
            rows = cursor.fetchall()
            if not rows:
                return changed
            changed += _mask_batch(cursor, rows)
        last = rows[-1][0]


def _mask_batch(cursor: Any, rows: Collection[tuple[UUID, UUID, str]]) -> int:
    envelopes = {event_id: orjson.loads(text) for event_id, _, text in rows}
    scanned = [
        ticket["id"]
        for envelope in envelopes.values()
        for ticket in _find_tickets(envelope)
        if ticket["code"].startswith(AT_THE_DOOR)
    ]
    least = VISIBLE_LETTERS + LEAST_HIDDEN
    cursor.execute(SHORT, [scanned, least, scanned, least])
    short = {ticket_id for (ticket_id,) in cursor.fetchall()}
    masked = {
        event_id: mask_links(_mask_codes(text, envelopes[event_id], short), organization_id)
        for event_id, organization_id, text in rows
    }
    different = {event_id: masked[event_id] for event_id, _, text in rows if masked[event_id] != text}
    if different:
        cursor.execute(WRITE, [list(different), list(different.values())])
    return len(different)


def _find_tickets(envelope: dict[str, Any]) -> Iterator[dict[str, Any]]:
    data = envelope.get("data")
    if not isinstance(data, dict):
        return
    for ticket in (data.get("ticket"), *(data.get("tickets") or ())):
        if isinstance(ticket, dict) and isinstance(ticket.get("code"), str):
            yield ticket


def _mask_codes(text: str, envelope: dict[str, Any], short: Collection[str]) -> str:
    """Return an envelope with its codes masked, in the bytes that it had but for them.

    ``short`` names the tickets whose code, or a former one, is too short to show the end of.
    """
    for ticket in _find_tickets(envelope):
        code = ticket["code"]
        if not code.startswith(AT_THE_DOOR):
            ticket["code"] = mask_code(code)
        elif ticket["id"] in short:
            ticket["code"] = AT_THE_DOOR
    if envelope["type"].startswith("refund."):
        for line in envelope["data"].get("lines") or ():
            if line.get("what") == "ticket":
                line["label"] = mask_last_word(line["label"])
    return orjson.dumps(envelope).decode()
