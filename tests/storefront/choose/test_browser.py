"""People choose: with a mouse, with the keyboard alone, with a finger on a phone, and on another website."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from playwright.sync_api import expect, sync_playwright

from kassa.core.clock import utc_now
from kassa.core.ttl_cache import clear_caches
from kassa.organizations.models import OrganizationSettings
from kassa.sales.models import Cart
from kassa.seating.models import EventSeat
from tests.storefront.choose.stage import Stage
from tests.support.factories import make_coupon, make_ticket_type

pytestmark = pytest.mark.django_db(transaction=True)
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 30_000
"""Milliseconds; the machine may be busy."""
TRIP: dict[str, Any] = {"kind": "trip", "origin": "Bristol", "destination": "London"}
DRAWN = "() => performance.getEntriesByName('plan-drawn').length === 1"


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    with sync_playwright() as running:
        started = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


def visit(browser: Any, live_server: Any, stage: Stage, **options: Any) -> tuple[Any, list[str]]:
    """Open the event's page in a window of its own; return it, and what the browser complains of."""
    clear_caches()
    context = browser.new_context(**{"viewport": DESKTOP, "locale": "en", **options})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server.url}{stage.path}")
    return page, complaints


def look_again(page: Any) -> None:
    """Let the page ask at once what is left, as when one comes back to it."""
    clear_caches()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def a_trip() -> tuple[Stage, Any, Any]:
    stage = Stage(**TRIP, ends_at=utc_now() + timedelta(days=31))
    return stage, *stage.seat_coach()


def point_of(page: Any, rank: int) -> tuple[float, float]:
    """Return where a seat is in the window, of a plan that is seen as a whole."""
    page.wait_for_function(DRAWN)
    page.locator(".plan-area").scroll_into_view_if_needed()
    found = page.evaluate(
        """async (rank) => {
            const figure = document.querySelector("figure[data-plan]");
            const plan = await (await fetch(figure.dataset.plan)).json();
            const area = figure.querySelector(".plan-area").getBoundingClientRect();
            const [wide, high] = plan.size;
            const canvas = figure.querySelector("canvas").getBoundingClientRect();
            const scale = Math.min(canvas.width / wide, canvas.height / high, 34 / plan.pitch);
            return [canvas.left + (canvas.width - wide * scale) / 2 + plan.x[rank] * scale,
                    canvas.top + (canvas.height - high * scale) / 2 + plan.y[rank] * scale];
        }""",
        rank,
    )
    return found[0], found[1]


