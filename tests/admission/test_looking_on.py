"""What a phone takes along, what changed since, whom it finds, and how many are in."""

from __future__ import annotations

import gzip
import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import connection, connections, transaction

from kassa.admission.domain.download import download_tickets
from kassa.catalog.models import Event
from kassa.core.clock import utc_now
from kassa.core.ttl_cache import clear_caches
from kassa.orders.models import Ticket
from kassa.tickets.domain.qr import read_qr
from kassa.tickets.domain.reissue import reissue_ticket
from tests.admission.hall import Hall
from tests.support.factories import line

LISTS = "/api/v1/checkin-lists"
NAMED = {"attendee_first_name": "Zoë", "attendee_last_name": "d'Été", "attendee_email": "zoe@example.org"}


def download(hall: Hall, **asked: Any) -> dict[str, Any]:
    asked = {"changed_since": None, "after": None, "limit": 10_000, **asked}
    page: dict[str, Any] = orjson.loads(download_tickets(hall.entrance, now=hall.now, **asked))
    return page


def rows_of(page: dict[str, Any]) -> dict[str, dict[str, Any]]:
    rows = [dict(zip(page["columns"], row, strict=True)) for row in page["rows"]]
    return {row["id"]: row for row in rows}


@pytest.mark.django_db
def test_download_has_every_ticket_of_the_event(hall: Hall) -> None:
    ticket, other = hall.issue(2)
    Ticket.objects.of(hall.id).filter(id=ticket.id).update(**NAMED, blocked_at=utc_now())
    unpaid = hall.place(line(hall.standing))
    hall.scan(other)
    lost = reissue_ticket(hall.context(), ticket.id)

    page = download(hall)

    rows = rows_of(page)
    assert len(rows) == 3
    assert rows[str(ticket.id)] == {
        "id": str(ticket.id),
        "code": lost.code,
        "status": "valid",
        "blocked": True,
        "name": "Zoë d'Été",
        "ticket_type": str(hall.free.id),
        "seat": "",
        "order": hall.order(ticket.order_id).number,
        "entered_at": None,
        "inside": False,
        "entries": 0,
    }
    entered = rows[str(other.id)]
    assert (entered["status"], entered["inside"], entered["entries"]) == ("valid", True, 1)
    assert entered["entered_at"].endswith("Z")
    assert {row["status"] for row in rows.values() if row["order"] == unpaid.number} == {"unpaid"}
    assert page["former"] == [[ticket.code, "reissued", str(ticket.id)]]
    assert page["next"] is None


@pytest.mark.django_db
def test_download_comes_in_pages(hall: Hall) -> None:
    tickets = hall.issue(7)
    found: list[str] = []
    cursors, after = set(), None
    for _ in range(10):
        page = download(hall, limit=3, after=after)
        found += [row[0] for row in page["rows"]]
        cursors.add(page["cursor"])
        after = page["next"]
        if after is None:
            break
    assert found == [str(ticket.id) for ticket in tickets]
    assert len(cursors) == 1


@pytest.mark.django_db
def test_download_is_compressed_for_who_can_read_it(hall: Hall) -> None:
    hall.issue(2)
    url = f"{LISTS}/{hall.entrance.id}/tickets"
    plain = hall.guard.api.get(url)
    packed = hall.guard.api.get(url, HTTP_ACCEPT_ENCODING="gzip, deflate")
    assert packed["Content-Encoding"] == "gzip"
    assert len(orjson.loads(gzip.decompress(packed.content))["rows"]) == len(plain.json()["rows"]) == 2


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", ["x", "é", "AAAAAAAAAAA", "/////////38", "A" * 32, "%00"])
def test_cursor_that_was_never_given_out(hall: Hall, wrong: str) -> None:
    for name in ("changed_since", "after"):
        answer = hall.guard.api.get(f"{LISTS}/{hall.entrance.id}/tickets?{name}={wrong}")
        assert answer.status_code in {200, 422}
    assert hall.guard.api.get(f"{LISTS}/{hall.entrance.id}/tickets?limit=10001").status_code == 422


