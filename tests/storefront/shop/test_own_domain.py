"""A shop on a domain of its own, beside its place on Kassa's."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kassa.catalog.models import Event
from kassa.core.ttl_cache import clear_caches
from kassa.organizations.models import Organization
from tests.storefront.pages import links_of
from tests.storefront.shop.pages import event_path, look
from tests.support.api_client import make_api_client
from tests.support.factories import (
    make_event,
    make_organization,
    make_product,
    make_ticket_type,
    prove_domain,
)

pytestmark = pytest.mark.django_db(transaction=True)
DOMAIN = "tickets.theatre.example"


def at_home(path: str, *, host: str = DOMAIN, **headers: str) -> Any:
    return look(path, HTTP_HOST=host, **headers)


@pytest.fixture
def theatre() -> Organization:
    organization = make_organization()
    prove_domain(organization, DOMAIN)
    clear_caches()
    return organization


@pytest.fixture
def event(theatre: Organization) -> Event:
    made = make_event(theatre)
    make_ticket_type(made)
    return made


def test_all_its_pages_are_there_without_the_slug(theatre: Organization, event: Event) -> None:
    make_product(theatre)
    short = event_path(event).removeprefix(f"/{theatre.slug}")

    for path in (
        "/",
        short,
        f"{short}/event.ics",
        "/calendar",
        "/calendar.ics",
        "/trips",
        "/products",
        "/sitemap.xml",
    ):
        assert at_home(path).status_code == 200, path
    for path in ("/", short, "/calendar", "/products"):
        own = [link for link in links_of(at_home(path)) if f"/{theatre.slug}" in link]
        assert own == [], path


def test_on_both_hosts_links_stay_where_one_is(theatre: Organization, event: Event) -> None:
    path = event_path(event)
    short = path.removeprefix(f"/{theatre.slug}")

    own, platform = at_home(short).content.decode(), look(path).content.decode()

    assert f'action="{short}/choose"' in own
    assert f'action="{path}/choose"' in platform
    assert f'<link rel="canonical" href="https://{DOMAIN}{short}">' in own
    assert f'<link rel="canonical" href="https://{DOMAIN}{short}">' in platform


def test_the_slug_is_understood_there_too(theatre: Organization, event: Event) -> None:
    path = event_path(event)

    answer = at_home(f"{path}?lang=fr")

    assert (answer.status_code, answer["Location"]) == (
        301,
        path.removeprefix(f"/{theatre.slug}") + "?lang=fr",
    )
    assert at_home(f"/{theatre.slug}/calendar").status_code == 200


def test_other_shops_are_not_there(theatre: Organization) -> None:
    other = make_organization()

    assert at_home(f"/{other.slug}/").status_code == 404
    assert at_home(f"{event_path(make_event(other))}").status_code == 404


def test_what_belongs_to_kassa_stays_as_it_is(theatre: Organization) -> None:
    assert at_home("/healthz").content == b"ok\n"
    assert at_home("/api/v1/openapi.json").status_code == 200
    assert at_home("/orders/x").status_code == 404
    assert at_home("/static/web/icon.svg").status_code == 200
    assert at_home("/favicon.ico")["Content-Type"] == "image/x-icon"
    assert at_home("/robots.txt").content.decode().endswith(f"Sitemap: https://{DOMAIN}/sitemap.xml\n")


@pytest.mark.parametrize("host", ["TICKETS.Theatre.example", f"{DOMAIN}:8443", f"{DOMAIN}."])
def test_however_the_domain_is_written(theatre: Organization, host: str) -> None:
    assert "Harbour Hall" in at_home("/", host=host).content.decode()
    assert 'href="/api/v1/docs"' not in at_home("/", host=host).content.decode()


def test_a_domain_that_is_nobodys_shows_kassa_and_is_remembered(theatre: Organization) -> None:
    at_home("/", host="unknown.example")

    with CaptureQueriesContext(connection) as asked:
        answer = at_home("/", host="unknown.example")
        at_home("/api/v1/openapi.json", host="other.example")

    assert 'href="/api/v1/docs"' in answer.content.decode()
    assert len(asked) == 0


def test_its_domain_is_not_in_the_index_of_kassa(theatre: Organization) -> None:
    assert theatre.slug not in look("/sitemap.xml").content.decode()
    assert f"<loc>https://{DOMAIN}/</loc>" in at_home("/sitemap.xml").content.decode()


def test_staff_set_the_domain_and_the_sites_that_may_embed() -> None:
    organization = make_organization()
    api = make_api_client(organization)

    changed = api.patch(
        "/api/v1/organization",
        {"custom_domain": DOMAIN, "settings": {"embed_sites": ["https://a.example"]}},
    )
    refused = api.patch("/api/v1/organization", {"custom_domain": "https://x"})
    clear_caches()

    assert changed.json()["settings"]["embed_sites"] == ["https://a.example"]
    assert refused.json()["errors"][0]["field"] == "custom_domain"
    assert "Harbour Hall" in at_home("/").content.decode()


def test_a_request_leaves_nothing_behind_for_the_next(theatre: Organization, event: Event) -> None:
    at_home("/")

    assert f'action="{event_path(event)}/choose"' in look(event_path(event)).content.decode()
