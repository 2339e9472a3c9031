"""What a batch of scans is about: its lists, its tickets under their locks, who is in, what is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kassa.admission.domain.fold import NOBODY, Inside
from kassa.admission.domain.judge import ListRules
from kassa.admission.domain.read_code import ReadCode
from kassa.admission.domain.scan_rows import CODES, KNOWN, LISTS, PRESENCES, TICKETS
from kassa.admission.enums import EntryRule, ScanResult
from kassa.core.database import Statements, plain_array, text_array
from kassa.tickets.locks import LOCK_TICKETS


@dataclass(slots=True)
class LookedUp:
    """Everything that scans are judged by. Its states move on from scan to scan."""

    lists: dict[UUID, ListRules]
    codes: dict[str, UUID]
    """Tickets by the code they have."""
    former: dict[str, tuple[UUID, ScanResult]]
    """Tickets by codes that they had, with what became of those."""
    tickets: dict[UUID, Any] = field(default_factory=dict)
    states: dict[tuple[UUID, str], Inside] = field(default_factory=dict)
    known: dict[UUID, Any] = field(default_factory=dict)
    """Scans that were recorded before, by the id that the device gave them."""
    conflicts: set[UUID] = field(default_factory=set)
    """Which of these let somebody in although they were refused, by the same id."""

    def ticket_of(self, read: ReadCode) -> tuple[UUID | None, ScanResult | None]:
        """Return the ticket that was read, and why it is none if that is known."""
        if read.refused is not None:
            return None, read.refused
        for code in read.codes:
            ticket_id = self.codes.get(code)
            if ticket_id is not None and read.names(ticket_id):
                return ticket_id, None
            if code in self.former and read.names(self.former[code][0]):
                return self.former[code]
        return None, ScanResult.UNKNOWN

    def state_of(self, ticket_id: UUID | None, area: str) -> Inside:
        """Return who is in with a ticket, as far as the batch has come."""
        return NOBODY if ticket_id is None else self.states.get((ticket_id, area), NOBODY)

    def put_state(self, ticket_id: UUID, area: str, state: Inside) -> None:
        self.states[ticket_id, area] = state


def look_up(
    database: Statements,
    organization_id: UUID,
    *,
    list_ids: Iterable[UUID],
    codes: Iterable[str],
    client_ids: Iterable[UUID],
    deleted_too: bool,
) -> LookedUp:
    """Read all that scans are about, in two trips; from then on nobody else changes the tickets.

    A code that became another one while its ticket's lock was waited for is looked up once more.
    """
    wanted = text_array(codes)
    with database.trip():
        lists = database.queue(LISTS, (organization_id, plain_array(list_ids), deleted_too), named=True)
        coded = database.queue(CODES, (organization_id, wanted) * 2, named=True)
    rules = {row.id: _rules(row) for row in lists}
    live, former = _by_code(coded)
    ticket_ids = plain_array({*live.values(), *(ticket_id for ticket_id, _ in former.values())})
    with database.trip():
        # Each statement sees what was committed before it: the others what the locks were waited for.
        database.queue(LOCK_TICKETS, (organization_id, plain_array(sorted(live.values()))))
        tickets = database.queue(TICKETS, (organization_id, ticket_ids), named=True)
        presences = database.queue(PRESENCES, (organization_id, ticket_ids), named=True)
        known = database.queue(KNOWN, (organization_id, plain_array(client_ids)), named=True)
    found = LookedUp(
        lists=rules,
        codes=live,
        former=former,
        tickets={row.id: row for row in tickets},
        states={(row.ticket_id, row.area): _state(row) for row in presences},
    )
    for row in known:
        found.known[row.client_id] = row
        if row.is_conflict:
            found.conflicts.add(row.client_id)
    if any(found.tickets[ticket_id].code != code for code, ticket_id in live.items()):
        found.codes, found.former = _by_code(database.queue(CODES, (organization_id, wanted) * 2, named=True))
    return found


def presence_of(
    database: Statements, organization_id: UUID, ticket_id: UUID | None, area: str
) -> Inside | None:
    """Return who is in with one ticket. None: it was never let in there."""
    rows = database.queue(PRESENCES, (organization_id, plain_array([ticket_id])), named=True)
    return next((_state(row) for row in rows if row.area == area), None)


def _by_code(rows: Iterable[Any]) -> tuple[dict[str, UUID], dict[str, tuple[UUID, ScanResult]]]:
    live: dict[str, UUID] = {}
    former: dict[str, tuple[UUID, ScanResult]] = {}
    for row in rows:
        if row.reason is None:
            live[row.code] = row.ticket_id
        else:
            former[row.code] = (row.ticket_id, ScanResult(row.reason))
    return live, former


def _rules(row: Any) -> ListRules:
    return ListRules(
        id=row.id,
        event_id=row.event_id,
        event_status=row.event_status,
        area=row.area,
        ticket_type_ids=frozenset(row.ticket_type_ids),
        entry_rule=EntryRule(row.entry_rule),
        counts_exits=row.counts_exits,
        doors_open_at=row.doors_open_at,
        doors_close_at=row.doors_close_at,
    )


def _state(row: Any) -> Inside:
    return Inside(row.turn, row.entries, row.is_inside, row.entered_at, row.last_scan_id)
