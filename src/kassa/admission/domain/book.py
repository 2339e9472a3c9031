"""What a batch of scans will write: the scans, the conflicts, who is in, the tickets' own marks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from kassa.admission.domain.door import Door
from kassa.admission.domain.fold import Inside
from kassa.admission.domain.scan_rows import (
    INSERT_CONFLICTS,
    PUT_PRESENCES,
    insert_scans,
    plain_array_of_moments,
)
from kassa.admission.enums import ENTRANCE, ScanKind, ScanResult
from kassa.core.database import Statements, plain_array, text_array
from kassa.core.ids import new_id
from kassa.orders.domain.ticket_changes import check_in_tickets
from kassa.orders.enums import ScannerKind


@dataclass(frozen=True, slots=True, kw_only=True)
class NewScan:
    """A row of :class:`kassa.admission.models.Scan`."""

    id: UUID = field(default_factory=new_id)
    client_id: UUID
    fingerprint: bytes
    checkin_list_id: UUID | None
    event_id: UUID | None
    area: str
    ticket_id: UUID | None
    code: str
    kind: ScanKind
    result: ScanResult
    turn: int | None
    previous_id: UUID | None
    undoes_id: UUID | None = None
    gate: str
    reason: str = ""
    scanned_at: datetime


@dataclass(frozen=True, slots=True)
class _NewConflict:
    id: UUID
    scan_id: UUID
    list_id: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """Who is in with one ticket of a list, before and after a scan."""

    list_id: UUID
    entered: int
    """1: the first entry, -1: it was taken back, else 0."""
    inside: int
    """1: in, -1: out, else 0."""


class Book:
    """Notes what is to be written, for one trip."""

    def __init__(self, door: Door, now: datetime) -> None:
        self.door = door
        self.now = now
        self.scans: list[NewScan] = []
        self.conflicts: list[UUID] = []
        """The ids that the devices gave to scans which let somebody in and were refused."""
        self._conflicts: list[_NewConflict] = []
        self._by_client_id: dict[UUID, NewScan] = {}
        self._events: dict[UUID, UUID] = {}
        self._presences: dict[tuple[UUID, str], Inside] = {}
        self.moves: list[Moved] = []
        self._marks: dict[UUID, tuple[datetime | None, UUID | None]] = {}

    def known(self, client_id: UUID) -> NewScan | None:
        """Return a scan of the same batch that has this id."""
        return self._by_client_id.get(client_id)

    def add(self, scan: NewScan) -> None:
        self.scans.append(scan)
        self._by_client_id[scan.client_id] = scan

    def add_conflict(self, scan_id: UUID, client_id: UUID, list_id: UUID | None, at: datetime) -> None:
        """Note that a scan which is not accepted let somebody in; noted before, it changes nothing."""
        self.conflicts.append(client_id)
        self._conflicts.append(_NewConflict(new_id(), scan_id, list_id, at))

    def put(self, scan: NewScan, before: Inside, reached: Inside) -> None:
        """Note who is in after an accepted scan; the first entry at the entrance makes a ticket used."""
        if scan.ticket_id is None or scan.event_id is None or scan.checkin_list_id is None:
            raise ValueError("An accepted scan is of a ticket, for a list.")
        self._presences[scan.ticket_id, scan.area] = reached
        self._events[scan.ticket_id] = scan.event_id
        entered = (reached.entries > 0) - (before.entries > 0)
        self.moves.append(Moved(scan.checkin_list_id, entered, reached.is_inside - before.is_inside))
        if scan.area == ENTRANCE and entered:
            by = self.door.actor.id if reached.entries else None
            self._marks[scan.ticket_id] = (reached.entered_at, by)

    def write(self, database: Statements) -> None:
        """Queue all that was noted; it is written when the trip is over."""
        organization_id, now = self.door.organization_id, self.now
        actor = self.door.actor
        insert_scans(
            database,
            organization_id,
            self.scans,
            common=(self.door.device_id, actor.id, actor.kind.value, now),
        )
        if self._conflicts:
            database.queue(INSERT_CONFLICTS, (organization_id, now, *self._conflict_columns()))
        if self._presences:
            database.queue(PUT_PRESENCES, (organization_id, now, *self._presence_columns()))
        if self._marks:
            kind = None if actor.id is None else ScannerKind(actor.kind)
            check_in_tickets(database, organization_id, self._marks, by_kind=kind, now=now)

    def _conflict_columns(self) -> tuple[str, ...]:
        rows = self._conflicts
        return (
            plain_array(row.id for row in rows),
            plain_array(row.scan_id for row in rows),
            plain_array(row.list_id for row in rows),
            plain_array_of_moments(row.at for row in rows),
        )

    def _presence_columns(self) -> tuple[str, ...]:
        states = list(self._presences.values())
        return (
            plain_array(new_id() for _ in states),
            plain_array(ticket_id for ticket_id, _ in self._presences),
            plain_array(self._events[ticket_id] for ticket_id, _ in self._presences),
            text_array(area for _, area in self._presences),
            plain_array(state.turn for state in states),
            plain_array(state.entries for state in states),
            plain_array(state.is_inside for state in states),
            plain_array_of_moments(state.entered_at for state in states),
            plain_array(state.last for state in states),
        )
