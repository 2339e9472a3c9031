"""What is left and where seats are, for whoever looks at an event's page."""

from __future__ import annotations

import gzip

import orjson
import pytest

from kassa.catalog.models import Event
from kassa.core.ttl_cache import clear_caches
from tests.storefront.choose.stage import Stage
from tests.support.factories import make_event, make_ticket_type

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_left_is_told_to_everybody_and_may_be_kept_for_a_second() -> None:
    stage = Stage()
    standing = make_ticket_type(stage.event, quantity=7)
    make_ticket_type(stage.event, is_hidden=True)

    answer = stage.browser.get(f"{stage.path}/availability")

    assert answer.json() == {
        "event": str(stage.event.id),
        "status": "published",
        "ticket_types": [{"id": str(standing.id), "left": 7}],
    }
    assert answer["Cache-Control"].startswith("public, max-age=1,")
    assert not answer.cookies
    again = stage.browser.get(f"{stage.path}/availability", HTTP_IF_NONE_MATCH=answer["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_seats_are_told_as_letters_and_compressed() -> None:
    stage = Stage()
    stage.seat_hall()
    stage.choose({"seat": "0"})
    clear_caches()

    plain = stage.browser.get(f"{stage.path}/availability", {"seats": "1"})
    packed = stage.browser.get(f"{stage.path}/availability", {"seats": "1"}, HTTP_ACCEPT_ENCODING="gzip")

    assert plain.json()["seats"] == "h" + "a" * 47
    body = gzip.decompress(packed.content) if packed.get("Content-Encoding") == "gzip" else packed.content
    assert body == plain.content
    assert packed["ETag"] == plain["ETag"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"status": "draft"}, 404),
        ({"visibility": "private"}, 404),
        ({"visibility": "unlisted"}, 200),
        ({"status": "cancelled"}, 200),
    ],
    ids=["draft", "private", "unlisted", "cancelled"],
)
@pytest.mark.parametrize("document", ["availability", "seats.json"])
def test_only_what_everybody_may_see_is_told(changes: dict[str, str], status: int, document: str) -> None:
    stage = Stage()
    stage.seat_hall()
    Event.objects.of(stage.organization.id).update(**changes)
    clear_caches()

    assert stage.browser.get(f"{stage.path}/{document}").status_code == status


def test_an_event_of_another_shop_is_not_found() -> None:
    stage, other = Stage(), Stage()
    path = f"/{stage.organization.slug}/events/{other.event.id}"

    assert stage.browser.get(f"{path}/availability").status_code == 404
    assert stage.browser.get(f"{path}/seats.json").status_code == 404
    assert stage.browser.get(f"/nobody/events/{other.event.id}/availability").status_code == 404


def test_a_plan_is_kept_for_good_under_its_version() -> None:
    stage = Stage()
    stage.seat_hall()
    address = f"{stage.path}/seats.json"

    plain = stage.browser.get(address)
    version = plain["ETag"].strip('W/"')
    kept = stage.browser.get(address, {"v": version}, HTTP_ACCEPT_ENCODING="gzip, br")

    assert plain["Cache-Control"] == "public, max-age=60"
    assert "immutable" in kept["Cache-Control"]
    assert kept["Content-Encoding"] == "gzip"
    assert orjson.loads(gzip.decompress(kept.content)) == plain.json()
    assert stage.browser.get(address, HTTP_IF_NONE_MATCH=plain["ETag"]).status_code == 304


def test_an_event_without_seats_has_no_plan() -> None:
    stage = Stage()
    make_ticket_type(stage.event)

    assert stage.browser.get(f"{stage.path}/seats.json").status_code == 404


def test_asking_again_costs_no_query(django_assert_num_queries: object) -> None:
    stage = Stage()
    make_ticket_type(make_event(stage.organization))
    clear_caches()
    stage.browser.get(f"{stage.path}/availability")

    with django_assert_num_queries(0):  # type: ignore[operator]
        stage.browser.get(f"{stage.path}/availability")
