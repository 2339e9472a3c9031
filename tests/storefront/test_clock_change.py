"""The hour that comes twice, wherever a time is written: a club night over the change of 31 October 2027."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from kassa.admission.domain.sentences import sentence_about
from kassa.admission.enums import ScanResult
from kassa.catalog.models import Event
from kassa.core.languages import Language
from kassa.core.ttl_cache import clear_caches
from kassa.tickets.domain.documents import tickets_pdf
from kassa.tickets.domain.printed import read_printed
from kassa.tickets.domain.wallet_apple import pass_document
from kassa.tickets.domain.wallet_ticket import wallet_ticket
from tests.notifications.office import Office
from tests.storefront.pages import BROWSER, order_path, text_of, ticket_path
from tests.storefront.shop.pages import event_path, home_path, look
from tests.tickets.printing import texts_of

pytestmark = pytest.mark.django_db(transaction=True)
STARTS, ENDS = datetime(2027, 10, 31, 0, 45, tzinfo=UTC), datetime(2027, 10, 31, 1, 15, tzinfo=UTC)
SPAN = "02:45 CEST \N{EN DASH} 02:15 CET"
SECOND = datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
"""Half past two for the second time."""


@pytest.fixture
def office() -> Office:
    office = Office(allow_guest_checkout=True)
    take_place(office, starts_at=STARTS, ends_at=ENDS)
    return office


def take_place(office: Office, **fields: Any) -> None:
    Event.objects.of(office.id).filter(id=office.event.id).update(time_zone="Europe/Berlin", **fields)
    office.event.refresh_from_db()
    clear_caches()


def test_the_events_page_names_both_clocks(office: Office) -> None:
    page = look(event_path(office.event))

    assert f"Sunday 31 October 2027 {SPAN}" in text_of(page)
    assert f"dimanche 31 octobre 2027 {SPAN}" in text_of(look(f"{event_path(office.event)}?lang=fr"))
    document = orjson.loads(re.findall(r'ld\+json">(.*?)</script>', page.content.decode(), re.DOTALL)[0])
    assert document["startDate"] == "2027-10-31T02:45:00+02:00"
    assert document["endDate"] == "2027-10-31T02:15:00+01:00"


def test_lists_name_the_clock_only_in_that_hour(office: Office) -> None:
    listed = text_of(look(home_path(office.organization)))
    assert "Sun 31 Oct 2027 · 02:45 CEST" in listed

    take_place(office, starts_at=STARTS - timedelta(hours=3), ends_at=ENDS)
    assert "Sat 30 Oct 2027 · 23:45 " in text_of(look(home_path(office.organization)))


def test_a_coach_in_the_second_half_past_two_leaves_in_winter_time(office: Office) -> None:
    arrives = SECOND + timedelta(hours=2)
    trip = {"kind": "trip", "origin": "Berlin", "destination": "Leipzig", "starts_at": SECOND}
    take_place(office, **trip, ends_at=arrives)
    assert "departs 02:30, arrives 04:30 CET" in text_of(look(event_path(office.event)))
    assert "2 h" in text_of(look(event_path(office.event))).split("arrives 04:30 CET")[1]

    take_place(office, **(trip | {"starts_at": SECOND - timedelta(hours=2)}), ends_at=arrives)
    shown = text_of(look(event_path(office.event)))
    assert "departs 01:30 CEST, arrives 04:30 CET" in shown
    # Three hours by the hands of the clock, four in the coach.
    assert "4 h" in shown.split("arrives 04:30 CET")[1]


def test_orders_and_tickets_name_both_clocks(office: Office) -> None:
    for path in (order_path(office), ticket_path(office)):
        assert f"Sunday 31 October 2027, {SPAN}" in text_of(BROWSER.get(path))
        assert f"dimanche 31 octobre 2027, {SPAN}" in text_of(BROWSER.get(f"{path}?lang=fr"))
    for language in ("en", "fr"):
        pdf = tickets_pdf(office.id, order_id=office.sold.id, language=language, now=office.now)
        assert all(SPAN in text for text in texts_of(pdf))


def test_messages_name_both_clocks(office: Office) -> None:
    assert office.sold
    office.work()
    message = office.message("order_confirmed")
    for written in (message.text, message.html):
        assert f"Sunday 31 October 2027, {SPAN}" in written


def test_a_pass_says_which_hour_it_is(office: Office) -> None:
    take_place(office, starts_at=SECOND, ends_at=SECOND + timedelta(hours=2))
    printed = read_printed(office.id, order_id=office.sold.id)
    ticket = wallet_ticket(printed.tickets[0], printed, qr="KASSA:", language="en")
    shown = pass_document(ticket, {"pass_type_id": "pass.example", "team_id": "TEAM"})
    assert shown["eventTicket"]["headerFields"][0]["value"] == "02:30 CET"
    assert shown["relevantDate"] == "2027-10-31T02:30:00+01:00"


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (Language.ENGLISH, "Too early: the doors open at 02:30 CET."),
        (Language.FRENCH, "Trop tôt\N{NO-BREAK SPACE}: les portes ouvrent à 02:30 CET."),
    ],
)
def test_the_door_says_which_hour_it_is(language: Language, sentence: str) -> None:
    class Row:
        result = ScanResult.TOO_EARLY
        ticket_id = None
        event_title = ticket_type = ""
        time_zone = "Europe/Berlin"
        doors_open_at, scanned_at = SECOND, SECOND - timedelta(hours=2)
        doors_close_at = previous_at = previous_gate = previous_by = None

    assert sentence_about(Row(), language) == sentence
