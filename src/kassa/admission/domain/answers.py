"""The answer to a scan as the door shows it: read back as it is kept, so that it never differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kassa.admission.domain.book import Book
from kassa.admission.domain.names import holder_name
from kassa.admission.domain.scan_rows import READ_BACK
from kassa.admission.domain.sentences import sentence_about
from kassa.admission.enums import ScanKind, ScanResult
from kassa.admission.errors import ScanIdReused
from kassa.core.clock import format_moment
from kassa.core.database import Statements, plain_array
from kassa.core.languages import Language

FORMER = {ScanResult.TRANSFERRED.value, ScanResult.REISSUED.value}


@dataclass(frozen=True, slots=True)
class Answer:
    """One scan as it was read back."""

    row: Any
    document: dict[str, Any]


def answers_to(
    database: Statements,
    organization_id: UUID,
    client_ids: Sequence[UUID],
    *,
    language: Language,
    book: Book | None = None,
) -> dict[UUID, Answer]:
    """Return the answers to scans by the ids that devices gave them, in one query.

    What is noted in ``book`` is written before, in the same trip.
    """
    with database.trip():
        if book is not None:
            book.write(database)
        rows = database.queue(READ_BACK, (organization_id, plain_array(client_ids)), named=True)
    return {row.client_id: Answer(row, answer_document(row, language)) for row in rows}


def answer_document(row: Any, language: Language) -> dict[str, Any]:
    """Return one answer; ``counts`` is filled in when the transaction is over."""
    return {
        "id": str(row.client_id),
        "result": row.result,
        "accepted": row.turn is not None,
        "kind": row.kind,
        "message": sentence_about(row, language),
        "list": None if row.checkin_list_id is None else str(row.checkin_list_id),
        "scanned_at": format_moment(row.scanned_at),
        "gate": row.gate,
        "ticket": None if row.ticket_id is None else _ticket(row),
        "previous": None if row.previous_id is None else _previous(row),
        "counts": None,
        "conflict": row.is_conflict,
        "error": None,
    }


def _ticket(row: Any) -> dict[str, Any]:
    # The code of today belongs to somebody else than the one who stands there with the old one.
    return ticket_document(row, code=row.scanned_code if row.result in FORMER else row.code)


def ticket_document(row: Any, *, code: str) -> dict[str, Any]:
    """Return a ticket as it is shown at the door."""
    return {
        "id": str(row.ticket_id),
        "code": code,
        "status": row.status,
        "name": holder_name(row),
        "ticket_type": {"id": str(row.ticket_type_id), "name": row.ticket_type},
        "seat": row.seat_label,
        "order_number": row.number,
        "attendee": {
            "first_name": row.attendee_first_name,
            "last_name": row.attendee_last_name,
            "email": row.attendee_email,
        },
    }


def _previous(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.previous_id),
        "at": format_moment(row.previous_at),
        "gate": row.previous_gate,
        "by": row.previous_by,
        "kind": row.previous_kind,
    }


def refused_as_reused(client_id: UUID, kind: ScanKind) -> dict[str, Any]:
    """Return what stands in a batch for a scan whose id is another scan's: nothing was looked at."""
    return {
        "id": str(client_id),
        "result": ScanResult.UNKNOWN.value,
        "accepted": False,
        "kind": kind.value,
        "message": ScanIdReused().detail,
        "list": None,
        "scanned_at": None,
        "gate": "",
        "ticket": None,
        "previous": None,
        "counts": None,
        "conflict": False,
        "error": ScanIdReused.code,
    }
