"""A shop whose slug changed: every address with the one before leads to where things are now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from kassa.catalog.models import Event
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.ttl_cache import clear_caches
from kassa.organizations.domain.manage import change_organization
from kassa.organizations.models import Organization
from kassa.waiting.domain.rooms import set_up_room
from tests.storefront.shop.pages import event_path, look
from tests.support.factories import (
    make_event,
    make_organization,
    make_product,
    make_ticket_type,
    prove_domain,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def theatre() -> Organization:
    return make_organization()


@pytest.fixture
def event(theatre: Organization) -> Event:
    made = make_event(theatre)
    make_ticket_type(made)
    make_product(theatre)
    return made


def rename(theatre: Organization, slug: str) -> None:
    change_organization(CommandContext.system(theatre.id, now=utc_now()), changes={"slug": slug}, settings={})
    clear_caches()


@pytest.mark.parametrize(
    "end", ["/", "/calendar", "/calendar.ics", "/trips", "/products", "/sitemap.xml", "/cart"]
)
def test_old_addresses_lead_on(theatre: Organization, event: Event, end: str) -> None:
    old = theatre.slug
    assert look(f"/{old}{end}").status_code == 200
    rename(theatre, "opera")

    answer = look(f"/{old}{end}?lang=fr&q=a%20b")

    assert (answer.status_code, answer["Location"]) == (301, f"/opera{end}?lang=fr&q=a%20b")
    # A personal page is not stored at all, so that this is not remembered either.
    assert ("no-store" if end == "/cart" else "no-cache") in answer["Cache-Control"]
    assert look(f"/opera{end}").status_code == 200


def test_old_address_of_an_event_leads_on_and_what_its_page_asks_is_answered(
    theatre: Organization, event: Event
) -> None:
    path = event_path(event)
    rename(theatre, "opera")

    answer = look(path)

    assert (answer.status_code, answer["Location"]) == (301, path.replace(theatre.slug, "opera", 1))
    assert "no-cache" in answer["Cache-Control"]
    assert look(f"{path}/availability").status_code == 200
    assert look(f"{path}/preview.png").status_code == 301
    chosen = Client().post(f"{path}/choose", {})
    assert chosen.status_code != 404  # a form that was open meanwhile is not lost


def test_each_former_slug_leads_to_the_present_one(theatre: Organization, event: Event) -> None:
    first = theatre.slug
    rename(theatre, "opera")
    rename(theatre, "ballet")
    for old in (first, "opera"):
        assert look(f"/{old}/")["Location"] == "/ballet/"
    rename(theatre, first)
    assert look(f"/{first}/").status_code == 200
    assert look("/ballet/")["Location"] == f"/{first}/"


def test_former_slug_is_understood_on_a_domain_of_its_own(theatre: Organization, event: Event) -> None:
    prove_domain(theatre, "tickets.theatre.example")
    old = theatre.slug
    rename(theatre, "opera")

    answer = look(f"/{old}/calendar", HTTP_HOST="tickets.theatre.example")

    assert answer.status_code == 200


def test_slug_that_nobody_had_is_not_there() -> None:
    assert look("/nobody-has-it/").status_code == 404


def test_who_waits_keeps_their_place_when_the_slug_changes(theatre: Organization, event: Event) -> None:
    opens_at = utc_now() - timedelta(minutes=5)
    later = utc_now() + timedelta(minutes=5)
    set_up_room(
        CommandContext.system(theatre.id, now=utc_now()),
        event.id,
        changes={"opens_at": opens_at, "starts_at": later},
    )
    old, browser = f"/waiting/{theatre.slug}/{event.id}", Client()
    rename(theatre, "opera")

    def number() -> Any:
        answer = browser.post(f"{old}/place", HTTP_ACCEPT="application/json")
        return answer.json()["number"]

    assert number() is not None
    assert number() == number()
