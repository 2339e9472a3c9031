"""Scanning: a batch of looks at tickets, each answered once and for all. One look is a batch of one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from kassa.admission.domain.again import try_again
from kassa.admission.domain.answers import answers_to
from kassa.admission.domain.book import Book, NewScan
from kassa.admission.domain.counts import note_moves, with_counts
from kassa.admission.domain.door import Door, door_of
from kassa.admission.domain.events import publish_scans
from kassa.admission.domain.fold import Step, after
from kassa.admission.domain.judge import ListRules, judge
from kassa.admission.domain.look_up import LookedUp, look_up
from kassa.admission.domain.read_code import ReadCode, read_code
from kassa.admission.enums import ScanKind, ScanResult
from kassa.admission.errors import ScanIdReused
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.database import statements
from kassa.core.errors import NotFound
from kassa.core.languages import Language
from kassa.core.permissions import Permission

MAX_BATCH = 500


@dataclass(frozen=True, slots=True)
class WantedScan:
    """A look at a ticket, as a device asks for it or tells of it."""

    id: UUID
    list_id: UUID
    text: str
    """Of a QR code, or a code as it was typed."""
    kind: ScanKind
    gate: str | None = None
    """None: where the device stands."""
    scanned_at: datetime | None = None
    """None: now."""
    let_in: bool | None = None
    """Whether the device let somebody through by itself. None: it waits for the answer."""

    @property
    def fingerprint(self) -> bytes:
        """What makes two requests the same scan: when and where may differ if it is told of again."""
        return hashlib.sha256(f"{self.kind.value}\n{self.list_id}\n{self.text}".encode()).digest()


@dataclass(frozen=True, slots=True)
class _Read:
    """A wanted scan with what its text says."""

    wanted: WantedScan
    code: ReadCode
    at: datetime


@command(Permission.CHECKIN_SCAN)
def record_scan(context: CommandContext, wanted: WantedScan, *, language: Language) -> dict[str, Any]:
    """Record one scan and return the answer; the same one again returns the same answer.

    Raises:
        KeyInvalid: the key was revoked just now.
        NotFound: there is no such list, or it is not one of the device's.
        ScanIdReused: the id stands for another scan.
        Locked: others keep the ticket locked for too long.
    """
    [answer] = _record(context, [wanted], language=language, lists_must_be=True)
    if answer is None:
        raise ScanIdReused
    return answer


@command(Permission.CHECKIN_SCAN)
def record_batch(
    context: CommandContext, wanted: Sequence[WantedScan], *, language: Language
) -> list[dict[str, Any] | None]:
    """Record what a device scanned without a network, in the order in which it did; all of it or nothing.

    The answers come in the order given; None: the id stands for another scan. Whoever was let in and is
    not accepted is kept as a conflict.

    Raises:
        KeyInvalid: the key was revoked just now.
        Locked: others keep a ticket locked for too long.
    """
    return _record(context, wanted, language=language, lists_must_be=False)


def _record(
    context: CommandContext, wanted: Sequence[WantedScan], *, language: Language, lists_must_be: bool
) -> list[dict[str, Any] | None]:
    door, now = door_of(context.actor), context.now
    read = [
        _Read(one, read_code(door.organization_id, one.text), min(one.scanned_at or now, now))
        for one in wanted
    ]

    def attempt() -> list[dict[str, Any] | None]:
        with transaction.atomic(), connection.wrap_database_errors:
            return _record_once(door, read, language=language, now=now, lists_must_be=lists_must_be)

    return with_counts(organization_id=door.organization_id, answers=try_again(attempt))


def _record_once(
    door: Door, read: Sequence[_Read], *, language: Language, now: datetime, lists_must_be: bool
) -> list[dict[str, Any] | None]:
    database, organization_id = statements(), door.organization_id
    found = look_up(
        database,
        organization_id,
        list_ids={one.wanted.list_id for one in read},
        codes={code for one in read for code in one.code.codes},
        client_ids=[one.wanted.id for one in read],
        deleted_too=not lists_must_be,
    )
    reused: set[int] = set()
    batch = _Batch({id_: one for id_, one in found.lists.items() if door.sees(id_)}, found, Book(door, now))
    if lists_must_be and any(one.wanted.list_id not in batch.rules for one in read):
        raise NotFound
    for index in sorted(range(len(read)), key=lambda index: (read[index].at, index)):
        if not batch.take(read[index]):
            reused.add(index)
    book = batch.book
    client_ids = [one.wanted.id for one in read]
    answers = answers_to(database, organization_id, client_ids, language=language, book=book)
    publish_scans(
        database,
        organization_id,
        [answers[scan.client_id] for scan in book.scans],
        conflicts=[answers[client_id] for client_id in book.conflicts],
        now=now,
    )
    transaction.on_commit(partial(note_moves, organization_id, book.moves))
    return [None if index in reused else answers[one.wanted.id].document for index, one in enumerate(read)]


@dataclass(slots=True)
class _Batch:
    """What scans are judged by and written to, as it moves on from scan to scan."""

    rules: dict[UUID, ListRules]
    """Of the lists that are scanned for."""
    found: LookedUp
    book: Book

    def take(self, one: _Read) -> bool:
        """Judge one scan and note it, unless it was noted before; False: its id is another scan's."""
        wanted = one.wanted
        known = self.found.known.get(wanted.id) or self.book.known(wanted.id)
        if known is None:
            scan = self._judge(one)
            self.book.add(scan)
        elif bytes(known.fingerprint) != wanted.fingerprint:
            return False
        else:
            scan = known
        if wanted.let_in and wanted.kind == ScanKind.ENTRY and scan.turn is None:
            self._note_conflict(one, scan)
        return True

    def _judge(self, one: _Read) -> NewScan:
        wanted, rules = one.wanted, self.rules.get(one.wanted.list_id)
        area = rules.area if rules else ""
        ticket_id, result = self.found.ticket_of(one.code)
        state = self.found.state_of(ticket_id, area)
        if rules is None:
            result = ScanResult.UNKNOWN_LIST
        elif ticket_id is not None and result is None:
            ticket = self.found.tickets[ticket_id]
            result = judge(rules, ticket, state, kind=wanted.kind, at=one.at)
        is_accepted = result == ScanResult.VALID and wanted.let_in is not False
        scan = NewScan(
            client_id=wanted.id,
            fingerprint=wanted.fingerprint,
            checkin_list_id=rules.id if rules else None,
            event_id=rules.event_id if rules else None,
            area=area,
            ticket_id=ticket_id,
            code=one.code.code,
            kind=wanted.kind,
            result=result or ScanResult.UNKNOWN,
            turn=state.turn + 1 if is_accepted else None,
            previous_id=state.last,
            gate=self.book.door.gate if wanted.gate is None else wanted.gate,
            scanned_at=one.at,
        )
        if is_accepted and ticket_id is not None:
            reached = after(state, Step(scan.id, wanted.kind, one.at, state.last))
            self.found.put_state(ticket_id, area, reached)
            self.book.put(scan, state, reached)
        return scan

    def _note_conflict(self, one: _Read, scan: Any) -> None:
        """Keep that somebody was let in who should not have been. Nobody is kept from leaving."""
        if one.wanted.id not in self.found.conflicts:
            self.found.conflicts.add(one.wanted.id)
            self.book.add_conflict(scan.id, one.wanted.id, scan.checkin_list_id, one.at)
