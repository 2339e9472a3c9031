"""What programs read on the pages of the four trades."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings

from kassa.storefront.shops import shop_of
from tests.storefront.shop.pages import document_of, event_path, look, product_path
from tests.support.factories import make_event, make_organization, make_product, make_ticket_type

pytestmark = pytest.mark.django_db(transaction=True)
STARTS = datetime(2030, 6, 1, 18, 0, tzinfo=UTC)
PLACE: dict[str, Any] = {
    "starts_at": STARTS,
    "ends_at": STARTS + timedelta(hours=3),
    "time_zone": "Europe/Berlin",
    "venue_name": "Lindenhof",
    "address": "Lindenhofstraße 12",
    "zip_code": "04109",
    "city": "Leipzig",
    "country": "DE",
}


def test_an_event() -> None:
    event = make_event(
        make_organization(), **PLACE, short_description="Six strings </script><script>alert(1)"
    )
    make_ticket_type(event, name="Stalls", price=Decimal(30))
    make_ticket_type(event, name="Box", price=Decimal(90), is_sold_out=True)
    opens = STARTS - timedelta(days=10)
    make_ticket_type(event, name="Last", price=Decimal(5), sales_start_at=opens)

    answer = look(event_path(event))
    told = document_of(answer)

    url = f"{settings.BASE_URL}{event_path(event)}"
    assert "<script>alert" not in answer.content.decode()
    assert told["description"] == "Six strings </script><script>alert(1)"
    assert (told["@context"], told["@type"], told["name"], told["url"]) == (
        "https://schema.org",
        "Event",
        "Night of Strings",
        url,
    )
    assert (told["startDate"], told["endDate"]) == ("2030-06-01T20:00:00+02:00", "2030-06-01T23:00:00+02:00")
    assert told["eventStatus"] == "https://schema.org/EventScheduled"
    assert told["eventAttendanceMode"] == "https://schema.org/OfflineEventAttendanceMode"
    assert told["image"] == [f"{url}/preview.png"]
    assert told["location"] == {
        "@type": "Place",
        "name": "Lindenhof",
        "address": {
            "@type": "PostalAddress",
            "streetAddress": "Lindenhofstraße 12",
            "postalCode": "04109",
            "addressLocality": "Leipzig",
            "addressCountry": "DE",
        },
    }
    assert told["organizer"]["url"] == shop_of(event.organization_id).home + "/"
    offers = {one["name"]: one for one in told["offers"]}
    assert offers["Stalls"] == {
        "@type": "Offer",
        "name": "Stalls",
        "price": "30.00",
        "priceCurrency": "EUR",
        "availability": "https://schema.org/InStock",
        "url": url,
    }
    assert offers["Box"]["availability"] == "https://schema.org/SoldOut"
    assert offers["Last"]["availability"] == "https://schema.org/PreOrder"
    assert offers["Last"]["validFrom"] == "2030-05-22T18:00:00.000000Z"


def test_an_event_that_was_called_off_and_one_that_is_only_online() -> None:
    organization = make_organization()
    cancelled = make_event(organization, **PLACE, status="cancelled")
    online = make_event(
        organization, **PLACE, location_type="virtual", virtual_event_url="https://s.example/x"
    )

    told = document_of(look(event_path(online)))

    assert document_of(look(event_path(cancelled)))["eventStatus"] == "https://schema.org/EventCancelled"
    assert told["location"] == {"@type": "VirtualLocation", "url": told["url"]}


def test_a_course_with_and_without_a_date() -> None:
    organization = make_organization()
    dated = make_event(organization, kind="course", **PLACE, location_type="hybrid")
    open_ended = make_event(organization, kind="course", starts_at=None)
    make_ticket_type(dated, price=Decimal(0), is_free=True)

    told = document_of(look(event_path(dated)))

    assert told["@type"] == "Course"
    assert told["provider"]["name"] == "Harbour Hall"
    [instance] = told["hasCourseInstance"]
    assert instance["@type"] == "CourseInstance"
    assert (instance["courseMode"], instance["startDate"]) == ("Blended", "2030-06-01T20:00:00+02:00")
    assert told["offers"][0]["price"] == "0.00"
    assert "hasCourseInstance" not in document_of(look(event_path(open_ended)))


def test_a_trip() -> None:
    fields = {"kind": "trip", "origin": "Bristol", "destination": "London", "vehicle": "Heron 3"}
    trip = make_event(make_organization(), **{**PLACE, **fields}, currency="GBP")
    make_ticket_type(trip, name="Adult", price=Decimal(14))

    told = document_of(look(event_path(trip)))

    assert told["@type"] == "BusTrip"
    assert told["departureBusStop"] == {"@type": "BusStop", "name": "Bristol"}
    assert told["arrivalBusStop"] == {"@type": "BusStop", "name": "London"}
    assert (told["departureTime"], told["arrivalTime"]) == (
        "2030-06-01T20:00:00+02:00",
        "2030-06-01T23:00:00+02:00",
    )
    assert told["busName"] == "Heron 3"
    assert (told["offers"][0]["price"], told["offers"][0]["priceCurrency"]) == ("14.00", "GBP")


def test_a_product() -> None:
    product = make_product(make_organization(), sku="MUG", description="A *mug*.")

    told = document_of(look(product_path(product)))

    assert (told["@type"], told["sku"], told["description"]) == ("Product", "MUG", "A mug.")
    assert told["offers"]["price"] == "12.50"
    assert told["offers"]["availability"] == "https://schema.org/InStock"


def test_previews_have_all_they_need() -> None:
    event = make_event(make_organization(), **PLACE, seo_title='Strings "live"', seo_description="Come & see")

    page = look(event_path(event)).content.decode()

    url = f"{settings.BASE_URL}{event_path(event)}"
    for tag in (
        f'<link rel="canonical" href="{url}">',
        f'<link rel="alternate" hreflang="fr" href="{url}?lang=fr">',
        f'<link rel="alternate" hreflang="x-default" href="{url}">',
        '<meta property="og:title" content="Strings &quot;live&quot;">',
        '<meta property="og:description" content="Come &amp; see">',
        f'<meta property="og:image" content="{url}/preview.png">',
        '<meta name="twitter:card" content="summary_large_image">',
    ):
        assert tag in page
