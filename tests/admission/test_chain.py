"""Going out, coming back and undoing: what a chain of scans comes to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from kassa.admission.domain.fold import Link, fold
from kassa.admission.domain.undo import WantedUndo, undo_scan
from kassa.admission.enums import ScanKind
from kassa.admission.errors import NotLastScan, ScanIdReused
from kassa.admission.models import Conflict, Scan
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import NotFound
from kassa.core.ids import new_id
from kassa.core.languages import Language
from kassa.orders.models import Ticket
from kassa.payments.domain.manual_status import cancel_order
from kassa.tickets.domain.documents import tickets_pdf
from kassa.tickets.errors import NoTicketsToPrint, TicketOver
from tests.admission.hall import Hall
from tests.support.books import assert_books_balance

pytestmark = pytest.mark.django_db


def test_nobody_comes_back_where_tickets_are_good_once(hall: Hall) -> None:
    doors = hall.make_list(counts_exits=True)
    ticket = hall.ticket()
    hall.scan(ticket, list_id=doors.id)
    assert hall.leave(ticket, list_id=doors.id)["message"] == "Goodbye."

    assert hall.scan(ticket, list_id=doors.id)["result"] == "already_used"
    assert hall.inside(ticket) == (1, False)


def test_people_come_back_after_they_went_out(hall: Hall) -> None:
    doors = hall.make_list(entry_rule="after_exit", counts_exits=True)
    ticket = hall.ticket()

    assert hall.leave(ticket, list_id=doors.id)["result"] == "not_inside"
    assert hall.scan(ticket, list_id=doors.id)["accepted"]
    assert hall.scan(ticket, list_id=doors.id)["result"] == "already_used"
    assert hall.leave(ticket, list_id=doors.id)["accepted"]
    assert hall.leave(ticket, list_id=doors.id)["result"] == "not_inside"
    assert hall.scan(ticket, list_id=doors.id)["accepted"]
    assert hall.inside(ticket) == (2, True)
    assert hall.told_of_door() == ["ticket.checked_in", "ticket.checked_out", "ticket.checked_in"]


def test_unlimited_entries(hall: Hall) -> None:
    doors = hall.make_list(entry_rule="unlimited")
    ticket = hall.ticket()
    assert [hall.scan(ticket, list_id=doors.id)["accepted"] for _ in range(3)] == [True] * 3
    assert hall.inside(ticket) == (3, True)


def test_exits_are_not_scanned_where_the_list_counts_none(hall: Hall) -> None:
    ticket = hall.ticket()
    hall.scan(ticket)
    assert hall.leave(ticket)["result"] == "no_exits"
    assert hall.inside(ticket) == (1, True)


def test_lists_of_one_area_share_who_is_in(hall: Hall) -> None:
    other = hall.make_list(name="Side door")
    bar = hall.make_list(name="Bar", area="bar")
    ticket = hall.ticket()
    hall.scan(ticket)

    assert hall.scan(ticket, list_id=other.id)["result"] == "already_used"
    assert hall.scan(ticket, list_id=bar.id)["accepted"]
    assert hall.inside(ticket, "bar") == (1, True)


def test_who_wants_out_is_let_out_whatever_became_of_the_ticket(hall: Hall) -> None:
    doors = hall.make_list(counts_exits=True)
    ticket = hall.ticket()
    hall.scan(ticket, list_id=doors.id)
    Ticket.objects.of(hall.id).filter(id=ticket.id).update(status="refunded", blocked_at=utc_now())

    assert hall.leave(ticket, list_id=doors.id)["accepted"]


def test_undo_makes_a_ticket_valid_again(hall: Hall) -> None:
    ticket = hall.ticket()
    entry = hall.scan(ticket)

    undone = hall.undo(entry, reason="Scanned twice")

    assert (undone["result"], undone["accepted"], undone["kind"]) == ("undone", True, "undo")
    assert undone["message"] == "The entry was undone."
    assert undone["ticket"]["status"] == "valid"
    assert hall.inside(ticket) == (0, False)
    again = hall.again(ticket)
    assert (again.status, again.checked_in_at, again.checked_in_by) == ("valid", None, None)
    assert again.checked_in_by_kind is None
    assert hall.last_told()["reason"] == "Scanned twice"
    assert hall.scan(ticket)["accepted"]
    assert hall.told_of_door() == ["ticket.checked_in", "ticket.checkin_undone", "ticket.checked_in"]


def test_only_the_last_scan_is_undone(hall: Hall) -> None:
    doors = hall.make_list(entry_rule="after_exit", counts_exits=True)
    ticket = hall.ticket()
    entry = hall.scan(ticket, list_id=doors.id)
    leave = hall.leave(ticket, list_id=doors.id)
    refused = hall.leave(ticket, list_id=doors.id)
    for wrong in (entry, refused):
        with pytest.raises(NotLastScan):
            hall.undo(wrong)

    hall.undo(leave)
    with pytest.raises(NotLastScan):
        hall.undo(leave)
    assert hall.inside(ticket) == (1, True)
    hall.undo(entry)
    assert hall.inside(ticket) == (0, False)
    assert hall.again(ticket).status == "valid"


def test_same_undo_again_is_answered_the_same(hall: Hall) -> None:
    ticket, other = hall.issue(2)
    entry, undo_id = hall.scan(ticket), uuid4()

    first = hall.undo(entry, undo_id=undo_id)
    scans = hall.scans()

    assert {**hall.undo(entry, undo_id=undo_id), "counts": None} == {**first, "counts": None}
    assert hall.scans() == scans
    with pytest.raises(ScanIdReused):
        hall.undo(hall.scan(other), undo_id=undo_id)


def test_undo_is_for_ones_own_lists(hall: Hall) -> None:
    entry = UUID(hall.scan(hall.ticket())["id"])
    stranger = hall.make_guard(hall.make_list(name="Balcony"))

    for guard, scan_id in ((stranger, entry), (hall.guard, uuid4())):
        wanted = WantedUndo(uuid4(), scan_id)
        with pytest.raises(NotFound):
            undo_scan(CommandContext(guard.key, utc_now()), wanted, language=Language.ENGLISH)


def test_a_refunded_ticket_stays_refunded_when_its_entry_is_undone(hall: Hall) -> None:
    ticket = hall.ticket()
    entry = hall.scan(ticket)
    Ticket.objects.of(hall.id).filter(id=ticket.id).update(status="refunded")

    hall.undo(entry)

    assert (hall.again(ticket).status, hall.again(ticket).checked_in_at) == ("refunded", None)


@pytest.mark.parametrize("model", [Scan, Conflict])
@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_keeps_what_happened(hall: Hall, model: Any, change: str) -> None:
    ticket = hall.ticket()
    hall.scan(ticket)
    hall.merge(hall.wanted(ticket, let_in=True))
    rows = model.objects.of(hall.id)
    before = list(rows.values())

    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        rows.update(created_at=utc_now()) if change == "update" else rows._raw_delete("default")

    assert list(rows.values()) == before


def test_fold_is_the_chain() -> None:
    at = utc_now()
    ids = [new_id() for _ in range(4)]
    chain = [
        Link(ids[0], ScanKind.ENTRY, at),
        Link(ids[1], ScanKind.EXIT, at + timedelta(minutes=1)),
        Link(new_id(), ScanKind.UNDO, at, undoes=ids[1]),
        Link(ids[2], ScanKind.EXIT, at),
        Link(ids[3], ScanKind.ENTRY, at + timedelta(minutes=2)),
    ]
    state = fold(chain)
    assert (state.turn, state.entries, state.is_inside, state.entered_at, state.last) == (
        5,
        2,
        True,
        at,
        ids[3],
    )
    with pytest.raises(ValueError, match="Only the last"):
        fold([*chain, Link(new_id(), ScanKind.UNDO, at, undoes=ids[0])])


def test_an_entry_is_not_undone_once_its_order_is_cancelled(hall: Hall) -> None:
    """The ticket could not be valid again, and its place stays with who came in."""
    used, other = hall.issue(2)
    entry = hall.scan(used)
    cancel_order(hall.context(), used.order_id)
    scans = hall.scans()

    with pytest.raises(TicketOver) as refused:
        hall.undo(entry)

    assert refused.value.details == {"ticket_status": "cancelled"}
    assert (hall.again(used).status, hall.again(other).status, hall.scans()) == ("used", "cancelled", scans)
    with pytest.raises(NoTicketsToPrint):
        tickets_pdf(hall.id, order_id=used.order_id, language=None, now=hall.now)
    assert_books_balance()
