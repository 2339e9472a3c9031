"""The months, trips and products of a shop, and what belongs to no shop alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import ics
import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar
from PIL import Image

from kassa.catalog.models import Event, TaxRule
from kassa.core.ttl_cache import clear_caches
from kassa.organizations.models import Organization, OrganizationSettings
from tests.storefront.pages import text_of
from tests.storefront.shop.pages import event_path, home_path, look, product_path, titles_of
from tests.support.factories import make_event, make_organization, make_product, make_ticket_type

pytestmark = pytest.mark.django_db(transaction=True)
MAY = datetime(2030, 5, 10, 18, 0, tzinfo=UTC)
NONSENSE = [
    "month=2030-13",
    "month=0000-00&date=abc",
    "date=9999-99-99&from=%00",
    "from=&to=&date=0001-01-01&page=-3",
]


def trip(
    organization: Organization, *, days: int = 0, hour: int = 7, price: str = "14", **fields: Any
) -> Event:
    starts = MAY.replace(hour=hour) + timedelta(days=days)
    values = {"kind": "trip", "origin": "Genève", "destination": "Lyon", "starts_at": starts}
    made = make_event(
        organization, title="Coach", **{**values, "ends_at": starts + timedelta(hours=2), **fields}
    )
    make_ticket_type(made, price=Decimal(price))
    return made


def test_a_month_shows_what_is_on_each_day() -> None:
    organization = make_organization()
    make_event(organization, title="One evening", starts_at=MAY)
    make_event(organization, title="A night", starts_at=MAY, ends_at=MAY + timedelta(hours=10))
    make_event(
        organization, title="A week", starts_at=MAY + timedelta(days=3), ends_at=MAY + timedelta(days=9)
    )
    make_event(organization, title="In June", starts_at=MAY + timedelta(days=40))
    make_event(organization, title="A draft", starts_at=MAY, status="draft")

    answer = look(f"/{organization.slug}/calendar?month=2030-05")

    assert sorted(titles_of(answer)) == ["A night", *["A week"] * 7, "One evening"]
    page = answer.content.decode()
    assert '<a href="#day-10">' in page
    assert 'id="day-10"' in page
    assert ('href="?month=2030-04"' in page, 'href="?month=2030-06"' in page) == (True, True)
    assert "mai 2030" in text_of(look(f"/{organization.slug}/calendar?month=2030-05", language="fr")).lower()


def test_a_calendar_to_subscribe_to_has_all_that_is_on() -> None:
    organization = make_organization()
    shown = make_event(organization, title="Opera", starts_at=MAY, virtual_event_url="https://secret.example")
    make_event(organization, title="Off", starts_at=MAY, status="cancelled")
    make_event(organization, title="Hidden", starts_at=MAY, visibility="unlisted")
    trip(organization)

    answer = look(f"/{organization.slug}/calendar.ics")

    entries = {str(one["summary"]): one for one in Calendar.from_ical(answer.content).walk("VEVENT")}
    assert entries.keys() == {"Opera", "Off"}
    assert entries["Off"]["status"] == "CANCELLED"
    assert entries["Opera"]["url"] == f"{settings.BASE_URL}{event_path(shown)}"
    assert "secret.example" not in answer.content.decode()
    assert look(f"/{organization.slug}/calendar.ics", HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304


def test_trips_are_found_by_from_to_and_day_the_earliest_first() -> None:
    organization = make_organization()
    late, early = trip(organization, hour=15), trip(organization, hour=7)
    trip(organization, days=1, price="9")
    trip(organization, origin="Lyon", destination="Genève")
    trip(organization, status="draft")

    answer = look(f"/{organization.slug}/trips?from=geneve&to=LYON&date=2030-05-10")

    page = answer.content.decode()
    assert len(titles_of(answer)) == 2
    assert page.index(event_path(early)) < page.index(event_path(late))
    shown = text_of(answer)
    assert "07:00 Genève → Lyon arrives 09:00 · 2 h €14.00" in shown
    assert "Sat 11 May · €9.00" in shown
    assert "Return trip: Lyon → Genève" in shown
    assert '<option value="Genève">' in page


def test_without_a_day_the_next_trips_are_shown() -> None:
    organization = make_organization()
    trip(organization, days=3)
    trip(organization, days=5)

    answer = look(f"/{organization.slug}/trips")

    assert "Monday 13 May 2030" in text_of(answer)
    assert len(titles_of(answer)) >= 1
    assert "Genève → Lyon 2 trips" in text_of(look(home_path(organization)))


def test_a_place_where_no_trip_goes_is_told() -> None:
    organization = make_organization()
    trip(organization)

    answer = look(f"/{organization.slug}/trips?from=Atlantis%3Cb%3E")

    assert "We have no trips from or to “Atlantis<b>”." in text_of(answer)
    assert "<b>”" not in answer.content.decode()


def test_products_are_listed_and_have_a_page() -> None:
    organization = make_organization()
    mug = make_product(organization, name="Mug", stock=0, description="Holds *tea*.")
    make_product(organization, name="Beside an event", event=make_event(organization))
    make_product(organization, name="Withdrawn", status="inactive")
    path = product_path(mug)

    listed, page = look(f"/{organization.slug}/products"), look(path)

    assert titles_of(listed) == ["Mug"]
    assert "Mug €12.50 Out of stock" in text_of(listed)
    assert "<p>Holds <em>tea</em>.</p>" in page.content.decode()
    assert look(path, HTTP_IF_NONE_MATCH=page["ETag"]).status_code == 304
    assert look(f"/{make_organization().slug}/products/mug-{mug.id}").status_code == 404
    assert look(f"/{organization.slug}/products/x-{mug.id}")["Location"] == path


@pytest.mark.parametrize("query", NONSENSE, ids=["month", "zeros", "day", "time"])
@pytest.mark.parametrize("page", ["calendar", "trips", "products"])
def test_nonsense_does_no_harm(page: str, query: str) -> None:
    organization = make_organization()
    trip(organization)

    assert look(f"/{organization.slug}/{page}?{query}").status_code == 200


@pytest.mark.parametrize("how_many", [1, 3], ids=["one", "three"])
def test_lists_ask_the_same_number_of_times(how_many: int) -> None:
    organization = make_organization()
    for number in range(how_many):
        trip(organization, hour=number)
        make_ticket_type(make_event(organization, starts_at=MAY))
        make_product(organization)
    counts = []
    for page in ("calendar?month=2030-05", "trips?date=2030-05-10", "products", "sitemap.xml"):
        clear_caches()
        with CaptureQueriesContext(connection) as asked:
            assert look(f"/{organization.slug}/{page}").status_code == 200
        counts.append(len(asked))

    assert counts == [8, 9, 7, 6]


def test_the_front_page_names_all_shops() -> None:
    organization = make_organization()
    gone = make_organization()
    Organization.objects.filter(id=organization.id).update(name="Zeltbühne", address={"city": "Bern"})
    Organization.objects.filter(id=gone.id).update(name="Gone", deleted_at=MAY)

    answer = look("/")

    assert "Zeltbühne Bern" in text_of(answer)
    assert f'<a href="/{organization.slug}/">' in answer.content.decode()
    assert 'href="/api/v1/docs"' in answer.content.decode()
    assert "Gone" not in text_of(answer)


def test_browsers_find_an_icon_where_a_page_names_none() -> None:
    """Such as the mailbox page, a calendar or a PDF."""
    answer = look("/favicon.ico")

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/x-icon")
    assert answer["Cache-Control"] == "public, max-age=86400"
    assert "Cookie" not in answer.get("Vary", "")
    assert not answer.cookies
    with Image.open(BytesIO(answer.content)) as icon:
        assert icon.info["sizes"] == {(16, 16), (32, 32), (48, 48)}


def test_search_engines_are_told_where_to_look() -> None:
    organization = make_organization()
    event = make_event(organization)
    make_event(organization, title="Unlisted", visibility="unlisted")
    product = make_product(organization)
    base = settings.BASE_URL

    robots = look("/robots.txt").content.decode()
    index = look("/sitemap.xml").content.decode()
    shop = look(f"/{organization.slug}/sitemap.xml").content.decode()

    assert f"Sitemap: {base}/sitemap.xml" in robots
    assert "Disallow: /orders/" in robots
    assert f"<loc>{base}/{organization.slug}/sitemap.xml</loc>" in index
    places = re.findall("<loc>(.*?)</loc>", shop)
    assert places == [
        *(f"{base}/{organization.slug}{name}" for name in ("/", "/calendar", "/products")),
        f"{base}{event_path(event)}",
        f"{base}{product_path(product)}",
    ]


def test_a_product_says_what_its_price_contains_and_what_is_added() -> None:
    organization = make_organization(
        shipping_fee=Decimal("4.90"), service_fee_percentage=Decimal("2.5"), service_fee_fixed=Decimal("0.50")
    )
    tax = TaxRule.unscoped.create(organization=organization, name="VAT", rate=Decimal(19), included=True)
    mug = make_product(organization, name="Mug", is_shippable=True, tax_rule=tax)

    english, french = (text_of(look(product_path(mug), language=one)) for one in ("en", "fr"))

    added = "plus €4.90 shipping per order, plus a service fee of 2.5% + €0.50 per order"
    assert f"Mug €12.50 Includes VAT 19%, {added}" in english
    assert "Dont VAT 19 %" in french
    clear_caches()
    OrganizationSettings.objects.of(organization.id).update(
        shipping_fee=0, service_fee_percentage=0, service_fee_fixed=0
    )
    assert "Mug €12.50 Includes VAT 19%, free shipping" in text_of(look(product_path(mug)))


def test_one_is_chosen_where_one_thing_is_sold() -> None:
    organization = make_organization()
    mug = make_product(organization, name="Mug")
    course, hall = make_event(organization), make_event(organization)
    make_ticket_type(course, min_per_order=2, name="Pair")
    make_ticket_type(course, name="Lunch", is_addon=True)
    make_ticket_type(hall, name="Adult")
    make_ticket_type(hall, name="Child")

    pages = [look(path) for path in (product_path(mug), event_path(course), event_path(hall))]

    values = [re.findall(r'type="number"[^>]* value="(\d+)"', page.content.decode()) for page in pages]
    assert values == [["1"], ["2", "0"], ["0", "0"]]
    totals = [re.findall(r"data-total[^>]*>([^<]*)<", page.content.decode()) for page in pages]
    assert totals == [["1 item · €12.50"], ["2 tickets · €90.00"], [""]]


def test_a_feed_with_a_night_over_the_change_can_be_read() -> None:
    """One entry that ends before it begins makes the whole file unreadable for some calendars."""
    organization = make_organization()
    starts_at, ends_at = datetime(2027, 10, 31, 0, 45, tzinfo=UTC), datetime(2027, 10, 31, 1, 15, tzinfo=UTC)
    make_event(organization, title="Club", starts_at=starts_at, ends_at=ends_at, time_zone="Europe/Berlin")
    make_event(organization, title="Opera", starts_at=MAY, time_zone="Europe/Berlin")

    feed = look(f"/{organization.slug}/calendar.ics").content.decode()

    found = {entry.name: entry for entry in ics.Calendar(feed).events}
    assert found.keys() == {"Club", "Opera"}
    assert (found["Club"].begin.datetime, found["Club"].end.datetime) == (starts_at, ends_at)


def test_a_shop_with_nothing_to_come_has_an_empty_calendar() -> None:
    answer = look(f"/{make_organization().slug}/calendar.ics")

    assert answer.status_code == 200
    assert Calendar.from_ical(answer.content).walk("VEVENT") == []