@pytest.mark.django_db(transaction=True)
def test_changes_are_found_by_the_cursor(hall: Hall) -> None:
    long_ago = utc_now() - timedelta(hours=1)
    tickets = hall.issue(4)
    Ticket.objects.of(hall.id).update(updated_at=long_ago)
    Event.objects.of(hall.id).update(updated_at=long_ago)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_order SET updated_at = %s", [long_ago])
    begun = download(hall)["cursor"]
    assert download(hall, changed_since=begun)["rows"] == []

    entry = hall.scan(tickets[0])
    hall.scan(tickets[1], list_id=hall.make_list(name="Bar", area="bar").id)
    reissue_ticket(hall.context(), tickets[2].id)

    changed = rows_of(download(hall, changed_since=begun))
    assert changed.keys() == {str(tickets[0].id), str(tickets[2].id)}
    assert changed[str(tickets[0].id)]["inside"] is True
    hall.undo(entry)
    assert rows_of(download(hall, changed_since=begun))[str(tickets[0].id)]["inside"] is False


@pytest.mark.django_db(transaction=True)
def test_change_of_a_transaction_that_was_open_is_not_missed(hall: Hall) -> None:
    """It began before the download and was committed after it, with a moment from before both."""
    [ticket] = hall.issue(1)
    began = utc_now() - timedelta(minutes=10)
    Ticket.objects.of(hall.id).update(updated_at=began - timedelta(hours=1))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_order SET updated_at = %s", [began - timedelta(hours=1)])
    hall.later = timedelta(minutes=20)  # as if much time went by while the transaction is open
    opened, may_commit = threading.Event(), threading.Event()

    def change_slowly() -> None:
        with transaction.atomic():
            Ticket.objects.of(hall.id).filter(id=ticket.id).update(blocked_at=began, updated_at=utc_now())
            opened.set()
            may_commit.wait(timeout=30)
        connections.close_all()

    slow = threading.Thread(target=change_slowly)
    slow.start()
    assert opened.wait(timeout=30)
    begun = download(hall)["cursor"]
    may_commit.set()
    slow.join(timeout=30)

    assert rows_of(download(hall, changed_since=begun))[str(ticket.id)]["blocked"] is True


@pytest.mark.django_db
def test_download_tells_what_was_used_elsewhere_and_what_does_not_take_place(hall: Hall) -> None:
    ticket, other = hall.issue(2)
    Ticket.objects.of(hall.id).filter(id=ticket.id).update(status="used")

    imported = rows_of(download(hall))
    Event.objects.of(hall.id).filter(id=hall.event.id).update(status="cancelled", updated_at=utc_now())
    called_off = rows_of(download(hall, changed_since=download(hall)["cursor"]))

    assert [imported[str(one.id)]["entries"] for one in (ticket, other)] == [1, 0]
    assert hall.scan(ticket)["result"] == "cancelled"
    assert {row["status"] for row in called_off.values()} == {"cancelled"}
    assert len(called_off) == 2


@pytest.mark.django_db
def test_offline_has_a_key_before_the_first_ticket_is_printed(hall: Hall) -> None:
    keys = hall.guard.api.get(f"{LISTS}/{hall.entrance.id}/offline").json()["keys"]

    assert [key["revoked"] for key in keys] == [False]
    read = read_qr(hall.qr(hall.ticket()))
    assert read is not None
    assert read.key_id == keys[0]["key_id"]


