"""Tickets on paper: all that is on them, in the reader's language, and a code that any decoder reads."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image, ImageFilter

from kassa.catalog.models import Event
from kassa.core.clock import utc_now
from kassa.core.errors import NotFound
from kassa.orders.domain.codes import spaced
from kassa.orders.models import Order, Ticket
from kassa.organizations.models import Organization, OrganizationSettings
from kassa.tickets.domain.documents import tickets_pdf
from kassa.tickets.domain.genuine import Genuine, check_qr
from kassa.tickets.domain.looks import plain_design
from kassa.tickets.domain.sample import sample_pdf
from kassa.tickets.errors import NoTicketsToPrint
from tests.support.factories import line, make_event
from tests.tickets.printing import Press, pages_of, read_codes, texts_of

STARTS = datetime(2027, 6, 11, 17, 30, tzinfo=UTC)


@pytest.fixture
def press(db: None) -> Press:
    return Press()


def concert(press: Press, **fields: Any) -> Event:
    given: dict[str, Any] = {
        "title": "Late Symphonies",
        "starts_at": STARTS,
        "ends_at": STARTS + timedelta(hours=2, minutes=30),
        "time_zone": "Europe/Berlin",
        "venue_name": "Lindenhof",
        "address": "Lindenhofstraße 12",
        "zip_code": "04109",
        "city": "Leipzig",
        "metadata": {"entrance": "North"},
    }
    return make_event(press.organization, **{**given, **fields})


def test_every_ticket_of_an_order_has_a_page_with_its_code(press: Press) -> None:
    order = press.sell(quantity=3)
    tickets = press.tickets_of(order)
    pages = pages_of(press.pdf(order))

    read = [read_codes(page) for page in pages]
    assert read == [[text] for text in press.qr_texts(tickets)]
    for (text,), ticket in zip(read, tickets, strict=True):
        genuine = check_qr(press.organization.id, text)
        assert isinstance(genuine, Genuine)
        assert (genuine.code, genuine.ticket_tag) == (ticket.code, ticket.id.bytes[8:])


def test_a_page_says_all_that_the_door_and_the_visitor_need(press: Press) -> None:
    order = press.sell(concert(press))
    (ticket,) = press.tickets_of(order)
    Ticket.objects.of(press.organization.id).filter(id=ticket.id).update(
        attendee_first_name="Ada", attendee_last_name="Lovelace"
    )
    (text,) = texts_of(press.pdf(order, language="en"))

    for part in (
        "Late Symphonies",
        "Friday 11 June 2027",
        "19:30 \N{EN DASH} 22:00",
        "CEST",
        "Lindenhof",
        "Lindenhofstraße 12, 04109 Leipzig",
        "Parterre",
        "Ada Lovelace",
        "€45.00",
        order.number,
        spaced(ticket.code),
        press.organization.name,
        "North",
    ):
        assert part in text


def test_it_is_written_in_the_readers_language(press: Press) -> None:
    order = press.sell(concert(press))
    Order.objects.of(press.organization.id).filter(id=order.id).update(customer_language="fr")
    (french,), (english,) = texts_of(press.pdf(order)), texts_of(press.pdf(order, language="en"))

    assert "vendredi 11 juin 2027" in french
    assert "19:30 \N{EN DASH} 22:00" in french
    assert "45,00 €" in french
    assert "Commande".upper() in french
    assert "Friday 11 June 2027" in english


def test_a_trip_says_when_it_leaves_and_arrives(press: Press) -> None:
    trip = concert(
        press,
        kind="trip",
        origin="Bristol",
        destination="London",
        vehicle="Coach 12",
        time_zone="Europe/London",
        ends_at=STARTS + timedelta(hours=7),
    )
    (text,) = texts_of(press.pdf(press.sell(trip)))

    for part in (
        "18:30",
        "Bristol",
        "Friday 11 June 2027",
        "1:30",
        "London",
        "Saturday 12 June 2027",
        "Coach 12",
    ):
        assert part in text


def test_a_seat_is_named_part_by_part(press: Press) -> None:
    seat = press.best_seat
    order = press.place(line(press.seated, seat_ids=(seat.id,)))
    press.confirm(order)
    (text,) = texts_of(press.pdf(order))

    for part in ("SECTION", seat.section, f"ROW {seat.row}", f"SEAT {seat.number}"):
        assert part in text


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("محمد", "عبد الرحمن"),
        ("小明", "王"),
        ("민준", "김"),
        ("Zoë 🎻", "Ó Súilleabháin-Łukaszewicz"),
        ("Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaft", "X" * 100),
        ("\u202eada", "\u0001lovelace"),
        ("#emph[x] $y$", "\\ @label // {{x}}"),
    ],
)
def test_any_name_leaves_the_code_readable_and_one_page(press: Press, first: str, last: str) -> None:
    order = press.sell(concert(press, title=f"{first} {last} — ★ Grand Opening ★ 音楽"[:200]))
    Ticket.objects.of(press.organization.id).filter(order_id=order.id).update(
        attendee_first_name=first, attendee_last_name=last
    )
    pages = pages_of(press.pdf(order))

    assert [read_codes(page) for page in pages] == [press.qr_texts(press.tickets_of(order))]


def test_nothing_that_people_write_is_run(press: Press) -> None:
    order = press.sell(concert(press, title='#panic("x") *bold* #read("/etc/passwd") $x$'))
    (text,) = texts_of(press.pdf(order))

    assert '#panic("x") *bold* #read("/etc/passwd") $x$' in text.replace("/ p", "/p")


def test_every_script_has_its_letters(press: Press) -> None:
    """A letter without a font is drawn as an empty box, which no text can be read from."""
    words = "Ελληνικά Кириллица 欢迎光临 ようこそ 환영합니다 ยินดี हिन्दी Việt ★ ♥ € ₹"
    (text,) = texts_of(press.pdf(press.sell(concert(press, title=words))))
    text = "".join(unicodedata.normalize("NFC", text).split())  # lines break within some of the words

    assert [word for word in words.split() if word not in text] == []


def test_the_code_is_read_from_a_bad_copy(press: Press) -> None:
    order = press.sell(concert(press))
    (page,) = pages_of(press.pdf(order))
    expected = press.qr_texts(press.tickets_of(order))
    left, top, right, bottom = (int(share * page.width) for share in (0.72, 0.13, 0.95, 0.36))
    code = page.crop((left, top, right, bottom))

    small = code.resize((code.width * 6 // 10, code.height * 6 // 10), Image.Resampling.BILINEAR)
    assert read_codes(small.filter(ImageFilter.GaussianBlur(0.7))) == expected
    assert read_codes(code.rotate(7, fillcolor=255, expand=True)) == expected
    assert read_codes(code.point(lambda shade: 90 + shade // 3)) == expected
    covered = code.copy()
    side = int((0.08 * code.width * code.height) ** 0.5)
    middle = code.width * 55 // 100
    covered.paste(128, (middle, middle, middle + side, middle + side))
    assert read_codes(covered) == expected


def test_tickets_that_went_to_others_are_not_the_buyers_to_print(press: Press) -> None:
    order = press.sell(concert(press), quantity=2)
    kept, given = press.tickets_of(order)
    Ticket.objects.of(press.organization.id).filter(id=given.id).update(
        transferred_at=utc_now(), transferred_from="ada@example.com", transferred_to="grace@example.com"
    )
    pdf = press.pdf(order)
    assert [read_codes(page) for page in pages_of(pdf)] == [press.qr_texts([kept])]

    own = tickets_pdf(press.organization.id, ticket_ids=[given.id], language=None, now=utc_now())
    (text,) = texts_of(own)
    assert spaced(given.code) in text
    assert "€45.00" not in text
    assert "BOUGHT BY" not in text


def test_only_valid_tickets_are_printed(press: Press) -> None:
    order = press.sell(concert(press), quantity=2)
    gone, left = press.tickets_of(order)
    Ticket.objects.of(press.organization.id).filter(id=gone.id).update(status="refunded")
    assert [read_codes(page) for page in pages_of(press.pdf(order))] == [press.qr_texts([left])]

    Ticket.objects.of(press.organization.id).filter(id=left.id).update(status="cancelled")
    with pytest.raises(NoTicketsToPrint):
        press.pdf(order)


def test_orders_and_tickets_of_others_are_not_found(press: Press) -> None:
    order = press.sell(concert(press))
    others = Press()

    with pytest.raises(NotFound):
        others.pdf(order)
    with pytest.raises(NotFound):
        tickets_pdf(
            others.organization.id, ticket_ids=[press.tickets_of(order)[0].id], language=None, now=utc_now()
        )


def test_an_order_of_many_asks_the_database_as_often_as_one_of_one(
    press: Press, django_assert_num_queries: Any
) -> None:
    one, many = press.sell(concert(press)), press.sell(concert(press), quantity=8)
    press.pdf(one)
    with CaptureQueriesContext(connection) as asked:
        press.pdf(one)

    with django_assert_num_queries(len(asked)):
        press.pdf(many)
    assert len(asked) <= 9


def test_a_cancelled_event_is_marked(press: Press) -> None:
    event = concert(press)
    order = press.sell(event)
    Event.objects.of(press.organization.id).filter(id=event.id).update(status="cancelled")
    (text,) = texts_of(press.pdf(order))

    assert "CANCELLED" in text


def test_threads_print_at_the_same_time() -> None:
    settings = OrganizationSettings(
        organization=Organization(name="Harbour Hall", email="office@harbour.example", phone=""),
        default_language="en",
        refund_policy="",
        primary_color="",
        secondary_color="",
    )
    design = plain_design(settings.organization.id)
    now = utc_now()

    def made(_: int) -> bytes:
        return sample_pdf(settings, design, event=None, language="en", now=now)

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(made, range(24)))) == 1
