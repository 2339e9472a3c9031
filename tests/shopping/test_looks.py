"""How pages are set: in a typeface of our own that lets nothing jump, with what is sold beside the poster."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import kassa.web
from tests.shopping.buyer import DESKTOP, PHONE, Buyer
from tests.shopping.served import CONCERT, COURSE, TRIP
from tests.support.conditions import wait_until

SendIn = Callable[..., Buyer]
TYPEFACE = Path(kassa.web.__file__).parent / "static/web/typeface"
LARGEST_FILE = 40_000
PLACES = """all => all.map((one) => {
  const box = one.getBoundingClientRect();
  return [Math.round(box.top), Math.round(box.height)];
})"""
CLUB = "Basement Signals: Modular Synths until Dawn"


def test_typeface_is_light_and_comes_with_its_licence() -> None:
    sizes = {path.name: path.stat().st_size for path in TYPEFACE.glob("*.woff2")}

    assert {"manrope-latin.woff2", "manrope-latin-ext.woff2", "manrope-cyrillic.woff2"} <= sizes.keys()
    assert max(sizes.values()) <= LARGEST_FILE
    assert "SIL Open Font License" in (TYPEFACE / "OFL.txt").read_text()


def test_ordinary_page_loads_one_file_of_the_typeface(send_in: SendIn) -> None:
    buyer = send_in(DESKTOP)
    asked: list[Any] = []

    def note(request: Any) -> None:
        asked.append(request)

    buyer.page.on("request", note)

    buyer.open_event(CLUB)
    buyer.page.wait_for_load_state("networkidle")

    files = [request.url for request in asked if request.resource_type == "font"]
    assert [file.rpartition("/")[2] for file in files] == ["manrope-latin.woff2"]
    assert buyer.page.evaluate("document.fonts.check('700 1rem Manrope')")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_jumps_when_the_typeface_arrives(send_in: SendIn, size: dict[str, Any]) -> None:
    buyer = send_in(size)
    held: list[Any] = []

    def hold(route: Any) -> None:
        held.append(route)

    buyer.page.route("**/*.woff2", hold)
    event = buyer.shop.event(CLUB)
    buyer.page.goto(
        f"{buyer.shop.address}/{event['slug']}/events/{event['id']}", wait_until="domcontentloaded"
    )
    buyer.page.locator(".points").wait_for()
    things = buyer.page.locator("h1, .points, .choose-side, .more h2")
    before = things.evaluate_all(PLACES)

    for route in held:
        route.continue_()
    buyer.page.unroute("**/*.woff2")
    wait_until(lambda: buyer.page.evaluate("document.fonts.check('700 1rem Manrope')"))
    buyer.page.wait_for_load_state("networkidle")

    after = things.evaluate_all(PLACES)
    moved = [abs(now[0] - then[0]) for then, now in zip(before, after, strict=True)]
    assert max(moved) <= 40, (before, after)  # one line at most breaks elsewhere


@pytest.mark.parametrize("title", [CLUB, COURSE, CONCERT, TRIP], ids=["club", "course", "hall", "coach"])
def test_tickets_stand_beside_the_poster_above_the_fold(send_in: SendIn, title: str) -> None:
    buyer = send_in(DESKTOP)
    buyer.open_event(title)
    page = buyer.page

    poster, box = page.locator(".event > .poster").bounding_box(), page.locator(".choose-side").bounding_box()
    tickets = page.locator(".choose-box .prices").first.locator("> li")
    places = [one.bounding_box() for one in tickets.all()]
    button = page.locator(".tally button").bounding_box()

    assert poster is not None and box is not None and button is not None  # noqa: PT018
    assert (box["x"] > poster["x"] + poster["width"], abs(box["y"] - poster["y"]) < 2) == (True, True)
    assert places
    assert all(one is not None and one["y"] + one["height"] <= button["y"] for one in places)
    assert button["y"] + button["height"] <= 900


def test_tickets_follow_on_the_way_down(send_in: SendIn) -> None:
    buyer = send_in({"viewport": {"width": 1280, "height": 500}})
    buyer.open_event(CONCERT)
    buyer.page.locator("svg.swatch path").first.wait_for(state="attached")  # the plan has its height
    places = buyer.page.locator(".choose-side, .tally button")
    before, _ = places.evaluate_all(PLACES)
    buyer.page.mouse.move(300, 300)
    buyer.page.mouse.wheel(0, 700)

    def follows() -> bool:
        (top, _), (button, height) = places.evaluate_all(PLACES)
        is_scrolled: bool = buyer.page.evaluate("scrollY > 300")
        return is_scrolled and 0 <= top < 30 and button + height <= 500

    assert before[0] > 30
    wait_until(follows)


SEEN = """() => {
  const now = document.activeElement;
  if (!now || now === document.body) return null;
  const box = now.getBoundingClientRect();
  const inset = (length) => Math.min(4, length / 2);
  const [left, right] = [box.left + inset(box.width), box.right - inset(box.width)];
  const [top, bottom] = [box.top + inset(box.height), box.bottom - inset(box.height)];
  const middle = [(left + right) / 2, (top + bottom) / 2];
  const points = [[left, top], [right, top], [left, bottom], [right, bottom], middle];
  const isSeen = points.some(([x, y]) => {
    const hit = document.elementFromPoint(x, y);
    return hit && (now.contains(hit) || now.closest("label")?.contains(hit));
  });
  return [isSeen, now.outerHTML.slice(0, 120)];
}"""


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("title", [CLUB, CONCERT], ids=["club", "hall"])
def test_focus_is_never_hidden_below_what_sticks(send_in: SendIn, title: str, size: dict[str, Any]) -> None:
    buyer = send_in(size, reduced_motion="reduce")
    buyer.open_event(title)
    page = buyer.page
    page.wait_for_load_state("networkidle")
    hidden, steps = [], 0
    page.keyboard.press("Tab")
    while (found := page.evaluate(SEEN)) is not None and steps < 80:
        if not found[0]:
            hidden.append(found[1])
        steps += 1
        page.keyboard.press("Tab")

    assert steps > 15
    assert hidden == []


@pytest.mark.parametrize("colors", ["none", "active"])
def test_price_areas_are_told_apart_in_the_colours_of_any_reader(send_in: SendIn, colors: str) -> None:
    buyer = send_in(DESKTOP, forced_colors=colors)
    buyer.open_event(CONCERT)
    swatches = buyer.page.locator("svg.swatch")
    swatches.first.locator("path").first.wait_for(state="attached")

    drawn = swatches.evaluate_all("all => all.map((one) => one.innerHTML)")

    assert len(drawn) == len(set(drawn)) == 5
