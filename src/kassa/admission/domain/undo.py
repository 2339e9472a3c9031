"""Undoing: the last entry or exit of a ticket is taken back, by a further scan."""

from __future__ import annotations

import hashlib
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
from kassa.admission.domain.fold import Inside, Step, without
from kassa.admission.domain.look_up import presence_of
from kassa.admission.enums import ENTRANCE, ScanKind, ScanResult
from kassa.admission.errors import NotLastScan, ScanIdReused
from kassa.admission.models import Scan
from kassa.admission.queries import scans_of
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.database import statements
from kassa.core.errors import NotFound
from kassa.core.languages import Language
from kassa.core.permissions import Permission
from kassa.orders.enums import OrderStatus
from kassa.orders.models import Ticket
from kassa.tickets.errors import TicketOver
from kassa.tickets.locks import lock_tickets


@dataclass(frozen=True, slots=True)
class WantedUndo:
    """A wish to take back a scan."""

    id: UUID
    client_id: UUID
    """The id that the device gave to the scan."""
    reason: str = ""

    @property
    def fingerprint(self) -> bytes:
        return hashlib.sha256(f"undo\n{self.client_id}".encode()).digest()


@command(Permission.CHECKIN_SCAN)
def undo_scan(context: CommandContext, wanted: WantedUndo, *, language: Language) -> dict[str, Any]:
    """Take back the last entry or exit of a ticket; the same undo again returns the same answer.

    A ticket without any entry left at the entrance is valid again.

    Raises:
        NotFound: there is no such scan, or it was for a list that is not one of the device's.
        NotLastScan: it was not accepted, something came after it, or it was undone already.
        TicketOver: the ticket's order has been cancelled since.
        ScanIdReused: the undo's id stands for another scan.
        Locked: others keep the ticket locked for too long.
        KeyInvalid: the key was revoked just now.
    """
    door = door_of(context.actor)

    def attempt() -> dict[str, Any]:
        with transaction.atomic(), connection.wrap_database_errors:
            return _undo_once(door, wanted, language, context.now)

    answer: dict[str, Any] = with_counts(door.organization_id, [try_again(attempt)])[0]
    return answer


def _undo_once(door: Door, wanted: WantedUndo, language: Language, now: datetime) -> dict[str, Any]:
    database, organization_id = statements(), door.organization_id
    target = scans_of(organization_id).filter(client_id=wanted.client_id).first()
    if target is None or (target.checkin_list_id is not None and not door.sees(target.checkin_list_id)):
        raise NotFound
    if target.ticket_id is not None:
        lock_tickets(organization_id, [target.ticket_id])
    known = scans_of(organization_id).filter(client_id=wanted.id).first()
    if known is not None:
        if bytes(known.fingerprint) != wanted.fingerprint:
            raise ScanIdReused
        return answers_to(database, organization_id, [wanted.id], language=language)[wanted.id].document
    state = presence_of(database, organization_id, target.ticket_id, target.area)
    if state is None or state.last != target.id:
        raise NotLastScan
    _check_order(target)
    book = Book(door, now)
    undo = _undo_of(target, wanted, book, turn=state.turn + 1)
    book.add(undo)
    book.put(undo, state, _without(target, state))
    answers = answers_to(database, organization_id, [wanted.id], language=language, book=book)
    answer = answers[wanted.id]
    publish_scans(database, organization_id, [answer], conflicts=[], now=now)
    transaction.on_commit(partial(note_moves, organization_id, book.moves))
    return answer.document


def _check_order(target: Scan) -> None:
    """Let an undo pass unless it would make a ticket valid again whose order has been cancelled since.

    Raises:
        TicketOver: it would.
    """
    if target.ticket_id is None or target.area != ENTRANCE or target.kind != ScanKind.ENTRY:
        return
    tickets = Ticket.objects.of(target.organization_id).filter(id=target.ticket_id)
    if tickets.filter(order__status=OrderStatus.CANCELLED).exists():
        raise TicketOver(OrderStatus.CANCELLED)


def _undo_of(target: Scan, wanted: WantedUndo, book: Book, *, turn: int) -> NewScan:
    return NewScan(
        client_id=wanted.id,
        fingerprint=wanted.fingerprint,
        checkin_list_id=target.checkin_list_id,
        event_id=target.event_id,
        area=target.area,
        ticket_id=target.ticket_id,
        code=target.code,
        kind=ScanKind.UNDO,
        result=ScanResult.UNDONE,
        turn=turn,
        previous_id=target.id,
        undoes_id=target.id,
        gate=book.door.gate or target.gate,
        reason=wanted.reason,
        scanned_at=book.now,
    )


def _without(target: Scan, state: Inside) -> Inside:
    """Return who is in when the last scan is taken back."""
    before = None
    if target.previous_id is not None:
        before = ScanKind(scans_of(target.organization_id).get(id=target.previous_id).kind)
    return without(
        state, Step(target.id, ScanKind(target.kind), target.scanned_at, target.previous_id), before=before
    )
