"""Telling what happened at the door, in the transaction that made it so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from kassa.admission.domain.answers import Answer
from kassa.admission.domain.names import holder_name, masked
from kassa.admission.enums import ScanKind
from kassa.core.clock import format_moment
from kassa.core.database import Statements
from kassa.core.outbox import build_event, write_events

NAMES = {
    ScanKind.ENTRY.value: "ticket.checked_in",
    ScanKind.EXIT.value: "ticket.checked_out",
    ScanKind.UNDO.value: "ticket.checkin_undone",
}
CONFLICT = "checkin.conflict"


def publish_scans(
    database: Statements,
    organization_id: UUID,
    answers: Sequence[Answer],
    *,
    conflicts: Sequence[Answer],
    now: datetime,
) -> None:
    """Write an event for each scan that was accepted, and for each that let somebody in and was not."""
    events = [
        build_event(
            NAMES[answer.row.kind], answer.row.ticket_id, key=answer.row.order_id, fields=_fields(answer)
        )
        for answer in answers
        if answer.row.turn is not None
    ]
    events += [
        build_event(
            CONFLICT,
            answer.row.client_id,
            key=answer.row.order_id or answer.row.client_id,
            fields=_fields(answer),
        )
        for answer in conflicts
    ]
    write_events(database, organization_id, events, now=now)


def _fields(answer: Answer) -> dict[str, Any]:
    row = answer.row
    ticket = answer.document["ticket"]
    if ticket is not None:
        # Whoever reads the events must not be able to come in.
        ticket = {**ticket, "code": masked(ticket["code"]), "name": holder_name(row)}
    return {
        "scan": answer.document["id"],
        "kind": row.kind,
        "result": row.result,
        "checkin_list": answer.document["list"],
        "area": row.area,
        "gate": row.gate,
        "device": None if row.device_id is None else str(row.device_id),
        "by": row.scanned_by,
        "scanned_at": format_moment(row.scanned_at),
        "reason": row.reason,
        "event": None if row.event_id is None else str(row.event_id),
        "order": None if row.order_id is None else str(row.order_id),
        "number": row.number,
        "ticket": ticket,
        "previous": answer.document["previous"],
    }
