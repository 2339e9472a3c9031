"""Shapes of scans at the door and their answers, and of what devices take along and find."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Schema
from pydantic import AfterValidator, StringConstraints

from kassa.admission.domain.scan import MAX_BATCH
from kassa.admission.enums import ScanKind, ScanResult
from kassa.api.checkin_schemas import CheckinListOut, Gate, ListEventOut
from kassa.api.inputs import Moment, Text80, Text300
from kassa.api.schemas import Input, Text, example


def _entry_or_exit(kind: ScanKind) -> ScanKind:
    if kind == ScanKind.UNDO:
        raise ValueError("Send 'entry' or 'exit'; to undo a scan, ask the scan itself.")
    return kind


Scanned = Annotated[
    Text,
    # The alphabet of QR codes has a space, so one at the end belongs to the text.
    StringConstraints(strip_whitespace=False),
    Field(
        min_length=1,
        max_length=1000,
        description="The text of the QR code, or the code as somebody types it.",
        examples=["K7QM-4TWX-9PRA"],
    ),
]
Direction = Annotated[ScanKind, AfterValidator(_entry_or_exit), Field(description="`entry` or `exit`.")]


class ScanIn(Input):
    model_config = example(
        id="5a2c7a3e-2f0b-4f5e-9d43-0d0a63c1c0de",
        list="0197a7f0-5b7c-7c3e-8a51-3c2f6f1f0a11",
        ticket="K7QM-4TWX-9PRA",
    )

    id: UUID = Field(description="Made by the device. Sent again, it is the same scan.")
    list: UUID
    ticket: Scanned
    kind: Direction = ScanKind.ENTRY
    gate: Gate | None = Field(None, description="Null: where the device stands.")
    scanned_at: Moment | None = Field(None, description="Null: now. One in the future counts as now.")


class OfflineScanIn(ScanIn):
    model_config = example(
        id="5a2c7a3e-2f0b-4f5e-9d43-0d0a63c1c0de",
        list="0197a7f0-5b7c-7c3e-8a51-3c2f6f1f0a11",
        ticket="K7QM-4TWX-9PRA",
        scanned_at="2027-06-12T18:03:12Z",
        let_in=True,
    )

    let_in: bool = Field(description="Whether the device let somebody through.")


class BatchIn(Input):
    model_config = example(
        scans=[
            {
                "id": "5a2c7a3e-2f0b-4f5e-9d43-0d0a63c1c0de",
                "list": "0197a7f0-5b7c-7c3e-8a51-3c2f6f1f0a11",
                "ticket": "K7QM-4TWX-9PRA",
                "scanned_at": "2027-06-12T18:03:12Z",
                "let_in": True,
            }
        ]
    )

    scans: Annotated[list[OfflineScanIn], Field(min_length=1, max_length=MAX_BATCH)]


class UndoIn(Input):
    model_config = example(id="0d9c64a9-64a3-4f3c-bc0e-4f0c3a4bb0aa", reason="Scanned twice")

    id: UUID = Field(description="Of the undo, made by the device.")
    reason: Text300 = ""


class NamedOut(Schema):
    id: UUID
    name: str


class AttendeeAtDoorOut(Schema):
    first_name: str
    last_name: str
    email: str


class TicketAtDoorOut(Schema):
    id: UUID
    code: str
    status: str
    name: str
    ticket_type: NamedOut
    seat: str
    order_number: str
    attendee: AttendeeAtDoorOut


class FoundTicketOut(TicketAtDoorOut):
    blocked: bool
    covered: bool = Field(description="Whether the list lets its ticket type in.")
    inside: bool
    entries: int
    entered_at: datetime | None


class FoundOut(Schema):
    items: list[FoundTicketOut]


class PreviousScanOut(Schema):
    id: UUID
    at: datetime
    gate: str
    by: str
    kind: ScanKind


class InsideOut(Schema):
    inside: int
    entered: int
    total: int = Field(description="Tickets that may come in.")


class ScanOut(Schema):
    id: UUID
    result: ScanResult
    accepted: bool = Field(description="Whether somebody was let in or out.")
    kind: ScanKind
    message: str
    list: UUID | None
    scanned_at: datetime | None
    gate: str
    ticket: TicketAtDoorOut | None
    previous: PreviousScanOut | None
    counts: InsideOut | None
    conflict: bool = Field(description="Somebody was let in without a network who should not have been.")
    error: str | None = Field(None, description="In a batch: why this scan was not looked at.")


class BatchOut(Schema):
    results: list[ScanOut]


class ScanFilters(Schema):
    checkin_list_id: UUID | None = Field(None, alias="list")
    event_id: UUID | None = Field(None, alias="event")
    ticket_id: UUID | None = Field(None, alias="ticket")
    device_id: UUID | None = Field(None, alias="device")
    result: ScanResult | None = None
    gate: Text80 | None = None
    conflict: bool | None = Field(None, description="Only those that let in wrongly, or only others.")
    since: Moment | None = Field(None, description="Scanned then or later.")


class RecordedScanOut(Schema):
    id: UUID
    list: UUID | None
    event: UUID | None
    ticket: UUID | None
    code: str = Field(description="The end of a ticket's code; whole if there is no such ticket.")
    kind: ScanKind
    result: ScanResult
    accepted: bool
    conflict: bool
    gate: str
    device: NamedOut | None
    by: str
    reason: str
    undoes: UUID | None
    undone: bool
    scanned_at: datetime
    created_at: datetime


class KeyAtDoorOut(Schema):
    key_id: str
    public_key: str = Field(description="32 bytes in base64.")
    revoked: bool


NamedOnes = list[NamedOut]
KeysAtDoor = list[KeyAtDoorOut]


class OfflineOut(Schema):
    list: CheckinListOut
    event: ListEventOut
    ticket_types: NamedOnes
    keys: KeysAtDoor
    server_time: datetime
    total: int


class TicketsOut(Schema):
    columns: list[str]
    rows: list[list[Any]] = Field(description="One for each ticket, in the order of `columns`.")
    former: list[list[str]] = Field(description="Codes that are no longer tickets: code, reason, ticket.")
    next: str | None = Field(description="Send it as `after` for the next page; null on the last.")
    cursor: str = Field(description="Send it as `changed_since` the next time.")


class GateCountsOut(Schema):
    gate: str
    entries: int
    exits: int
    refused: int
    last_at: datetime


class MinuteCountsOut(Schema):
    at: datetime
    entries: int
    exits: int
    refused: int


ByGate = list[GateCountsOut]
ByMinute = list[MinuteCountsOut]


class CountsOut(InsideOut):
    list: UUID
    conflicts: int
    gates: ByGate
    minutes: ByMinute
