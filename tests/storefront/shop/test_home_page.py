"""What an organisation has on, and how it is found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kassa.catalog.models import Event
from kassa.core.clock import utc_now
from kassa.core.ttl_cache import clear_caches
from kassa.organizations.models import Organization
from kassa.seating.models import EventSeat
from tests.storefront.pages import text_of
from tests.storefront.shop.pages import home_path, look, titles_of
from tests.support.factories import make_event, make_organization, make_product, make_ticket_type

pytestmark = pytest.mark.django_db(transaction=True)
MAY = datetime(2030, 5, 10, 18, 0, tzinfo=UTC)


def put_on(organization: Organization, title: str, *, price: str | None = "20", **fields: Any) -> Event:
    event = make_event(organization, title=title, **{"starts_at": MAY, "city": "Paris", **fields})
    if price is not None:
        make_ticket_type(event, price=Decimal(price))
    return event


def found(organization: Organization, query: str) -> list[str]:
    answer = look(f"{home_path(organization)}?{query}")
    assert answer.status_code == 200
    return titles_of(answer)


def test_it_shows_what_is_on_the_next_first() -> None:
    organization = make_organization()
    put_on(organization, "Later", starts_at=MAY + timedelta(days=2))
    put_on(organization, "Sooner")
    put_on(organization, "Some day", kind="course", starts_at=None)
    put_on(organization, "Draft", status="draft")
    put_on(organization, "Private", visibility="private")
    put_on(organization, "Unlisted", visibility="unlisted")
    put_on(organization, "Over", starts_at=utc_now() - timedelta(days=1))
    put_on(organization, "Elsewhere", kind="trip", origin="A", destination="B", ends_at=MAY)
    put_on(make_organization(), "Another shop's")

    assert titles_of(look(home_path(organization))) == ["A → B", "Sooner", "Later", "Some day"]


def test_a_card_tells_from_what_price_or_why_not() -> None:
    organization = make_organization()
    make_ticket_type(put_on(organization, "Two prices"), price=Decimal(12))
    put_on(organization, "Free", price="0")
    make_ticket_type(put_on(organization, "Gone", price=None), is_sold_out=True)
    put_on(organization, "Off", status="cancelled")
    make_ticket_type(put_on(organization, "Soon", price=None), sales_start_at=MAY - timedelta(days=5))
    make_ticket_type(put_on(organization, "Last ones", price=None), quantity=4)

    shown = text_of(look(home_path(organization)))

    for words in (
        "Two prices Paris from €12.00",
        "Free Paris Free",
        "Gone Paris Sold out",
        "Off Paris Cancelled",
        "Soon Paris €45.00 From Sun 5 May 2030",
        "Last ones Paris €45.00 Few left",
    ):
        assert words in shown


def test_a_card_names_the_price_of_an_adult_unless_there_is_none() -> None:
    organization = make_organization()
    coach = put_on(organization, "Coach", price="24")
    make_ticket_type(coach, name="Child", price=Decimal(12), is_reduced=True)
    make_ticket_type(coach, name="Bicycle space", price=Decimal(5), is_addon=True)
    theatre = put_on(organization, "Puppets", price=None)
    make_ticket_type(theatre, name="Child", price=Decimal(9), is_reduced=True)
    gone = put_on(organization, "Last seats", price=None)
    make_ticket_type(gone, name="Adult", is_sold_out=True)
    make_ticket_type(gone, name="Child", price=Decimal(8), is_reduced=True)
    hall = put_on(organization, "Two areas", price="46")
    make_ticket_type(hall, price=Decimal(28))
    make_ticket_type(hall, price=Decimal(23), is_reduced=True)

    shown = text_of(look(home_path(organization)))

    for words in (
        "Coach Paris €24.00",
        "Puppets Paris €9.00",
        "Last seats Paris €8.00",
        "Two areas Paris from €28.00",
    ):
        assert words in shown


def test_seats_that_are_all_taken_are_sold_out() -> None:
    organization = make_organization()
    event = put_on(organization, "Seated", price=None)
    make_ticket_type(event, quantity=None, seat_category="stalls")
    values = {
        "category": "stalls",
        "section": "A",
        "row": "1",
        "number": "1",
        "rank": 0,
        "block": 0,
        "place": 0,
    }
    seat = EventSeat.unscoped.create(organization=organization, event=event, **values)
    make_ticket_type(event, name="Place of a bicycle", price=Decimal(5))
    shown = text_of(look(home_path(organization)))
    assert "Seated Paris €45.00" in shown
    assert "Sold out" not in shown

    EventSeat.unscoped.filter(id=seat.id).update(status="blocked")
    clear_caches()

    assert "Sold out" in text_of(look(home_path(organization)))


def test_it_is_found_by_the_beginnings_of_words_without_accents() -> None:
    organization = make_organization()
    put_on(organization, "Brahms and Dvořák", category="Classical")
    put_on(
        organization,
        "Nuit d\N{RIGHT SINGLE QUOTATION MARK}été",
        description="Sous les étoiles",
        city="Genève",
        venue_name="Forêt",
    )

    assert found(organization, "q=dvorak") == ["Brahms and Dvořák"]
    assert found(organization, "q=BRAH+dvo") == ["Brahms and Dvořák"]
    assert found(organization, "q=class") == ["Brahms and Dvořák"]
    for words in ("ete", "étoiles", "geneve+nuit", "foret", "d'été"):
        assert found(organization, f"q={words}") == ["Nuit d\N{RIGHT SINGLE QUOTATION MARK}été"]
    for place in ("city=GENEVE", "city=gen%C3%A8ve", "q=for%C3%AAt%20d%E2%80%98ete"):
        assert found(organization, place) == ["Nuit d\N{RIGHT SINGLE QUOTATION MARK}été"]
    assert (
        "<option selected>Genève</option>" in look(f"{home_path(organization)}?city=geneve").content.decode()
    )
    assert found(organization, "q=ahms") == []
    assert len(found(organization, "q=!+%26+|+:*+()")) == 2


def test_it_is_found_by_day_on_the_clock_of_the_place() -> None:
    organization = make_organization()
    zone = {"time_zone": "Asia/Tokyo"}
    put_on(organization, "Early on the 11th", starts_at=datetime(2030, 5, 10, 15, 30, tzinfo=UTC), **zone)
    put_on(
        organization,
        "The whole month",
        starts_at=datetime(2030, 5, 1, tzinfo=UTC),
        ends_at=datetime(2030, 5, 31, tzinfo=UTC),
        **zone,
    )
    put_on(organization, "Later", starts_at=datetime(2030, 6, 2, tzinfo=UTC), **zone)

    assert found(organization, "from=2030-05-11&to=2030-05-11") == ["The whole month", "Early on the 11th"]
    assert found(organization, "to=2030-05-10") == ["The whole month"]
    assert found(organization, "from=2030-06-01") == ["Later"]


def test_it_is_found_by_city_category_and_kind() -> None:
    organization = make_organization()
    put_on(organization, "Opera", category="Music")
    put_on(organization, "Jazz", category="Music", city="Lyon")
    put_on(organization, "Python", category="Code", kind="course")

    assert found(organization, "city=Lyon") == ["Jazz"]
    assert found(organization, "category=Music&city=Paris") == ["Opera"]
    assert found(organization, "kind=course") == ["Python"]
    assert sorted(found(organization, "kind=nonsense")) == ["Jazz", "Opera", "Python"]


def test_pages_keep_what_is_looked_for() -> None:
    organization = make_organization()
    for number in range(26):
        put_on(organization, f"Night {number:02}", starts_at=MAY + timedelta(days=number), category="Club")

    first = look(f"{home_path(organization)}?category=Club&q=night")

    assert len(titles_of(first)) == 24
    assert 'href="?q=night&amp;category=Club&amp;page=2"' in first.content.decode()
    assert found(organization, "category=Club&q=night&page=2") == ["Night 24", "Night 25"]
    assert found(organization, "page=99") == ["Night 24", "Night 25"]


@pytest.mark.parametrize(
    "query",
    [
        "from=abc&to=2030-02-31&page=-1",
        "page=9999999999999999999&city=%00&q=%00",
        "from=0001-01-01&to=9999-12-31",
        "q=" + "x" * 5000,
        "page=%C2%B2&kind=trip&category=%F0%9F%8E%BB",
    ],
    ids=["no dates", "zeros", "all of time", "long", "signs"],
)
def test_nonsense_does_no_harm(query: str) -> None:
    organization = make_organization()
    put_on(organization, "Opera")

    assert look(f"{home_path(organization)}?{query}").status_code == 200


def test_what_is_no_date_is_said_beside_what_was_typed() -> None:
    organization = make_organization()
    put_on(organization, "Opera")

    answer = look(f"{home_path(organization)}?from=abc")

    assert "This is not a date. Write it as 2026-11-28." in text_of(answer)
    assert 'value="abc"' in answer.content.decode()
    assert titles_of(answer) == ["Opera"]


def test_nothing_found_says_what_to_do() -> None:
    organization = make_organization()
    put_on(organization, "Opera")

    shown = text_of(look(f"{home_path(organization)}?q=zzz"))

    assert "No results. Try a shorter word, or only its beginning. Show all" in shown
    assert "Nothing is on sale right now" in text_of(look(home_path(make_organization())))


def test_it_speaks_french() -> None:
    organization = make_organization()
    put_on(organization, "Opéra")

    shown = text_of(look(home_path(organization), language="fr"))

    assert "Ce week-end" in shown


def test_its_address_ends_in_a_slash() -> None:
    organization = make_organization()

    answer = look(f"/{organization.slug}?q=x")

    assert (answer.status_code, answer["Location"]) == (301, f"/{organization.slug}/?q=x")


@pytest.mark.parametrize("how_many", [1, 3], ids=["one", "three"])
def test_it_asks_the_same_number_of_times(how_many: int) -> None:
    organization = make_organization()
    for number in range(how_many):
        make_ticket_type(put_on(organization, f"Night {number}"))
        make_product(organization)

    with CaptureQueriesContext(connection) as asked:
        answer = look(f"{home_path(organization)}?q=night")
    with CaptureQueriesContext(connection) as asked_for_all:
        look(home_path(organization))
    with CaptureQueriesContext(connection) as kept:
        look(home_path(organization))

    assert len(titles_of(answer)) == how_many
    # The organisation and what it has, what can be filtered by, the count, the events, types and places.
    assert (len(asked), len(asked_for_all), len(kept)) == (9, 6, 0)
