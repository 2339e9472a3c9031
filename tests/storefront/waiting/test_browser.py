"""Browsers in a line: drawn, moving, let in one after the other; the draw in script is that in Python."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect, sync_playwright

from kassa.core.clock import utc_now
from kassa.core.ttl_cache import clear_caches
from kassa.waiting.domain.draw import commitment, drawn_rank
from kassa.waiting.domain.join import take_numbers
from kassa.waiting.models import Entry, WaitingRoom
from tests.support.factories import make_event, make_organization
from tests.waiting.factories import make_room

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = {"width": 390, "height": 844}
"""Milliseconds; a browser asks every few seconds."""


@pytest.fixture
def browser(chromium: str) -> Iterator[Any]:
    clear_caches()
    with sync_playwright() as running:
        started = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


def open_page(browser: Any, address: str, **options: Any) -> tuple[Any, list[str]]:
    """Open a page in a window of its own; return it, and what the browser complains of."""
    page = browser.new_context(viewport=PHONE, locale="en", **options).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    return page, complaints


def set_room(room: WaitingRoom, **values: Any) -> None:
    WaitingRoom.objects.of(room.organization_id).filter(id=room.id).update(**values)
    clear_caches()


def paused_room(live_server: Any, **changes: Any) -> tuple[WaitingRoom, str]:
    """Return a room that calls nobody by itself, and its address; the way on is the health page."""
    now = utc_now()
    event = make_event(make_organization(), title="Night of Strings")
    room = make_room(event, now=now, **{"starts_at": now, "is_paused": True, **changes})
    page = reverse("waiting:room", args=(event.organization.slug, event.id))
    return room, f"{live_server.url}{page}?next=/healthz"


def test_two_browsers_are_let_in_in_order(live_server: Any, browser: Any) -> None:
    room, address = paused_room(live_server)
    take_numbers(room.organization_id, room_id=room.id, count=1_000, now=utc_now())
    clear_caches()
    first, complaints = open_page(browser, address)
    expect(first.get_by_text("1,000", exact=True)).to_be_visible()
    expect(first).to_have_title("1,000 people before you · Night of Strings")
    second, more = open_page(browser, address)
    expect(second.get_by_text("1,001", exact=True)).to_be_visible()
    expect(second.get_by_text("The line stands still for a moment.").last).to_be_visible()

    set_room(room, served_millionths=999_000_000)
    expect(first).to_have_title("1 person before you · Night of Strings")
    first.reload()  # a place survives it
    expect(first).to_have_title("1 person before you · Night of Strings")

    set_room(room, served_millionths=1_001_000_000)
    first.wait_for_url(f"{live_server.url}/healthz")
    expect(second).to_have_title("You are next · Night of Strings")
    assert [one.number for one in Entry.objects.of(room.organization_id)] == [1_001]

    set_room(room, served_millionths=1_002_000_000)
    second.wait_for_url(f"{live_server.url}/healthz")
    entered = Entry.objects.of(room.organization_id).order_by("entered_at").values_list("number", flat=True)
    assert list(entered) == [1_001, 1_002]
    assert complaints + more == []


def test_draw_happens_while_one_looks(live_server: Any, browser: Any) -> None:
    room, address = paused_room(live_server, starts_at=utc_now() + timedelta(minutes=10), is_paused=True)
    page, complaints = open_page(browser, address)
    expect(page.get_by_role("heading", name="You are in the waiting room")).to_be_visible()
    take_numbers(room.organization_id, room_id=room.id, count=499, now=utc_now())
    expect(page.get_by_text("until the places are drawn")).to_be_visible()
    now = utc_now()
    set_room(room, opens_at=now - timedelta(minutes=1), starts_at=now, served_since=now)
    page.reload()
    expect(page.get_by_role("heading", name="You are in the line")).to_be_visible()
    told = page.evaluate("fetch(location.pathname + '/now').then((answer) => answer.json())")
    rank = drawn_rank(bytes.fromhex(told["seed"]), 1, 500)

    assert told["drawn"] == 500
    expect(page.locator('[data-show="rank"]')).to_have_text(f"{rank:,}")
    assert complaints == []


def test_script_draws_as_python_does(live_server: Any, browser: Any) -> None:
    _, address = paused_room(live_server)
    page, _ = open_page(browser, address)
    seed = bytes(range(7, 39))
    cases = [
        (number, drawn) for drawn in (1, 2, 3, 10, 777, 100_000) for number in {1, drawn, drawn // 2 + 1}
    ]
    found = page.evaluate(
        """async ([seed, cases]) => {
            const { drawnRank, fromHex, commitmentTo } = await import("/static/storefront/waiting/draw.js");
            const bytes = fromHex(seed);
            return [cases.map(([number, drawn]) => drawnRank(bytes, number, drawn)), commitmentTo(bytes)];
        }""",
        [seed.hex(), cases],
    )

    assert found == [[drawn_rank(seed, number, drawn) for number, drawn in cases], commitment(seed)]


def test_lost_connection_is_said_and_forgiven(live_server: Any, browser: Any) -> None:
    room, address = paused_room(live_server)
    take_numbers(room.organization_id, room_id=room.id, count=5, now=utc_now())
    clear_caches()
    page, _ = open_page(browser, address)
    expect(page).to_have_title("5 people before you · Night of Strings")
    page.context.set_offline(True)
    expect(page.get_by_text("No connection just now.")).to_be_visible()
    expect(page.get_by_text("people before you", exact=True)).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("No connection just now.")).to_be_hidden()


@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 900}], ids=["phone", "desktop"])
def test_without_scripts_the_page_leads_through(live_server: Any, browser: Any, viewport: Any) -> None:
    room, address = paused_room(live_server)
    page = browser.new_context(viewport=viewport, java_script_enabled=False, locale="fr").new_page()
    page.goto(address)
    page.get_by_role("button", name="Prendre une place dans la file").click()
    expect(page.get_by_text("Plus personne avant vous")).to_be_visible()
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width == 0
    set_room(room, served_millionths=1_000_000)
    page.reload()
    page.get_by_role("button", name="Entrer maintenant").click()
    expect(page).to_have_url(f"{live_server.url}/healthz")
