"""The script that organisers put into their own websites, and what it asks for."""

from __future__ import annotations

import pytest

from kassa.catalog.models import Event
from kassa.core.ids import new_id
from tests.storefront.choose.stage import Stage
from tests.support.factories import prove_domain

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_script_is_sent_to_any_website_and_kept() -> None:
    browser = Stage().browser

    answer = browser.get("/embed.js")

    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "max-age=86400" in answer["Cache-Control"]
    assert not answer.cookies
    again = browser.get("/embed.js", HTTP_IF_NONE_MATCH=answer["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_a_website_learns_where_an_event_is() -> None:
    stage = Stage()

    answer = stage.browser.get(f"/embed/{stage.event.id}")

    assert answer.json() == {
        "address": f"http://127.0.0.1:8000/{stage.organization.slug}/events/night-of-strings-{stage.event.id}",
        "title": "Night of Strings",
    }
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert not answer.cookies


def test_an_own_domain_is_where_the_event_is() -> None:
    stage = Stage()
    prove_domain(stage.organization, "tickets.harbour.example")

    address = stage.browser.get(f"/embed/{stage.event.id}").json()["address"]

    assert address.startswith("https://tickets.harbour.example/events/")


def test_what_nobody_may_see_is_not_there() -> None:
    stage = Stage()
    events = Event.objects.of(stage.organization.id)

    unknown = stage.browser.get(f"/embed/{new_id()}")
    events.update(status="draft")
    draft = stage.browser.get(f"/embed/{stage.event.id}")
    events.update(status="published", visibility="private")
    private = stage.browser.get(f"/embed/{stage.event.id}")

    assert [answer.status_code for answer in (unknown, draft, private)] == [404, 404, 404]
    assert unknown["Access-Control-Allow-Origin"] == "*"
