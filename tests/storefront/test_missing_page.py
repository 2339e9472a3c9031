"""An address at which there is nothing: people get a page, programs a problem."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.support.factories import make_organization

pytestmark = pytest.mark.django_db
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "fr"}


@pytest.mark.parametrize("path", ["/nowhere/at/all", "/nowhere/", "/orders/", "/static/nothing.css"])
def test_people_get_a_page(path: str) -> None:
    answer = Client().get(path, headers=BROWSER)

    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")
    assert b'<html lang="fr">' in answer.content
    assert "script-src 'self'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("path", "headers"), [("/nowhere/at/all", {}), ("/api/v1/nothing", BROWSER)], ids=["program", "api"]
)
def test_programs_get_a_problem(path: str, headers: dict[str, str]) -> None:
    answer = Client().get(path, headers=headers)

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("query", "host"), [("", "a_b.example"), ("a=1&" * 6_000, "testserver")], ids=["host", "fields"]
)
def test_what_is_no_request_is_not_our_fault(query: str, host: str) -> None:
    answer = Client().get(f"/account/login/?{query}", headers={"Host": host})

    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_request"


@pytest.mark.parametrize("rest", ["nothing", "events/nothing", "events/01a22c80-843c-73d5-b07e-fbb407f8d389"])
def test_what_a_shop_does_not_have_is_said_in_its_own_frame(rest: str) -> None:
    organization = make_organization()

    page = Client().get(f"/{organization.slug}/{rest}", headers=BROWSER)

    assert page.status_code == 404
    text = page.content.decode()
    assert "Page introuvable" in text
    assert f'href="/{organization.slug}/"' in text
    assert f"{organization.slug}/colors.css" in text
