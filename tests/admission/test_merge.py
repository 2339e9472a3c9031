"""Scans of a phone that had no network: all are kept, in the order in which they were made."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from kassa.admission.enums import ScanKind
from kassa.admission.models import Conflict, Scan
from kassa.core.clock import utc_now
from tests.admission.hall import Hall

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def test_two_gates_without_a_network_let_one_ticket_in_twice(hall: Hall) -> None:
    ticket = hall.ticket()
    south = hall.make_guard(name="Phone 2", gate="South")
    then = utc_now() - 10 * MINUTE

    [first] = hall.merge(hall.wanted(ticket, scanned_at=then, let_in=True))
    [second] = hall.merge(hall.wanted(ticket, scanned_at=then - MINUTE, let_in=True), guard=south)

    assert (first["result"], first["accepted"], first["conflict"]) == ("valid", True, False)
    assert (second["result"], second["accepted"], second["conflict"]) == ("already_used", False, True)
    assert (second["previous"]["id"], second["previous"]["gate"]) == (first["id"], "North")
    assert (hall.inside(ticket), hall.conflicts()) == ((1, True), 1)
    assert hall.told_of_door() == ["ticket.checked_in", "checkin.conflict"]
    assert ticket.code not in str(hall.last_told())


def test_scans_count_in_the_order_in_which_they_were_made(hall: Hall) -> None:
    doors = hall.make_list(entry_rule="after_exit", counts_exits=True)
    ticket = hall.ticket()
    then = utc_now() - 10 * MINUTE
    entry = hall.wanted(ticket, list_id=doors.id, scanned_at=then, let_in=True)
    leave = hall.wanted(ticket, list_id=doors.id, scanned_at=then + MINUTE, kind=ScanKind.EXIT, let_in=True)
    back = hall.wanted(ticket, list_id=doors.id, scanned_at=then + 2 * MINUTE, let_in=True)

    results = hall.merge(back, leave, entry)

    assert [one["id"] for one in results] == [str(one.id) for one in (back, leave, entry)]
    assert [one["accepted"] for one in results] == [True] * 3
    assert hall.inside(ticket) == (2, True)
    assert hall.again(ticket).checked_in_at == then


def test_batch_sent_again_changes_nothing(hall: Hall) -> None:
    ticket, other = hall.issue(2)
    hall.scan(ticket)
    wanted = [hall.wanted(one, scanned_at=utc_now(), let_in=True) for one in (ticket, other)]

    first = hall.merge(*wanted)
    kept = (hall.scans(), hall.conflicts(), hall.told_of_door())
    again = hall.merge(*wanted)

    assert [{**one, "counts": None} for one in first] == [{**one, "counts": None} for one in again]
    assert kept == (hall.scans(), hall.conflicts(), hall.told_of_door())


def test_scan_whose_answer_was_lost_comes_again_in_a_batch(hall: Hall) -> None:
    ticket, other = hall.issue(2)
    hall.scan(other)
    accepted, refused = uuid4(), uuid4()
    hall.scan(ticket, id=accepted)
    hall.scan(other, id=refused)
    assert hall.conflicts() == 0

    results = hall.merge(
        hall.wanted(ticket, id=accepted, scanned_at=utc_now() - MINUTE, let_in=True),
        hall.wanted(other, id=refused, scanned_at=utc_now() - MINUTE, let_in=True),
    )

    assert [(one["accepted"], one["conflict"]) for one in results] == [(True, False), (False, True)]
    assert (hall.scans(), hall.conflicts()) == (3, 1)


def test_who_was_not_let_in_is_not_in(hall: Hall) -> None:
    ticket = hall.ticket()

    [answer] = hall.merge(hall.wanted(ticket, let_in=False))

    assert (answer["result"], answer["accepted"], answer["conflict"]) == ("valid", False, False)
    assert answer["message"] == "The ticket was good, but nobody was let in with it."
    assert (hall.inside(ticket), hall.scans()) == ((0, False), 1)
    assert hall.again(ticket).status == "valid"


def test_nothing_that_let_somebody_in_is_lost(hall: Hall) -> None:
    """Not even with a ticket that is none, a list that is another's, or one that is gone."""
    gone = hall.make_list(name="Gone")
    ticket = hall.ticket()
    stranger = Hall()
    hall.api.delete(f"/api/v1/checkin-lists/{gone.id}")

    results = hall.merge(
        hall.wanted("NOTHING", let_in=True),
        hall.wanted(hall.ticket(), list_id=stranger.entrance.id, let_in=True),
        hall.wanted(hall.ticket(), list_id=uuid4(), let_in=True),
        hall.wanted(ticket, list_id=gone.id, let_in=True),
    )

    assert [(one["result"], one["conflict"]) for one in results] == [
        ("unknown", True),
        ("unknown_list", True),
        ("unknown_list", True),
        ("valid", False),
    ]
    assert [one["list"] for one in results] == [str(hall.entrance.id), None, None, str(gone.id)]
    assert (Scan.objects.of(hall.id).count(), Conflict.objects.of(hall.id).count()) == (4, 3)
    assert Scan.objects.of(stranger.id).count() == 0


def test_reused_id_does_not_stop_a_batch(hall: Hall) -> None:
    ticket, other = hall.issue(2)
    scan_id = uuid4()
    hall.scan(ticket, id=scan_id)
    sent = [
        {"id": str(scan_id), "list": str(hall.entrance.id), "ticket": other.code, "let_in": True},
        {"id": str(uuid4()), "list": str(hall.entrance.id), "ticket": other.code, "let_in": True},
    ]

    answer = hall.guard.api.post("/api/v1/checkins/batch", {"scans": sent})

    assert answer.status_code == 200
    first, second = answer.json()["results"]
    assert (first["error"], first["accepted"]) == ("scan_id_reused", False)
    assert (second["error"], second["accepted"]) == (None, True)


def test_one_id_twice_in_a_batch_is_one_scan(hall: Hall) -> None:
    wanted = hall.wanted(hall.ticket(), let_in=True)
    results = hall.merge(wanted, wanted)
    assert [one["accepted"] for one in results] == [True, True]
    assert hall.scans() == 1


def test_figures_stand_beside_the_last_answer_of_each_list(hall: Hall) -> None:
    results = hall.merge(*(hall.wanted(ticket, let_in=True) for ticket in hall.issue(3)))
    assert [one["counts"] is None for one in results] == [True, True, False]
    assert results[-1]["counts"] == {"inside": 3, "entered": 3, "total": 3}


@pytest.mark.parametrize("count", [0, 501])
def test_batch_has_a_size(hall: Hall, count: int) -> None:
    scan = {"id": str(uuid4()), "list": str(hall.entrance.id), "ticket": "A", "let_in": True}
    answer = hall.guard.api.post("/api/v1/checkins/batch", {"scans": [scan] * count})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
