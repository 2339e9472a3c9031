"""The page of an event as everybody sees it."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kassa.catalog.models import Event
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.ttl_cache import clear_caches
from kassa.organizations.models import Organization, OrganizationSettings
from kassa.pictures.addresses import picture_url
from kassa.pictures.domain.keep import keep_picture
from tests.storefront.pages import text_of
from tests.storefront.shop.pages import event_path, look
from tests.support.factories import make_event, make_organization, make_ticket_type

pytestmark = pytest.mark.django_db(transaction=True)
EVENING = datetime(2030, 11, 23, 19, 0, tzinfo=UTC)


def evening(organization: Organization | None = None, **fields: Any) -> Event:
    values: dict[str, Any] = {
        "starts_at": EVENING,
        "ends_at": EVENING + timedelta(hours=2),
        "time_zone": "Europe/Paris",
        "venue_name": "Salle Pleyel",
        "address": "252 rue du Faubourg",
        "zip_code": "75008",
        "city": "Paris",
        "country": "FR",
    }
    return make_event(organization or make_organization(), **{**values, **fields})


def test_it_tells_when_and_where_on_the_clock_of_the_place() -> None:
    event = evening(description="# Strings\n\n*Bows* & <b>rosin</b>\nand [more](https://a.example)")
    make_ticket_type(event)

    answer = look(event_path(event))

    shown = text_of(answer)
    assert answer.status_code == 200
    assert "Saturday 23 November 2030 20:00 \N{EN DASH} 22:00 CET" in shown
    assert "Salle Pleyel 252 rue du Faubourg, 75008 Paris · Map" in shown
    assert "Standing €45.00" in shown
    page = answer.content.decode()
    assert "<h3>Strings</h3>\n<p><em>Bows</em> &amp; &lt;b&gt;rosin&lt;/b&gt;<br />" in page
    assert '<a href="https://a.example" rel="nofollow noopener">more</a>' in page
    assert "https://www.openstreetmap.org/search?query=252+rue+du+Faubourg%2C+75008+Paris%2C+FR" in page


def test_it_speaks_french() -> None:
    event = evening()
    make_ticket_type(event)

    answer = look(event_path(event), language="fr-CA,fr;q=0.9")

    assert '<html lang="fr">' in answer.content.decode()
    assert "samedi 23 novembre 2030" in text_of(answer)
    assert "45,00\N{NO-BREAK SPACE}€" in text_of(answer) or "45,00 €" in text_of(answer)


def test_a_language_that_is_asked_for_is_remembered() -> None:
    answer = look(f"{event_path(evening())}?lang=fr")

    assert '<html lang="fr">' in answer.content.decode()
    assert answer.cookies["kassa_language"].value == "fr"
    assert not look(event_path(evening())).cookies


def test_any_title_before_the_identifier_leads_to_its_address() -> None:
    event = evening(title="Été: Brahms & Dvořák")
    path = event_path(event)

    answer = look(f"/{event.organization.slug}/events/was-{event.id}?lang=en&x=1")

    assert path.endswith(f"/events/ete-brahms-dvorak-{event.id}")
    assert (answer.status_code, answer["Location"]) == (301, f"{path}?lang=en&x=1")


@pytest.mark.parametrize(
    "fields",
    [{"status": "draft"}, {"visibility": "private"}, {"deleted_at": EVENING}],
    ids=["draft", "private", "gone"],
)
def test_what_is_not_public_is_not_there(fields: dict[str, Any]) -> None:
    answer = look(event_path(evening(**fields)))

    assert answer.status_code == 404
    assert "Night of Strings" not in text_of(answer)


def test_an_event_of_another_shop_is_not_there() -> None:
    other = make_organization()

    assert look(f"/{other.slug}/events/x-{evening().id}").status_code == 404


def test_one_with_only_its_address_known_is_in_no_search_engine() -> None:
    assert 'content="noindex"' in look(event_path(evening(visibility="unlisted"))).content.decode()


def test_a_browser_that_has_it_already_gets_nothing() -> None:
    event = evening()
    path = event_path(event)
    first = look(path)
    again = look(path, HTTP_IF_NONE_MATCH=first["ETag"])
    make_ticket_type(event, name="Balcony")
    clear_caches()
    changed = look(path, HTTP_IF_NONE_MATCH=first["ETag"])

    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]
    assert first["Cache-Control"] == "private, no-cache"


def test_it_is_sent_compressed_under_a_tag_of_its_own() -> None:
    path = event_path(evening())
    plain, packed = look(path), look(path, HTTP_ACCEPT_ENCODING="gzip, br")

    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert packed["ETag"] != plain["ETag"]
    assert {"Accept-Encoding", "Accept-Language", "Cookie"} <= set(packed["Vary"].split(", "))


def test_a_kept_page_asks_the_database_nothing(django_assert_num_queries: Any) -> None:
    event = evening()
    make_ticket_type(event)
    path = event_path(event)
    first = look(path)

    with django_assert_num_queries(0):
        assert look(path).content == first.content


def test_a_hidden_ticket_type_is_for_those_who_have_its_address() -> None:
    event = evening()
    make_ticket_type(event)
    friend = make_ticket_type(event, name="Friends of the house", is_hidden=True)
    path = event_path(event)

    assert "Friends of the house" not in text_of(look(path))
    assert "Friends of the house" not in text_of(look(f"{path}?ticket={make_organization().id}"))
    assert "Friends of the house" in text_of(look(f"{path}?ticket={friend.id}"))


@pytest.mark.parametrize(
    ("of_event", "of_type", "said", "can_be_chosen"),
    [
        ({"status": "cancelled"}, {}, "Cancelled", False),
        ({"status": "completed"}, {}, "Over", False),
        ({"starts_at": EVENING.replace(year=2020), "ends_at": None}, {}, "Over", False),
        ({}, {"is_sold_out": True}, "Sold out", True),
        ({}, {"sales_end_at": EVENING.replace(year=2020)}, "The sale has ended", True),
        ({}, {"sales_start_at": EVENING - timedelta(days=1)}, "On sale soon", True),
    ],
    ids=["cancelled", "completed", "past", "sold out", "ended", "not started"],
)
def test_how_it_stands_is_said_in_words(
    of_event: dict[str, Any], of_type: dict[str, Any], said: str, can_be_chosen: bool
) -> None:
    event = evening(**of_event)
    make_ticket_type(event, **of_type)

    answer = look(event_path(event))

    assert f'<p class="what">{said}</p>' in answer.content.decode()
    assert ('id="choose"' in answer.content.decode()) == can_be_chosen


def test_the_start_of_a_sale_is_counted_down_to_and_said() -> None:
    event = evening()
    make_ticket_type(event, sales_start_at=EVENING - timedelta(days=1))

    page = look(event_path(event)).content.decode()

    assert 'data-until="2030-11-22T19:00:00.000000Z"' in page
    assert "The sale begins on Friday 22 November 2030, 20:00 CET." in page
    assert "shop/countdown.js" in page


def test_a_course_may_have_no_date_and_says_what_is_left() -> None:
    course = evening(kind="course", starts_at=None, ends_at=None)
    make_ticket_type(course, name="Place", quantity=7)

    shown = text_of(look(event_path(course)))

    assert "No date yet" in shown
    assert "7 places left" in shown


def test_a_trip_tells_its_way_and_how_long_it_takes() -> None:
    fields: dict[str, Any] = {"kind": "trip", "origin": "Lyon", "destination": "Genève", "vehicle": "Heron 3"}
    trip = evening(**fields, venue_name="", address="", city="")
    later = evening(
        trip.organization,
        **fields,
        starts_at=EVENING + timedelta(days=1),
        ends_at=EVENING + timedelta(days=2),
    )
    make_ticket_type(trip, name="Adult")

    answer = look(event_path(trip))

    shown = text_of(answer)
    assert "Lyon → Genève Heron 3" in shown
    assert "departs 20:00, arrives 22:00 CET" in shown
    assert "2 h" in shown
    assert event_path(later) in answer.content.decode()


def test_in_a_frame_it_is_bare_and_only_for_the_sites_of_its_organisation() -> None:
    organization = make_organization(embed_sites=["https://b.example"])
    Organization.objects.filter(id=organization.id).update(
        website="https://www.a.example/shows?x=;script-src%20*"
    )
    path = event_path(evening(organization))
    clear_caches()

    framed, plain = look(f"{path}?embed=1"), look(path)

    policy = framed["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors https://www.a.example https://b.example")
    assert plain["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    assert '<base target="_top">' in framed.content.decode()
    assert '<header class="top">' not in framed.content.decode()
    assert framed.content != plain.content


def test_a_website_that_is_no_address_opens_no_frame() -> None:
    organization = make_organization()
    Organization.objects.filter(id=organization.id).update(website="https://a.example;script-src")
    OrganizationSettings.objects.of(organization.id).update(embed_sites=["https://b.example 'unsafe-inline'"])
    path = event_path(evening(organization))
    clear_caches()

    assert look(f"{path}?embed=1")["Content-Security-Policy"].endswith("frame-ancestors 'none'")


def test_a_calendar_keeps_the_date() -> None:
    event = evening(virtual_event_url="https://stream.example/secret", location_type="hybrid")
    answer = look(f"{event_path(event)}/event.ics")

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    told = answer.content.decode()
    assert "SUMMARY;LANGUAGE=en:Night of Strings" in told
    assert "DTSTART;TZID=Europe/Paris:20301123T200000" in told
    assert "stream.example" not in told.replace("\r\n ", "")
    assert (
        look(f"{event_path(evening(kind='course', starts_at=None, ends_at=None))}/event.ics").status_code
        == 404
    )


def test_where_it_is_streamed_is_told_to_nobody() -> None:
    event = evening(virtual_event_url="https://stream.example/secret", location_type="virtual")

    answer = look(event_path(event))

    assert "stream.example" not in answer.content.decode()
    assert "The link comes with the ticket." in text_of(answer)


@pytest.mark.parametrize(
    "query", ["?embed=x&ticket=y", "?ticket=%00", "?lang=xx", "?embed=1&embed=2", "?%ff=%fe"]
)
def test_nonsense_behind_its_address_does_no_harm(query: str) -> None:
    path = event_path(evening())
    clear_caches()

    assert look(path + query).status_code == 200


def test_an_address_that_is_none_is_not_found() -> None:
    slug = make_organization().slug

    for path in ("events/x", f"events/x-{utc_now():%Y}", "events/", "nothing"):
        assert look(f"/{slug}/{path}").status_code == 404


def test_a_browser_gets_a_page_where_there_is_nothing() -> None:
    page = look("/x/y/z", language="fr", HTTP_ACCEPT="text/html,*/*")

    assert page.status_code == 404
    assert '<html lang="fr">' in page.content.decode()
    assert look("/x/y/z")["Content-Type"] == "application/problem+json"


def test_its_own_pictures_are_shown_with_what_they_show() -> None:
    organization = make_organization()
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 50"><path d="M0 0h9v9z"/></svg>'
    picture, _ = keep_picture(
        CommandContext.system(organization.id, now=utc_now()), content=drawing, alternative_text="A cello"
    )
    url = picture_url(picture.id, "svg")
    event = evening(organization, featured_image=url, gallery_images=["https://elsewhere.example/a.png", url])

    page = look(event_path(event)).content.decode()

    shown = f'src="/pictures/{picture.id}.svg" alt="A cello" width="40" height="50"'
    assert (page.count(shown), "elsewhere.example" in page) == (1, False)
