"""Every answer says what browsers may do with it, whatever has become of the request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import Client, override_settings
from psycopg import OperationalError

from kassa.api.breaker import forget_failure, note_failure
from kassa.security import NOTHING
from tests.attacks.safe_headers import assert_safe
from tests.attacks.undone import undone
from tests.contract.test_none_one_many import ROUTES, Shop, address_of, make_shop
from tests.storefront.account.visitor import Visitor, make_person, signed_in
from tests.support.api_client import make_api_client
from tests.support.factories import make_picture

PERSONAL = (
    "account/",
    "orders/",
    "tickets/",
    "transfers/",
    "unsubscribe/",
    "mailbox/",
    "demo-bank/",
    "webhooks/",
    "api/",
)
"""What the routes begin with whose answers are one person's, or tell programs about people."""
PERSONAL_PAGES = ("/cart", "/checkout/<str:token>")
FOR_OTHERS = ("pictures/", "embed.js")
BROWSER = Client(raise_request_exception=False)


@pytest.fixture(scope="module")
def shop(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Shop, Visitor]]:
    """A shop that has sold something, and the browser of somebody with an account."""
    with django_db_blocker.unblock(), undone():
        yield make_shop(1), signed_in(make_person(f"{uuid4().hex}@example.org"))


@pytest.mark.parametrize("route", ROUTES)
def test_every_address_says_so(route: str, shop: tuple[Shop, Visitor]) -> None:
    made, member = shop
    for browser in (BROWSER, member):
        for method in ("get", "post"):
            answer = getattr(browser, method)(address_of(route, made), HTTP_ACCEPT="text/html")
            assert_safe(answer.headers)
            is_personal = route.startswith(PERSONAL) or route.endswith(PERSONAL_PAGES)
            if is_personal:
                assert "no-store" in answer.headers["Cache-Control"], answer.headers["Cache-Control"]
            is_shared = answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
            assert is_shared == (route.startswith(FOR_OTHERS) or route.endswith(("/preview.png", "/qr.png")))


def test_problems_quick_answers_files_and_pictures_say_so(shop: tuple[Shop, Visitor]) -> None:
    made, _ = shop
    api = make_api_client(made.organization)
    picture = make_picture(made.organization)
    answers = {
        "availability": api.get(f"/api/v1/events/{made.event.id}/availability"),
        "no key": BROWSER.get("/api/v1/orders"),
        "no such address": BROWSER.get("/api/v1/nothing"),
        "no such page": BROWSER.get("/nothing/at/all", HTTP_ACCEPT="text/html"),
        "no such method": BROWSER.delete("/healthz"),
        "no form": BROWSER.post("/account/login/", b"\xff", content_type="multipart/form-data; boundary=x"),
        "health": BROWSER.get("/healthz"),
        "description": BROWSER.get("/api/v1/openapi.json"),
        "script": BROWSER.get(staticfiles_storage.url("checkout/countdown.js")),
        "waiting": BROWSER.get(f"/waiting/{made.organization.slug}/{made.event.id}/now"),
        "picture": BROWSER.get(f"/pictures/{picture.id}.svg"),
    }
    for name, answer in answers.items():
        assert_safe(answer.headers)
        if name in ("script", "picture"):
            assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answers["no key"].headers["Content-Security-Policy"] == NOTHING
    assert answers["no key"].headers["Cache-Control"] == "private, no-store"


def test_an_answer_while_the_database_is_away_says_so() -> None:
    note_failure(OperationalError("away"))
    answer = BROWSER.get("/api/v1/orders")
    forget_failure()

    assert answer.status_code == 503
    assert_safe(answer.headers)


def test_browsers_come_back_by_https_alone_where_kassa_is_at_home_there() -> None:
    """The control: here it is at http."""
    assert "Strict-Transport-Security" not in BROWSER.get("/healthz").headers
    with override_settings(HSTS_SECONDS=31_536_000):
        for path in ("/healthz", "/api/v1/orders", "/account/login/"):
            assert BROWSER.get(path).headers["Strict-Transport-Security"] == "max-age=31536000"


def test_the_policy_stands_before_everything_else() -> None:
    assert settings.MIDDLEWARE[0] == "kassa.security.guard"
