"""No page takes a form that another site has sent: all addresses there are are tried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tests.attacks.undone import undone
from tests.contract.test_none_one_many import ROUTES, Shop, address_of, make_shop
from tests.storefront.account.visitor import Visitor, make_person, signed_in

FOR_PROGRAMS = ("healthz", "unsubscribe/")
"""What programs ask for: one does nothing, the other takes no cookie, but the secret of its address."""
FOREIGN: list[dict[str, Any]] = [
    {"HTTP_ORIGIN": "https://evil.example", "HTTP_SEC_FETCH_SITE": "cross-site"},
    {"HTTP_ORIGIN": "null", "HTTP_SEC_FETCH_SITE": "cross-site"},
    {"HTTP_ORIGIN": "http://sub.testserver", "HTTP_SEC_FETCH_SITE": "same-site"},
    {"HTTP_ORIGIN": "https://evil.example"},
    {"HTTP_ORIGIN": "null"},
]
TOKEN = "x" * 32


@pytest.fixture(scope="module")
def shop(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Shop, Visitor]]:
    """A shop that has sold something, and the browser of somebody who is signed in."""
    with django_db_blocker.unblock(), undone():
        member = signed_in(make_person(f"{uuid4().hex}@example.org"))
        member.handler.enforce_csrf_checks = True
        yield make_shop(1), member


@pytest.mark.parametrize("route", [one for one in ROUTES if not one.startswith(FOR_PROGRAMS)])
def test_no_page_takes_the_form_of_another_site(route: str, shop: tuple[Shop, Visitor]) -> None:
    made, member = shop
    address = address_of(route, made)

    refused = {
        member.post(address, {"token": "x"}, HTTP_ACCEPT="text/html", **sent).status_code for sent in FOREIGN
    }

    assert refused <= {403} or refused <= {404, 405}
    if refused == {403}:  # the control: our own pages send it
        browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
        browser.cookies["kassa_csrf"] = TOKEN
        own: dict[str, Any] = {"HTTP_ORIGIN": "http://testserver", "HTTP_SEC_FETCH_SITE": "same-origin"}
        assert browser.post(address, {"csrfmiddlewaretoken": TOKEN}, **own).status_code != 403
