"""One ticket at the door: whom it lets in, and what is written of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from kassa.admission.domain.devices import revoke_device
from kassa.admission.domain.door import door_of
from kassa.admission.domain.scan import record_scan
from kassa.admission.enums import ScanKind
from kassa.admission.errors import ScanIdReused
from kassa.admission.models import Scan
from kassa.catalog.models import Event
from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import NotFound, PermissionMissing
from kassa.core.languages import Language
from kassa.core.permissions import Permission
from kassa.identity.errors import KeyInvalid
from kassa.orders.domain.codes import spaced
from kassa.orders.models import Order, Ticket
from kassa.tickets.domain.block import block_ticket
from kassa.tickets.domain.keys import revoke_key, signing_key
from kassa.tickets.domain.reissue import reissue_ticket
from tests.admission.hall import Hall
from tests.support.factories import line, make_event, make_ticket_type

pytestmark = pytest.mark.django_db


def test_scan_lets_in_once(hall: Hall) -> None:
    ticket = hall.ticket()

    first = hall.scan(ticket)
    second = hall.scan(ticket, gate="South")

    assert (first["result"], first["accepted"], first["previous"]) == ("valid", True, None)
    assert (second["result"], second["accepted"]) == ("already_used", False)
    assert second["previous"] == {
        "id": first["id"],
        "at": first["scanned_at"],
        "gate": "North",
        "by": "Phone 1",
        "kind": "entry",
    }
    assert second["message"].startswith("This ticket was used already: at ")
    assert second["message"].endswith(", North, by Phone 1.")
    assert hall.inside(ticket) == (1, True)
    assert hall.told_of_door() == ["ticket.checked_in"]
    used = hall.again(ticket)
    assert (used.status, used.checked_in_by) == ("used", hall.guard.door.device_id)
    assert used.checked_in_by_kind == "device"
    assert used.checked_in_at is not None
    assert used.updated_at > ticket.updated_at


def test_answer_shows_the_ticket_and_who_is_in(hall: Hall) -> None:
    ticket, other = hall.issue(2)
    hall.scan(other)

    answer = hall.scan(ticket)

    assert answer["ticket"] == {
        "id": str(ticket.id),
        "code": ticket.code,
        "status": "used",
        "name": "",
        "ticket_type": {"id": str(hall.free.id), "name": "Free"},
        "seat": "",
        "order_number": Order.objects.of(hall.id).get(id=ticket.order_id).number,
        "attendee": {"first_name": "", "last_name": "", "email": ""},
    }
    assert (answer["list"], answer["gate"], answer["message"]) == (str(hall.entrance.id), "North", "Come in.")
    assert answer["counts"]["total"] == 2


@pytest.mark.parametrize("write", [str.lower, spaced, lambda code: f" {code} "])
def test_typed_code_may_be_untidy(hall: Hall, write: Any) -> None:
    assert hall.scan(write(hall.ticket().code))["accepted"]


def test_qr_code_lets_in(hall: Hall) -> None:
    ticket = hall.ticket()
    assert hall.scan(hall.qr(ticket))["accepted"]
    assert hall.scan(ticket)["result"] == "already_used"


def test_forged_qr_code_is_refused(hall: Hall) -> None:
    ticket = hall.ticket()
    text = hall.qr(ticket)
    forged = text[:-3] + ("000" if text[-3:] != "000" else "111")

    answer = hall.scan(forged)

    assert answer["result"] in {"forged", "unknown"}
    assert (answer["accepted"], answer["ticket"]) == (False, None)
    assert hall.inside(ticket) == (0, False)


def test_qr_code_of_a_revoked_key_is_refused_and_the_code_is_not(hall: Hall) -> None:
    ticket = hall.ticket()
    text = hall.qr(ticket)
    revoke_key(hall.context(), signing_key(hall.id, utc_now()).key_id)

    assert hall.scan(text)["result"] == "key_revoked"
    assert hall.scan(ticket)["accepted"]


def test_another_organisations_ticket_is_unknown(hall: Hall) -> None:
    stranger = Hall()
    ticket = stranger.ticket()

    for text in (ticket.code, stranger.qr(ticket)):
        answer = hall.scan(text)
        assert (answer["result"], answer["ticket"]) == ("unknown", None)
        assert answer["message"] == "There is no such ticket here."


def test_mistyped_code_is_told_apart(hall: Hall) -> None:
    code = hall.ticket().code
    wrong = ("2" if code[0] != "2" else "3") + code[1:]

    for typed in (wrong, "0" + code[1:]):
        answer = hall.scan(typed)
        assert (answer["result"], answer["message"]) == (
            "unknown",
            "There is a mistake in this code. Type it again.",
        )


@pytest.mark.parametrize("text", ["https://example.com/menu?page=1", "x" * 900, "KASSA:", "\ufeff!", "''--"])
def test_whatever_else_is_held_up_is_unknown(hall: Hall, text: str) -> None:
    assert hall.scan(text)["result"] == "unknown"


def test_code_of_another_system_is_looked_up_as_it_is(hall: Hall) -> None:
    ticket = hall.ticket()
    Ticket.objects.of(hall.id).filter(id=ticket.id).update(code="ab-12/x")

    assert hall.scan(" ab-12/x ")["accepted"]


def test_ticket_of_another_event_is_named(hall: Hall) -> None:
    other = make_event(hall.organization, title="Matinée")
    order = hall.place(line(make_ticket_type(other, quantity=None, price=0)))
    ticket = Ticket.objects.of(hall.id).get(order_id=order.id)

    for text in (ticket.code, hall.qr(ticket)):
        answer = hall.scan(text)
        assert answer["result"] == "wrong_event"
        assert answer["message"] == "This ticket is for another event: Matinée."
    assert hall.again(ticket).status == "valid"


def test_list_lets_in_its_ticket_types_only(hall: Hall) -> None:
    backstage = make_ticket_type(hall.event, quantity=None, price=0, name="Backstage")
    narrow = hall.make_list(name="Backstage", area="backstage", ticket_types=[backstage.id])
    order = hall.place(line(backstage))
    guest = Ticket.objects.of(hall.id).get(order_id=order.id)

    assert hall.scan(hall.ticket(), list_id=narrow.id)["result"] == "wrong_ticket_type"
    assert hall.scan(guest, list_id=narrow.id)["accepted"]
    assert hall.again(guest).status == "valid"
    assert hall.scan(guest)["accepted"]


def test_doors_have_times(hall: Hall) -> None:
    ticket = hall.ticket()
    opens = hall.now + timedelta(hours=1)
    doors = hall.make_list(doors_open_at=opens, doors_close_at=opens + timedelta(hours=2))

    assert hall.scan(ticket, list_id=doors.id)["result"] == "too_early"
    hall.later = timedelta(hours=4)
    assert hall.scan(ticket, list_id=doors.id)["result"] == "too_late"
    hall.later = timedelta(hours=2)
    assert hall.scan(ticket, list_id=doors.id)["accepted"]


@pytest.mark.parametrize(
    ("fields", "result", "message"),
    [
        ({"status": "refunded"}, "refunded", "This ticket was refunded."),
        ({"status": "cancelled"}, "cancelled", "This ticket was cancelled."),
        (
            {"status": "expired"},
            "expired",
            "This ticket was never paid, and its order has expired.",
        ),
        ({"status": "reserved"}, "unpaid", "This ticket is not paid yet."),
        ({"blocked_at": utc_now()}, "blocked", "This ticket was blocked. Ask the organiser."),
        (
            {"frozen_at": utc_now()},
            "blocked",
            "The payment of this ticket is disputed. Ask the organiser.",
        ),
        ({"status": "used"}, "already_used", "This ticket was used already."),
    ],
)
def test_ticket_that_lets_nobody_in(hall: Hall, fields: dict[str, Any], result: str, message: str) -> None:
    ticket = hall.ticket()
    Ticket.objects.of(hall.id).filter(id=ticket.id).update(**fields)

    answer = hall.scan(ticket)

    assert (answer["result"], answer["accepted"], answer["message"]) == (result, False, message)
    assert hall.inside(ticket) == (0, False)
    assert hall.told_of_door() == []


def test_unpaid_order_is_told_from_one_that_expired(hall: Hall) -> None:
    order = hall.place(line(hall.standing))
    ticket = Ticket.objects.of(hall.id).get(order_id=order.id)

    assert hall.scan(ticket)["result"] == "unpaid"
    hall.later = timedelta(hours=1)
    assert hall.scan(ticket)["result"] == "expired"


def test_nobody_comes_in_when_the_event_is_cancelled(hall: Hall) -> None:
    ticket = hall.ticket()
    Event.objects.of(hall.id).filter(id=hall.event.id).update(status="cancelled")

    answer = hall.scan(ticket)

    assert (answer["result"], answer["message"]) == ("cancelled", "This event was cancelled.")


def test_replaced_code_says_so_and_does_not_tell_the_new_one(hall: Hall) -> None:
    ticket = hall.ticket()
    qr = hall.qr(ticket)
    new = reissue_ticket(hall.context(), ticket.id)

    for text in (ticket.code, qr):
        answer = hall.scan(text)
        assert (answer["result"], answer["ticket"]["code"]) == ("reissued", ticket.code)
        assert new.code not in str(answer)
    assert hall.scan(new.code)["accepted"]


def test_blocked_ticket_is_refused_through_its_own_domain(hall: Hall) -> None:
    ticket = hall.ticket()
    block_ticket(hall.context(), ticket.id, reason="Stolen")

    assert hall.scan(ticket)["result"] == "blocked"


def test_french_when_asked(hall: Hall) -> None:
    answer = hall.guard.api.call(
        "POST",
        "/api/v1/checkins",
        {"id": str(uuid4()), "list": str(hall.entrance.id), "ticket": "NOPE"},
        HTTP_ACCEPT_LANGUAGE="de, fr-CA;q=0.8",
    )
    assert answer.json()["message"] == "Ce billet n’existe pas ici."


def test_same_scan_again_is_answered_the_same(hall: Hall) -> None:
    ticket = hall.ticket()
    scan_id = uuid4()

    first = hall.scan(ticket, id=scan_id)
    scans, told = hall.scans(), hall.told_of_door()
    again = hall.scan(ticket, id=scan_id)

    assert {**first, "counts": None} == {**again, "counts": None}
    assert (hall.scans(), hall.told_of_door()) == (scans, told)


def test_id_stands_for_one_scan(hall: Hall) -> None:
    ticket, other = hall.issue(2)
    scan_id = uuid4()
    hall.scan(ticket, id=scan_id)

    for changed in ({"text": other.code}, {"kind": ScanKind.EXIT}, {"list_id": hall.make_list().id}):
        with pytest.raises(ScanIdReused):
            hall.scan(ticket, id=scan_id, **changed)
    assert hall.scans() == 1
    assert hall.again(other).status == "valid"


def test_device_knows_only_its_lists(hall: Hall) -> None:
    other = hall.make_list(name="Balcony")
    guard = hall.make_guard(other)
    ticket = hall.ticket()

    with pytest.raises(NotFound):
        hall.scan(ticket, guard=guard)
    with pytest.raises(NotFound):
        hall.scan(ticket, list_id=uuid4())
    assert hall.scans() == 0
    assert hall.scan(ticket, guard=guard, list_id=other.id)["accepted"]


def test_a_scan_says_which_device_it_was(hall: Hall) -> None:
    hall.scan(hall.ticket())

    scan = Scan.objects.of(hall.id).get()
    assert (scan.scanned_by_kind, scan.scanned_by) == ("device", hall.guard.door.device_id)
    assert scan.device_id == hall.guard.door.device_id


def test_who_may_not_scan_is_refused(hall: Hall) -> None:
    looking_on = Actor.member(hall.id, uuid4(), frozenset({Permission.CHECKIN_READ}))
    wanted = hall.wanted(hall.ticket())

    with pytest.raises(PermissionMissing):
        record_scan(CommandContext(looking_on, utc_now()), wanted, language=Language.ENGLISH)

    assert hall.scans() == 0
    guard = Actor.member(hall.id, uuid4(), frozenset({Permission.CHECKIN_SCAN}))
    assert record_scan(CommandContext(guard, utc_now()), wanted, language=Language.ENGLISH)["accepted"]


def test_revoked_device_scans_no_more(hall: Hall) -> None:
    device_id = hall.guard.door.device_id
    assert device_id is not None
    revoke_device(CommandContext.system(hall.id, now=utc_now()), device_id)

    with pytest.raises(KeyInvalid):
        door_of(hall.guard.key)
    answer = hall.guard.api.post("/api/v1/checkins", {})
    assert (answer.status_code, answer.json()["code"]) == (401, "key_invalid")


def test_events_tell_no_code(hall: Hall) -> None:
    ticket = hall.ticket()
    answer = hall.scan(ticket)

    told = hall.last_told()

    assert ticket.code not in str(told)
    assert (told["scan"], told["kind"], told["result"]) == (answer["id"], "entry", "valid")
    assert told["ticket"]["code"] == f"…{ticket.code[-4:]}"
    assert (told["event"], told["order"]) == (str(hall.event.id), str(ticket.order_id))
    assert (told["device"], told["by"], told["gate"]) == (
        str(hall.guard.door.device_id),
        "Phone 1",
        "North",
    )


def test_scan_in_the_future_counts_as_now(hall: Hall) -> None:
    answer = hall.scan(hall.ticket(), scanned_at=utc_now() + timedelta(days=3))
    scan = Scan.objects.of(hall.id).get(client_id=UUID(answer["id"]))
    assert scan.scanned_at <= utc_now()
