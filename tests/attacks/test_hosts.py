"""Only hosts that are listed, or proven by an organisation, are served: on every address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import Client, override_settings

from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.ttl_cache import clear_caches
from kassa.organizations.domain.domain_proof import FILE_PATH
from kassa.organizations.domain.domains import name_domain
from tests.attacks.undone import undone
from tests.contract.test_none_one_many import ROUTES, Shop, address_of, make_shop
from tests.storefront.shop.pages import event_path
from tests.support.api_client import make_api_client
from tests.support.factories import make_organization, prove_domain

BROWSER = Client(raise_request_exception=False)
OWN, FOREIGN = "kassa.example", "evil.example"
PROVEN, CLAIMED = "tickets.theatre.example", "tickets.claimed.example"
LISTED = override_settings(SERVED_HOSTS=(OWN, ".partner.example"))


@pytest.fixture(scope="module")
def shop(django_db_setup: None, django_db_blocker: Any) -> Iterator[Shop]:
    with django_db_blocker.unblock(), undone():
        made = make_shop(1)
        prove_domain(made.organization, PROVEN)
        name_domain(CommandContext.system(make_organization().id, now=utc_now()), CLAIMED)
        clear_caches()
        yield made
    clear_caches()


def status(path: str, host: str, method: str = "get", **headers: str) -> int:
    found: int = getattr(BROWSER, method)(path, HTTP_HOST=host, **headers).status_code
    return found


@LISTED
@pytest.mark.parametrize("route", ROUTES)
def test_no_address_answers_for_a_foreign_host(route: str, shop: Shop) -> None:
    path = address_of(route, shop)
    if path in (
        "/healthz",
        FILE_PATH,
    ):  # load balancers ask by address; a domain is proven before it is served
        assert status(path, FOREIGN) in (200, 404)
        return
    for method in ("get", "post"):
        answer = getattr(BROWSER, method)(path, HTTP_HOST=FOREIGN, HTTP_ACCEPT="text/html")
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
        assert FOREIGN not in answer.content.decode()


@LISTED
def test_neither_do_quick_answers_and_files(shop: Shop) -> None:
    """Each of these is answered before Django itself would look at the host."""
    key = {"HTTP_AUTHORIZATION": f"Bearer {make_api_client(shop.organization).secret}"}
    quick = {
        f"/api/v1/events/{shop.event.id}/availability": key,
        "/api/v1/orders": key,
        "/api/orders": key,
        event_path(shop.event): {},
        f"/waiting/{shop.organization.slug}/{shop.event.id}/now": {},
        staticfiles_storage.url("checkout/countdown.js"): {},
        "/embed.js": {},
    }
    for path, headers in quick.items():
        assert status(path, OWN, **headers) in (200, 404), path  # the control; no waiting room is open
        assert status(path, FOREIGN, **headers) == 400, path
        assert status(path, f"{OWN}:8000", **headers) != 400, path
    clear_caches()


@LISTED
@pytest.mark.parametrize(
    ("host", "is_served"),
    [
        (OWN, True),
        (OWN.upper(), True),
        (f"{OWN}.", True),
        ("shop.partner.example", True),
        (PROVEN, True),
        (f"{PROVEN}:443", True),
        (CLAIMED, False),
        ("www.theatre.example", False),
        (f"{OWN}.evil.example", False),
        (f"{FOREIGN}#{OWN}", False),
        (f"{OWN}@{FOREIGN}", False),
        ("", False),
        ("127.0.0.1:8000", False),
        ("[::1]", False),
    ],
)
def test_what_counts_is_the_whole_name(host: str, is_served: bool, shop: Shop) -> None:
    assert (status("/robots.txt", host) == 200) is is_served


def test_any_host_is_served_in_a_trial(shop: Shop) -> None:
    """The control: without a list the same attack reaches the page."""
    assert status(event_path(shop.event), FOREIGN) == 200
