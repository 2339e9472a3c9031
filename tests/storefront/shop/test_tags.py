"""Tags of events: shown on their pages, and a way to more of the same."""

from __future__ import annotations

import pytest

from kassa.catalog.models import Event
from kassa.core.ttl_cache import clear_caches
from kassa.organizations.models import Organization
from tests.storefront.pages import text_of
from tests.storefront.shop.pages import event_path, look
from tests.support.factories import make_event, make_organization, make_ticket_type

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def hall() -> Organization:
    organization = make_organization()
    for title, tags in (("Organ at Night", ["Organ", "Bach & sons"]), ("Jazz", ["jazz"]), ("Silence", [])):
        make_ticket_type(make_event(organization, title=title, tags=tags))
    clear_caches()
    return organization


def test_page_of_an_event_shows_its_tags_and_leads_to_others_with_them(hall: Organization) -> None:
    organ = hall_event(hall, "Organ at Night")
    page = look(event_path(organ)).content.decode()

    assert f'<a href="/{hall.slug}/?tag=Bach%20%26%20sons" rel="tag">Bach &amp; sons</a>' in page
    assert 'rel="tag"' not in look(event_path(hall_event(hall, "Silence"))).content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("tag=organ", "Organ at Night"),
        ("tag=Bach+%26+sons", "Organ at Night"),
        ("q=JAZZ", "Jazz"),
        ("tag=j\u00e4zz", "Jazz"),
    ],
)
def test_list_is_narrowed_by_a_tag(hall: Organization, query: str, found: str) -> None:
    answer = look(f"/{hall.slug}/?{query}")

    text = text_of(answer)
    assert "1 found" in text
    assert found in text
    assert "Silence" not in text.partition("1 found")[2]


def test_tags_are_a_choice_of_the_search(hall: Organization) -> None:
    page = look(f"/{hall.slug}/?tag=JAZZ", language="fr").content.decode()

    assert '<label for="tag">Mot-clé</label>' in page
    assert "<option selected>jazz</option>" in page
    assert "<option>Bach &amp; sons</option>" in page


@pytest.mark.parametrize(("language", "categories", "tags"), [("en", "All", "All"), ("fr", "Toutes", "Tous")])
def test_all_of_a_choice_agrees_with_what_is_chosen(
    hall: Organization, language: str, categories: str, tags: str
) -> None:
    for title, category in (("Jazz", "Concert"), ("Silence", "Reading")):
        Event.unscoped.filter(organization=hall, title=title).update(category=category)
    clear_caches()
    page = look(f"/{hall.slug}/", language=language).content.decode()

    assert f'<select id="category" name="category"><option value="">{categories}</option>' in page
    assert f'<select id="tag" name="tag"><option value="">{tags}</option>' in page


def test_search_finds_a_tag_that_no_text_has(hall: Organization) -> None:
    assert "1 found" in text_of(look(f"/{hall.slug}/?q=bach+%26+sons"))


def hall_event(hall: Organization, title: str) -> Event:
    return Event.objects.of(hall.id).get(title=title)
