"""The waiting room's pages over HTTP: one document for everybody, a place of one's own, and the way in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.ttl_cache import clear_caches
from kassa.storefront.waiting.addresses import next_address
from kassa.storefront.waiting.cookies import PASS, PLACE
from kassa.storefront.waiting.gate import send_to_wait, stay_in
from kassa.storefront.waiting.words import WORDS, wait_text
from kassa.waiting.domain.draw import commitment
from kassa.waiting.domain.join import take_numbers
from kassa.waiting.domain.passes import is_let_in
from kassa.waiting.domain.places import place_token, seed_of
from kassa.waiting.domain.rooms import take_room_away
from kassa.waiting.models import Entry, WaitingRoom
from tests.support.factories import make_event, make_organization
from tests.waiting.factories import make_room

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
AS_SCRIPT: dict[str, Any] = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    clear_caches()


def running_room(*, called: int = 0, joined: int = 0, **changes: Any) -> WaitingRoom:
    """Return a room whose line has just started and has called so many."""
    now = utc_now()
    event = make_event(make_organization(), title="Night of Strings")
    room = make_room(event, now=now, **{"starts_at": now, "rate_per_minute": 1, **changes})
    if joined:
        take_numbers(room.organization_id, room_id=room.id, count=joined, now=now)
    WaitingRoom.objects.of(room.organization_id).update(served_millionths=called * 1_000_000)
    clear_caches()
    return room


def address(room: WaitingRoom, page: str = "") -> str:
    return f"/waiting/{room.event.organization.slug}/{room.event_id}{page}"


def take(browser: Client, room: WaitingRoom) -> int:
    answer = browser.post(address(room, "/place"), **AS_SCRIPT)
    assert answer.status_code == 200
    number = answer.json()["number"]
    assert isinstance(number, int)
    return number


def test_now_is_small_public_and_the_same_for_everybody(django_assert_num_queries: Any) -> None:
    room = running_room(called=3, joined=9)
    first = Client().get(address(room, "/now"))
    told = first.json()

    assert (told["state"], told["joined"], told["drawn"], told["serving"]) == ("running", 9, 0, 3)
    assert told["commitment"] == commitment(bytes.fromhex(told["seed"]))
    assert bytes.fromhex(told["seed"]) == seed_of(room.organization_id, room.id)
    assert len(first.content) < 500
    assert first["Cache-Control"] == "public, max-age=1, stale-while-revalidate=5, stale-if-error=60"
    assert "Vary" not in first
    assert not first.cookies
    with django_assert_num_queries(0):
        again = Client(headers={"Cookie": f"{PLACE}=x"}).get(address(room, "/now"))
        unchanged = Client().get(address(room, "/now"), HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.content == first.content
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    head = Client().head(address(room, "/now"))
    assert (head.status_code, head["ETag"]) == (200, first["ETag"])
    assert Client().post(address(room, "/now")).status_code == 405


def test_seed_is_a_secret_until_the_start() -> None:
    now = utc_now()
    room = make_room(make_event(make_organization()), now=now, starts_at=now + timedelta(minutes=5))
    told = Client().get(address(room, "/now")).json()

    assert (told["state"], told["seed"], told["drawn"], told["serving"]) == ("gathering", None, None, 0)


@pytest.mark.parametrize("page", ["", "/now", "/line"])
def test_address_of_nothing_is_nothing(page: str) -> None:
    room = running_room()
    assert Client().get(f"/waiting/nobody/{room.event_id}{page}").status_code == 404
    draft = make_event(room.event.organization, status="draft")
    answer = Client().get(f"/waiting/{room.event.organization.slug}/{draft.id}{page}")
    assert answer.status_code == (200 if page == "/now" else 404)


def test_place_stays_over_reloads_without_another_write(django_assert_num_queries: Any) -> None:
    room, browser = running_room(), Client()
    number = take(browser, room)
    cookie = browser.cookies[PLACE]

    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", address(room))
    with django_assert_num_queries(0):
        assert take(browser, room) == number
    assert take(Client(), room) == number + 1


def test_forged_place_is_replaced_by_a_real_one() -> None:
    room, browser = running_room(joined=5), Client()
    other = running_room(joined=1)
    for token in (
        "forged",
        place_token(other.organization_id, other.id, 1),
        place_token(room.organization_id, other.id, 1),
    ):
        browser.cookies[PLACE] = token
        take(browser, room)

    room.refresh_from_db()
    assert room.joined == 8


def test_called_buyer_goes_in_and_on() -> None:
    room, browser = running_room(called=1), Client()
    take(browser, room)
    clear_caches()
    answer = browser.post(address(room, "/entry"), {"next": "/shop/strings?seats=2"})

    assert (answer.status_code, answer["Location"]) == (303, "/shop/strings?seats=2")
    cookie = browser.cookies[f"{PASS}{room.event_id.hex}"]
    assert (cookie["httponly"], cookie["path"], cookie["samesite"]) == (True, "/", "Lax")
    assert 590 <= int(cookie["max-age"]) <= 600
    assert is_let_in(room.organization_id, event_ids=[room.event_id], tokens=[cookie.value], now=utc_now())


def test_who_is_not_called_comes_back_to_wait() -> None:
    room, browser = running_room(joined=50), Client()
    take(browser, room)
    answer = browser.post(address(room, "/entry"), {"next": "/shop"})

    assert (answer.status_code, answer["Location"]) == (303, f"{address(room)}?next=/shop")
    assert not Entry.objects.of(room.organization_id).exists()
    assert list(browser.cookies) == [PLACE]


def test_used_place_can_be_given_up_for_another() -> None:
    room, browser = running_room(called=1), Client()
    take(browser, room)
    clear_caches()
    browser.post(address(room, "/entry"))
    Entry.objects.of(room.organization_id).update(expires_at=utc_now())
    used = browser.post(address(room, "/entry"))

    assert used.status_code == 409
    assert WORDS["en"]["used_title"] in used.content.decode()
    assert browser.post(address(room, "/place"), {"again": "1"}).status_code == 303
    assert take(browser, room) == 2


@pytest.mark.parametrize("page", ["/place", "/entry"])
def test_other_sites_send_nothing(page: str) -> None:
    room = running_room(called=1)
    senders: list[dict[str, Any]] = [
        {"HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_ORIGIN": "https://elsewhere.example"},
    ]
    for headers in senders:
        assert Client().post(address(room, page), **headers).status_code == 403
    room.refresh_from_db()
    assert room.joined == 0


@pytest.mark.parametrize(
    "wanted",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        "/a\nb",
        "shop",
        "",
        "/" + "x" * 3000,
    ],
)
def test_next_stays_on_this_site(wanted: str) -> None:
    assert next_address(RequestFactory().get("/", {"next": wanted})) == "/"
    assert next_address(RequestFactory().post("/", {"next": "/shop?a=1#b"})) == "/shop?a=1#b"


def test_page_is_the_same_for_everybody_and_strict() -> None:
    room, browser = running_room(joined=5), Client()
    before = browser.get(address(room), {"next": "/shop"})
    take(browser, room)
    after = browser.get(address(room), {"next": "/shop"})

    assert before.content == after.content
    assert before["Cache-Control"].startswith("public, max-age=5")
    policy = before["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    text = before.content.decode()
    assert " style=" not in text
    assert " onclick=" not in text
    assert f'url={address(room)}/line?next=/shop"' in text
    assert len(before.content) < 12_000


@pytest.mark.parametrize(("language", "words"), WORDS.items())
def test_pages_speak_both_languages(language: str, words: dict[str, str]) -> None:
    room = running_room(joined=1_500, rate_per_minute=60)
    # Nobody is called while the pages are written, however long that takes on a busy machine.
    WaitingRoom.objects.of(room.organization_id).update(served_since=utc_now() + 50 * SECOND)
    browser = Client(headers={"Accept-Language": language})
    page = browser.get(address(room))
    take(browser, room)
    line = browser.get(address(room, "/line"))

    assert page["Vary"] == "Accept-Language, Accept-Encoding"
    for answer in (page, line):
        assert f'<html lang="{language}">' in answer.content.decode()
        assert words["line_title"] in answer.content.decode()
    assert words["ahead_many"].format(n="1" + words["thousands"] + "500") in line.content.decode()
    assert (
        wait_text(words, 26 * 60) in line.content.decode()
        or wait_text(words, 25 * 60) in line.content.decode()
    )
    assert 'http-equiv="refresh" content="10"' in line.content.decode()
    assert line["Cache-Control"].startswith("max-age=0")


def test_both_languages_say_the_same_things() -> None:
    assert WORDS["en"].keys() == WORDS["fr"].keys()


def test_without_scripts_one_joins_waits_and_goes_in() -> None:
    room, browser = running_room(called=1), Client()
    outside = browser.get(address(room, "/line"), {"next": "/shop"}).content.decode()
    assert WORDS["en"]["join"] in outside
    joined = browser.post(address(room, "/place"), {"plain": "1", "next": "/shop"})
    assert joined["Location"] == f"{address(room)}/line?next=/shop"
    clear_caches()
    called = browser.get(joined["Location"]).content.decode()
    assert WORDS["en"]["called_title"] in called
    assert 'http-equiv="refresh"' not in called
    assert browser.post(address(room, "/entry"), {"plain": "1", "next": "/shop"})["Location"] == "/shop"


def test_room_that_is_gone_lets_everybody_on() -> None:
    room, browser = running_room(joined=9), Client()
    take(browser, room)
    take_room_away(CommandContext.system(room.organization_id, now=utc_now()), room.event_id)

    assert browser.get(address(room, "/now")).json() == {"state": "over"}
    assert browser.post(address(room, "/place"), **AS_SCRIPT).json() == {"number": None}
    assert browser.post(address(room, "/entry"), {"next": "/shop"})["Location"] == "/shop"
    assert WORDS["en"]["over_title"] in browser.get(address(room, "/line")).content.decode()


def test_shop_sends_to_wait_and_takes_back() -> None:
    room, browser = running_room(called=1), Client()
    organization_id, events = room.organization_id, [room.event_id]
    request = RequestFactory().get("/shop/strings", {"seats": "2"})
    sent = send_to_wait(request, organization_id, events, now=utc_now())

    assert sent is not None
    assert sent["Location"].endswith(f"{address(room)}?next={quote('/shop/strings?seats=2', safe='/')}")
    take(browser, room)
    clear_caches()
    browser.post(address(room, "/entry"))
    for name, cookie in browser.cookies.items():
        request.COOKIES[name] = cookie.value
    now = utc_now()
    assert send_to_wait(request, organization_id, events, now=now) is None
    early, late = HttpResponse(), HttpResponse()
    stay_in(request, early, organization_id, events, now=now)
    stay_in(request, late, organization_id, events, now=now + timedelta(minutes=6))
    assert not early.cookies
    assert list(late.cookies) == [f"{PASS}{room.event_id.hex}"]


def test_event_without_a_room_is_open() -> None:
    event = make_event(make_organization())
    request = RequestFactory().get("/shop")

    assert send_to_wait(request, event.organization_id, [event.id], now=utc_now()) is None
    page = Client().get(f"/waiting/{event.organization.slug}/{event.id}/line").content.decode()
    assert WORDS["en"]["over_title"] in page
