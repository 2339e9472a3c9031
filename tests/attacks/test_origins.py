"""Forms of other origins are refused, and an origin is a scheme, a host and a port."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, override_settings

from kassa.core.ttl_cache import clear_caches
from kassa.organizations.models import Organization
from tests.storefront.shop.pages import event_path
from tests.support.factories import make_event, make_organization, make_ticket_type, prove_domain

pytestmark = pytest.mark.django_db(transaction=True)
HTTPS = override_settings(BASE_URL="https://kassa.example")


def send(path: str, origin: str, host: str = "kassa.example") -> int:
    """Send the form of an event's page; 403: it is refused as another site's."""
    browser = Client(raise_request_exception=False)
    answer: Any = browser.post(path, {}, HTTP_ORIGIN=origin, HTTP_HOST=host)
    return int(answer.status_code)


@pytest.fixture
def path() -> str:
    event = make_event(make_organization())
    make_ticket_type(event)
    clear_caches()
    return f"{event_path(event)}/choose"


@HTTPS
@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://kassa.example", "kassa.example"),
        ("https://kassa.example:8443", "kassa.example"),
        ("https://kassa.example", "kassa.example:8443"),
        ("https://kassa.example.evil.example", "kassa.example"),
        ("https://evil.example", "kassa.example"),
        ("null", "kassa.example"),
        ("kassa.example", "kassa.example"),
        ("ftp://kassa.example", "kassa.example"),
    ],
)
def test_another_origin_sends_no_form(path: str, origin: str, host: str) -> None:
    assert send(path, origin, host) == 403


@HTTPS
@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://kassa.example", "kassa.example"),
        ("https://kassa.example", "kassa.example:443"),
        ("https://KASSA.example", "kassa.example"),
        ("https://kassa.example:8443", "kassa.example:8443"),
    ],
)
def test_our_own_does(path: str, origin: str, host: str) -> None:
    assert send(path, origin, host) != 403


def test_plain_http_is_our_own_where_kassa_is_at_home_there(path: str) -> None:
    """The control: on a machine of one's own, and behind a proxy that Kassa was not told of."""
    assert send(path, "http://kassa.example") != 403
    assert send(path, "https://kassa.example") != 403


@HTTPS
def test_so_it_is_on_a_domain_of_an_organisations_own(path: str) -> None:
    domain = "tickets.theatre.example"
    organization = Organization.objects.get()
    prove_domain(organization, domain)
    clear_caches()
    below = path.removeprefix(f"/{organization.slug}")

    assert send(below, f"https://{domain}", domain) != 403
    assert send(below, "https://kassa.example", domain) == 403