def test_a_coach_by_mouse_with_a_coupon(live_server: Any, browser: Any) -> None:
    stage, *_ = a_trip()
    code = make_coupon(stage.organization).code
    page, complaints = visit(browser, live_server, stage)
    seats = stage.seats()

    page.mouse.move(*point_of(page, 1))
    expect(page.locator(".plan-bar")).to_have_text(
        f"Coach, row 1, seat {seats[1].number}, Adult €14.00, Child €7.00"
    )
    for rank in (0, 1, 2):
        page.mouse.click(*point_of(page, rank))
    page.mouse.click(*point_of(page, 0))
    chosen = page.get_by_role("list", name="Your seats").get_by_role("listitem")
    expect(chosen).to_have_count(2)
    chosen.nth(1).get_by_role("combobox").select_option(label="Child, €7.00")
    expect(page.locator("[data-total]")).to_have_text("2 tickets · €21.00")
    page.get_by_text("Do you have a coupon?").click()
    page.get_by_label("Coupon code").fill(code)
    expect(page.locator("[data-total]")).to_have_text("2 tickets · €18.90")
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/checkout/*")

    assert stage.held() == [("Adult", 1, 1), ("Child", 1, 1)]
    assert Cart.objects.of(stage.organization.id).get().coupon_code == code
    assert complaints == []
    page.context.close()


def test_a_coach_by_keyboard_alone_while_a_seat_is_taken(live_server: Any, browser: Any) -> None:
    stage, *_ = a_trip()
    page, complaints = visit(browser, live_server, stage)
    page.wait_for_function(DRAWN)
    said = page.locator("[data-told]")

    page.get_by_role("application", name="Seating plan").focus()
    page.keyboard.press("ArrowDown")
    expect(said).to_have_text("Coach, row 1, seat B, Adult €14.00, Child €7.00")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(said).to_have_text("Coach, row 2, seat C, Adult €14.00, Child €7.00")
    page.keyboard.press("Enter")
    expect(said).to_have_text("Coach, row 2, seat C is chosen.")
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    expect(said).to_have_text("Coach, row 2, seat A is chosen.")

    EventSeat.objects.of(stage.organization.id).filter(row="2", number="A").update(status="sold")
    look_again(page)
    gone = page.get_by_role("alert").filter(has_text="seat A")
    expect(gone).to_have_text("Coach, row 2, seat A has just been taken. Choose another seat.")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(said).to_have_text("Coach, row 2, seat A: taken")
    page.get_by_role("button", name="Continue").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/checkout/*")

    assert stage.held() == [("Adult", 1, 1)]
    assert complaints == []
    page.context.close()


def test_a_hall_with_a_finger_on_a_phone_in_french(live_server: Any, browser: Any) -> None:
    stage = Stage()
    stage.seat_hall()
    page, complaints = visit(
        browser, live_server, stage, viewport=PHONE, has_touch=True, locale="fr", color_scheme="dark"
    )
    ranks = [seat.rank for seat in stage.seats() if seat.row == "C"][:2]

    for rank in ranks:
        x, y = point_of(page, rank)
        page.touchscreen.tap(x, y)
        # The seats of this hall are large enough to be tapped at once.
        expect(page.locator(".seats li")).to_have_count(ranks.index(rank) + 1)
    expect(page.get_by_role("list", name="Vos places").get_by_role("listitem")).to_have_count(2)
    page.get_by_role("button", name="Retirer\N{NO-BREAK SPACE}: Stalls, rang C").first.click()
    expect(page.locator("[data-total]")).to_contain_text("45,00")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/checkout/*")

    assert stage.held() == [("Seat", 1, 1)]
    assert complaints == []
    page.context.close()


def test_without_scripts_from_a_list_and_with_what_was_counted(live_server: Any, browser: Any) -> None:
    stage = Stage()
    stage.seat_hall()
    page, _ = visit(browser, live_server, stage, java_script_enabled=False)

    page.get_by_label("Front row").fill("2")
    page.get_by_role("button", name="Choose from a list of all free seats").click()
    page.get_by_role("button", name="Balcony").click()
    page.get_by_label("Balcony, row A, seat 3, Seat").check()
    page.get_by_role("button", name="Stalls").click()
    page.get_by_label("Stalls, row C, seat 7, Seat").check()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/checkout/*")

    assert sorted(stage.held()) == [("Front row", 2, 2), ("Seat", 2, 2)]
    page.context.close()


def test_what_is_left_changes_while_one_looks(live_server: Any, browser: Any) -> None:
    stage = Stage()
    standing = make_ticket_type(stage.event, quantity=40)
    page, complaints = visit(browser, live_server, stage)
    row = page.locator(f'[data-item="{standing.id}"]')
    page.get_by_role("button", name="One more").click(click_count=2)
    expect(page.get_by_label("Standing")).to_have_value("3")

    standing.quota.__class__.unscoped.filter(id=standing.quota_id).update(capacity=2)
    look_again(page)

    expect(row.locator(".left")).to_have_text("Only 2 left")
    standing.quota.__class__.unscoped.filter(id=standing.quota_id).update(sold=2)
    look_again(page)
    expect(row.locator(".chip")).to_have_text("Sold out")
    assert complaints == []
    page.context.close()


class Website(HTTPServer):
    """A website of somebody else's, with one page."""

    def __init__(self, page: str) -> None:
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(page.encode())

            def log_message(self, *_: Any) -> None: ...

        super().__init__(("127.0.0.1", 0), Answer)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def close(self) -> None:
        self.shutdown()
        self.server_close()


def test_an_event_on_another_website(live_server: Any, browser: Any, settings: Any) -> None:
    settings.BASE_URL = live_server.url
    stage = Stage()
    make_ticket_type(stage.event)
    embed = f'<script src="{live_server.url}/embed.js" async></script>'
    shop = f'<kassa-shop event="{stage.event.id}" language="en"><a href="#">Tickets</a></kassa-shop>'
    gone = '<kassa-shop event="01935d6e-0000-7000-8000-000000000001"><a href="#">Tickets</a></kassa-shop>'
    allowed = Website(f"<!doctype html>{shop}{gone}{embed}")
    other = Website(f"<!doctype html>{shop}{embed}")
    OrganizationSettings.objects.of(stage.organization.id).update(embed_sites=[allowed.address])
    clear_caches()
    page = browser.new_context(viewport=DESKTOP, locale="en").new_page()
    try:
        page.goto(allowed.address)
        frame = page.frame_locator("kassa-shop >> nth=0 >> iframe")
        expect(frame.get_by_role("heading", name="Night of Strings")).to_be_visible()
        expect(page.locator("iframe")).to_have_attribute("title", "Tickets: Night of Strings")
        expect(page.get_by_text("This event is no longer on sale here.")).to_be_visible()
        page.wait_for_function(
            """() => {
                const frame = document.querySelector("kassa-shop").shadowRoot.querySelector("iframe");
                return frame.style.height !== "40rem" && frame.clientHeight > 300;
            }"""
        )
        assert frame.locator("html").evaluate("page => page.scrollHeight <= page.clientHeight + 1")
        frame.get_by_role("button", name="Continue").click()
        page.wait_for_url(f"{live_server.url}/**/checkout/*")
        assert stage.held() == [("Standing", 1, 0)]

        with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
            page.goto(other.address)
        expect(page.frame_locator("iframe").get_by_role("heading", name="Night of Strings")).to_have_count(0)
    finally:
        page.context.close()
        allowed.close()
        other.close()