@pytest.mark.django_db
def test_offline_has_the_keys_and_the_list(hall: Hall) -> None:
    hall.qr(hall.ticket())
    answer = hall.guard.api.get(f"{LISTS}/{hall.entrance.id}/offline").json()
    assert answer["list"]["id"] == str(hall.entrance.id)
    assert answer["event"]["id"] == str(hall.event.id)
    assert {one["id"] for one in answer["ticket_types"]} == {str(hall.free.id)}
    [key] = answer["keys"]
    assert (len(key["public_key"]), key["revoked"]) == (44, False)
    assert answer["total"] == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "words",
    [
        "zoë",
        "D'ÉTÉ zo",
        "D\u2019\u00e9t\u00e9",
        "dete ZOE",
        "zoe@example.org",
        "number",
        "code",
        "%",
        "_",
        "o",
    ],
)
def test_search_finds_by_all_words(hall: Hall, words: str) -> None:
    ticket, _ = hall.issue(2)
    Ticket.objects.of(hall.id).filter(id=ticket.id).update(**NAMED)
    asked = {"number": hall.order(ticket.order_id).number, "code": ticket.code.lower()}.get(words, words)

    items = hall.guard.api.get(f"{LISTS}/{hall.entrance.id}/search?q={asked}").json()["items"]

    if words in {"%", "_", "o"}:
        assert items == []
    else:
        assert items[0]["id"] == str(ticket.id) or words == "number"
        assert len(items) == (2 if words == "number" else 1)
        assert {item["covered"] for item in items} == {True}


@pytest.mark.django_db
def test_counts_by_gate_and_minute(hall: Hall) -> None:
    doors = hall.make_list(counts_exits=True)
    tickets = hall.issue(4)
    url = f"{LISTS}/{doors.id}/counts"
    entries = [hall.scan(ticket, list_id=doors.id) for ticket in tickets[:3]]
    hall.scan(tickets[0], list_id=doors.id, gate="South")
    hall.leave(tickets[1], list_id=doors.id)
    hall.undo(entries[2])
    hall.merge(hall.wanted(tickets[0], list_id=doors.id, let_in=True, gate="South"))

    answer = hall.api.get(url)

    counts = answer.json()
    assert (counts["total"], counts["entered"], counts["inside"], counts["conflicts"]) == (4, 2, 1, 1)
    by_gate = {one["gate"]: (one["entries"], one["exits"], one["refused"]) for one in counts["gates"]}
    assert by_gate == {"North": (2, 1, 0), "South": (0, 0, 2)}
    assert sum(one["entries"] for one in counts["minutes"]) == 2
    assert UUID(counts["list"]) == doors.id
    assert hall.api.get(url, HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304
    hall.scan(tickets[3], list_id=doors.id)
    clear_caches()
    assert hall.api.get(url, HTTP_IF_NONE_MATCH=answer["ETag"]).json()["entered"] == 3


@pytest.mark.django_db
def test_scans_are_listed_and_filtered(hall: Hall) -> None:
    ticket = hall.ticket()
    entry = hall.scan(ticket)
    hall.merge(hall.wanted(ticket, let_in=True))
    hall.undo(entry, reason="Mistake")

    def ids(question: str = "") -> list[str]:
        answer = hall.api.get(f"/api/v1/checkins?{question}")
        assert answer.status_code == 200, answer.content
        return [one["kind"] + ":" + one["result"] for one in answer.json()["items"]]

    assert ids() == ["undo:undone", "entry:already_used", "entry:valid"]
    assert ids("conflict=true") == ["entry:already_used"]
    assert ids(f"ticket={ticket.id}&result=valid&gate=North") == ["entry:valid"]
    assert ids(f"device={hall.guard.door.device_id}&list={hall.entrance.id}&event={hall.event.id}") == ids()
    assert ids("since=2999-01-01T00:00:00Z") == []
    first = hall.api.get("/api/v1/checkins").json()["items"]
    assert (first[0]["reason"], first[0]["undoes"]) == ("Mistake", entry["id"])
    assert {one["code"] for one in first} == {f"…{ticket.code[-4:]}"}
    assert (first[2]["undone"], first[2]["by"], first[2]["accepted"]) == (True, "Phone 1", True)
