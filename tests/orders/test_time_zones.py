"""The clock of an order: that of its earliest event, for all who write its days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from kassa.core.clock import utc_now
from kassa.core.formatting import zone_named
from kassa.invoices.domain.issue import credit_note_of_refund, invoice_of_order
from kassa.invoices.models import Invoice
from kassa.notifications.domain.context import values_of
from kassa.notifications.domain.facts import load_facts
from kassa.orders.domain.time_zones import find_clock, find_time_zone, find_time_zones
from kassa.orders.models import Order
from kassa.payments.providers.manual import ManualProvider, due_date
from kassa.payments.providers.protocol import Credentials, PaymentRequest
from kassa.storefront.account.purchases import list_order_lines
from kassa.storefront.orders.page import order_page
from tests.integrations.demo import payment_request
from tests.invoices.books import Books
from tests.notifications.office import Office
from tests.support.factories import line, make_event, make_product, make_ticket_type

HALF_PAST_MIDNIGHT = datetime(2026, 11, 30, 23, 31, tzinfo=UTC)
"""In Leipzig it is the first of December."""
NEW_YEAR = datetime(2026, 12, 31, 23, 31, tzinfo=UTC)


@pytest.fixture
def books(transactional_db: None) -> Books:
    return Books()


def seat_in(books: Any, zone: str, days: float | None = 30, **fields: Any) -> Any:
    starts_at = None if days is None else utc_now() + timedelta(days=days)
    return make_ticket_type(make_event(books.organization, time_zone=zone, starts_at=starts_at, **fields))


def move(order: Order, moment: datetime) -> Order:
    Order.unscoped.filter(id=order.id).update(created_at=moment, paid_at=moment)
    return Order.unscoped.get(id=order.id)


def test_the_earliest_event_counts(books: Books) -> None:
    later, sooner = seat_in(books, "America/New_York", 60), seat_in(books, "Europe/Berlin", 20)
    undated = seat_in(books, "Asia/Tokyo", None, kind="course")

    for kinds, zone in (
        ((later, sooner, undated), "Europe/Berlin"),
        ((undated, later), "America/New_York"),
        ((undated,), "Asia/Tokyo"),
    ):
        order = books.place(*(line(kind) for kind in kinds))
        assert find_time_zone(order) == zone
        assert find_time_zone(order, events=[kind.event for kind in kinds]) == zone


def test_goods_alone_have_the_clock_of_the_newest_event(books: Books) -> None:
    early = seat_in(books, "Europe/Lisbon")
    goods = make_product(books.organization)
    seat_in(books, "Europe/Berlin", 90)

    assert find_time_zone(books.place(line(goods))) == "Europe/Berlin"
    assert find_time_zone(books.place(line(goods), line(early))) == "Europe/Lisbon"


def test_many_orders_of_many_sellers_cost_two_queries(books: Books) -> None:
    other = Books()
    seat_in(other, "Asia/Tokyo")
    sold = [
        books.place(line(seat_in(books, "Europe/Berlin"))),
        books.place(line(seat_in(books, "Europe/Lisbon"))),
        other.place(line(make_product(other.organization))),
    ]

    with CaptureQueriesContext(connection) as asked:
        found = find_time_zones(sold)

    assert [found[order.id] for order in sold] == ["Europe/Berlin", "Europe/Lisbon", "Asia/Tokyo"]
    assert len(asked) == 2


def test_one_order_has_one_day_wherever_it_is_written(transactional_db: None) -> None:
    office = Office()
    office.forget()
    order = move(office.place(line(seat_in(office, "Europe/Berlin"))), HALF_PAST_MIDNIGHT)
    with override("en"):
        page = order_page(order, now=utc_now())
        [listed] = list_order_lines([order], now=utc_now())

    office.work()
    message = office.message("order_placed")
    written = values_of(message, load_facts(office.id, [message]))["order"]["placed_on"]

    assert page.placed_on == listed.placed_on == "1 December 2026"
    assert written == "Tuesday 1 December 2026"


@pytest.mark.parametrize(("language", "day"), [("en", "1 December 2026"), ("fr", "1er décembre 2026")])
def test_an_invoice_has_the_days_of_its_event(books: Books, language: str, day: str) -> None:
    order = move(books.sell(line(seat_in(books, "Europe/Berlin", 400))), HALF_PAST_MIDNIGHT)
    Order.unscoped.filter(id=order.id).update(customer_language=language)

    text = books.read(books.invoice(order, now=HALF_PAST_MIDNIGHT))

    assert text.count(day) == 3  # issued, ordered, paid
    assert "2026-11-30" not in text
    assert "30 November 2026" not in text


def test_the_year_of_a_number_is_that_of_the_event(books: Books) -> None:
    here, there = books.sell(line(seat_in(books, "Europe/Berlin"))), books.sell(line(seat_in(books, "UTC")))

    numbers = [books.invoice(order, now=NEW_YEAR).number for order in (here, there)]
    refund = books.give_back(here, everything=True)
    note = credit_note_of_refund(books.id, here.id, refund.id, now=NEW_YEAR)

    assert numbers == ["INV-2027-00001", "INV-2026-00001"]
    assert (note.number, note.year) == ("CN-2027-00001", 2027)
    assert "1 January 2027" in books.read(note)


def test_documents_that_were_issued_before_stay_what_they_are(books: Books) -> None:
    """They name no zone: their days and their credit notes are those of UTC."""
    order = books.sell(line(seat_in(books, "Europe/Berlin")))
    invoice = books.invoice(order, now=NEW_YEAR)
    snapshot = {name: value for name, value in invoice.snapshot.items() if name != "time_zone"}
    invoice.snapshot = snapshot

    assert "31 December 2026" in books.read(invoice)
    assert invoice_of_order(books.id, order.id, now=utc_now()).number == invoice.number
    assert Invoice.objects.of(books.id).count() == 1


def test_a_transfer_is_due_on_the_calendar_of_the_order(books: Books) -> None:
    order = books.place(line(seat_in(books, "Europe/Berlin")))
    credentials = Credentials(
        books.id, {"account_holder": "Hall", "iban": "DE89370400440532013000", "due_days": 7}, {}
    )
    request: PaymentRequest = payment_request(now=HALF_PAST_MIDNIGHT, zone=find_clock(order))

    opened = ManualProvider().open(credentials, request)

    assert opened.instructions is not None
    assert opened.instructions["due_date"] == "2026-12-08"
    assert opened.holds_until == datetime(2026, 12, 10, tzinfo=zone_named("Europe/Berlin"))
    assert due_date(HALF_PAST_MIDNIGHT, 7).isoformat() == "2026-12-07"  # the control: in UTC
