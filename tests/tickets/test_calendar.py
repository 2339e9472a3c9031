"""The calendar file, read back as a calendar would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import ics
import pytest
from icalendar import Calendar

from kassa.catalog.models import Event
from kassa.core.clock import utc_now
from kassa.core.errors import NotFound
from kassa.orders.models import Order, Ticket
from kassa.tickets.domain.documents import calendar_file
from kassa.tickets.errors import NothingScheduled, NoTicketsToPrint
from tests.support.factories import line, make_event, make_organization, make_ticket_type
from tests.tickets.printing import Press

STARTS = datetime(2027, 6, 11, 17, 30, tzinfo=UTC)


@pytest.fixture
def press(db: None) -> Press:
    return Press()


def entries_of(press: Press, order: Order, **more: Any) -> list[Any]:
    made = calendar_file(press.organization.id, order_id=order.id, now=utc_now(), **more)
    assert all(len(row) <= 75 for row in made.split(b"\r\n"))
    return list(Calendar.from_ical(made).walk("VEVENT"))


def concert(press: Press, **fields: Any) -> Event:
    given: dict[str, Any] = {
        "title": "Brahms & Dvořák; late symphonies",
        "starts_at": STARTS,
        "ends_at": STARTS + timedelta(hours=2),
        "time_zone": "Europe/Berlin",
        "venue_name": "Lindenhof",
        "address": "Lindenhofstraße 12",
        "zip_code": "04109",
        "city": "Leipzig",
    }
    return make_event(press.organization, **{**given, **fields})


def test_an_event_has_one_entry_however_many_tickets(press: Press) -> None:
    event = concert(press)
    order = press.sell(event, quantity=3)
    (entry,) = entries_of(press, order)

    assert entry["uid"] == f"{event.id}-{order.id}@kassa"
    assert entry["summary"] == "Brahms & Dvořák; late symphonies"
    assert entry["location"] == "Lindenhof, Lindenhofstraße 12, 04109 Leipzig"
    assert entry["status"] == "CONFIRMED"
    assert entry["description"].count("Ticket: Parterre") == 3
    assert order.number in entry["description"]
    assert not any(ticket.code in str(entry) for ticket in press.tickets_of(order))


def test_times_are_those_of_the_events_own_clock(press: Press) -> None:
    (entry,) = entries_of(press, press.sell(concert(press)))

    assert entry["dtstart"].params["TZID"] == "Europe/Berlin"
    assert entry.decoded("dtstart") == datetime(2027, 6, 11, 19, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert entry.decoded("dtend").astimezone(UTC) == STARTS + timedelta(hours=2)


def test_the_clocks_are_described(press: Press) -> None:
    order = press.sell(concert(press))
    made = Calendar.from_ical(calendar_file(press.organization.id, order_id=order.id, now=utc_now()))

    assert [str(zone["tzid"]) for zone in made.walk("VTIMEZONE")] == ["Europe/Berlin"]


def test_a_trip_says_from_where_to_where(press: Press) -> None:
    trip = concert(
        press,
        kind="trip",
        title="Night coach",
        origin="Bristol",
        destination="London",
        venue_name="",
        address="",
        zip_code="",
        city="",
        vehicle="Coach 12",
    )
    (entry,) = entries_of(press, press.sell(trip))

    assert entry["summary"] == "Night coach (Bristol → London)"
    assert entry["location"] == "Bristol"


def test_it_speaks_the_buyers_language(press: Press) -> None:
    order = press.sell(concert(press))
    Order.objects.of(press.organization.id).update(customer_language="fr")
    (french,) = entries_of(press, order)
    (english,) = entries_of(press, order, language="en")

    assert "Billet: Parterre" in french["description"]
    assert french["summary"].params["LANGUAGE"] == "fr"
    assert "Ticket: Parterre" in english["description"]


def test_an_event_that_moves_keeps_its_entry(press: Press) -> None:
    event = concert(press)
    order = press.sell(event)
    (before,) = entries_of(press, order)
    Event.objects.of(press.organization.id).filter(id=event.id).update(
        starts_at=STARTS + timedelta(days=1),
        ends_at=None,
        status="cancelled",
        updated_at=utc_now() + timedelta(hours=1),
    )
    (after,) = entries_of(press, order)

    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    assert after.decoded("dtstart") == before.decoded("dtstart") + timedelta(days=1)
    assert "dtend" not in after
    assert after["status"] == "CANCELLED"


def test_a_second_order_stands_beside_the_first(press: Press) -> None:
    """Two entries with one id would be one in a calendar, and one seat would be lost."""
    event = concert(press)
    mia, ben = press.sell(event), press.sell(event)
    [first], [second] = entries_of(press, mia), entries_of(press, ben)

    assert first["uid"] != second["uid"]
    assert (mia.number in first["description"], ben.number in first["description"]) == (True, False)


def test_a_ticket_alone_has_an_entry_of_its_own(press: Press) -> None:
    """Whoever holds one ticket does not overwrite the entry of the whole order."""
    event = concert(press)
    order = press.sell(event, quantity=2)
    [whole] = entries_of(press, order)
    ids = [ticket.id for ticket in press.tickets_of(order)]
    alone = Calendar.from_ical(calendar_file(press.organization.id, ticket_ids=ids, now=utc_now())).walk(
        "VEVENT"
    )

    assert {entry["uid"] for entry in alone} == {f"{event.id}-{ticket_id}@kassa" for ticket_id in ids}
    assert whole["uid"] not in {entry["uid"] for entry in alone}
    assert all(str(entry["description"]).count("Ticket: ") == 1 for entry in alone)


def test_the_sequence_rises_with_what_happens_to_the_order(press: Press) -> None:
    """A ticket that was given back is in the entry no more, and yet the entry is a newer one."""
    event = concert(press)
    order = press.sell(event, quantity=2)
    [before] = entries_of(press, order)
    first, _ = press.tickets_of(order)
    later = utc_now() + timedelta(minutes=1)
    Ticket.objects.of(press.organization.id).filter(id=first.id).update(status="refunded", updated_at=later)
    [after] = entries_of(press, order)

    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    assert (before["description"].count("Ticket: "), after["description"].count("Ticket: ")) == (2, 1)


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [
        (datetime(2027, 10, 31, 1, 30, tzinfo=UTC), datetime(2027, 10, 31, 3, 30, tzinfo=UTC)),
        (datetime(2027, 10, 31, 0, 45, tzinfo=UTC), datetime(2027, 10, 31, 1, 15, tzinfo=UTC)),
        (datetime(2027, 10, 30, 20, 0, tzinfo=UTC), datetime(2027, 10, 31, 1, 0, tzinfo=UTC)),
    ],
)
def test_an_hour_that_comes_twice_is_written_in_utc(
    press: Press, starts_at: datetime, ends_at: datetime
) -> None:
    """Read by two independent libraries: a local time would be the first of the two hours."""
    order = press.sell(concert(press, starts_at=starts_at, ends_at=ends_at))
    made = calendar_file(press.organization.id, order_id=order.id, now=utc_now())

    assert f"DTSTART:{starts_at:%Y%m%dT%H%M%S}Z".encode() in made
    assert f"DTEND:{ends_at:%Y%m%dT%H%M%S}Z".encode() in made
    assert b"VTIMEZONE" not in made
    [entry] = ics.Calendar(made.decode()).events
    assert (entry.begin.datetime, entry.end.datetime) == (starts_at, ends_at)


def test_all_other_hours_are_written_on_the_events_own_clock(press: Press) -> None:
    starts_at, ends_at = datetime(2027, 10, 30, 22, tzinfo=UTC), datetime(2027, 10, 31, 2, tzinfo=UTC)
    order = press.sell(concert(press, starts_at=starts_at, ends_at=ends_at))
    made = calendar_file(press.organization.id, order_id=order.id, now=utc_now())

    assert b"DTSTART;TZID=Europe/Berlin:20271031T000000" in made
    assert b"DTEND;TZID=Europe/Berlin:20271031T030000" in made
    [entry] = ics.Calendar(made.decode()).events
    assert (entry.begin.datetime, entry.end.datetime) == (starts_at, ends_at)


def test_an_end_that_is_its_beginning_is_left_out(press: Press) -> None:
    [entry] = entries_of(press, press.sell(concert(press, ends_at=STARTS)))

    assert "dtend" not in entry


def test_a_course_without_dates_has_no_entry(press: Press) -> None:
    order = press.sell(concert(press, kind="course", starts_at=None, ends_at=None))

    with pytest.raises(NothingScheduled):
        entries_of(press, order)


def test_only_valid_tickets_make_entries(press: Press) -> None:
    held = press.place(line(make_ticket_type(concert(press))))

    with pytest.raises(NoTicketsToPrint):
        entries_of(press, held)


def test_orders_of_others_are_not_found(press: Press) -> None:
    order = press.sell(concert(press))

    with pytest.raises(NotFound):
        calendar_file(make_organization().id, order_id=order.id, now=utc_now())
    with pytest.raises(NotFound):
        calendar_file(press.organization.id, ticket_ids=[uuid4()], now=utc_now())
