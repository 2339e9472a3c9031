"""What a page of the shop weighs, and how soon it is there on a slow phone with a slow network."""

from __future__ import annotations

import re
import shutil
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from benchmarks.pages import canonical
from benchmarks.plan import Plan
from benchmarks.seed import found_hall, found_shop
from benchmarks.server import NotMeasurable, Stage

SLOWER = 4
LATENCY_MS = 150
MEGABITS = 1.6
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
QUIET_MS = 1_000
"""A page is quiet when nothing has kept it busy for so long."""
WATCH = """
window.seen = { busy: 0, largest: 0 };
new PerformanceObserver((list) => {
  const ends = list.getEntries().map((one) => one.startTime + one.duration);
  window.seen.busy = Math.max(window.seen.busy, ...ends);
}).observe({ type: "longtask", buffered: true });
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) window.seen.largest = one.startTime;
}).observe({ type: "largest-contentful-paint", buffered: true });
"""
READ = """
() => {
  const [page] = performance.getEntriesByType("navigation");
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return {
    first_paint_ms: paint ? paint.startTime : 0,
    largest_paint_ms: window.seen.largest,
    ready_ms: page.domContentLoadedEventEnd,
    loaded_ms: page.loadEventEnd,
    quiet_ms: Math.max(window.seen.busy, page.domContentLoadedEventEnd),
  };
}
"""


def measure(stage: Stage, plan: Plan) -> dict[str, Any]:
    """Open the pages on the way to a ticket, each in a browser that has never been there."""
    hall = found_hall("weights", rows=20, seats_per_row=25)
    floor = found_shop("weights-floor", ticket_types=3)
    root = f"http://127.0.0.1:{stage.port}"
    event = canonical(stage.port, f"/weights-floor/events/{floor.event_id}")
    seats = canonical(stage.port, f"/weights/events/{hall.event_id}")
    chromium = shutil.which("chromium")
    if chromium is None:
        raise NotMeasurable("There is no Chromium on this machine: apt-get install chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        found = {
            "shop": _weigh(browser, f"{root}/weights/"),
            "event": _weigh(browser, f"{root}{event}"),
            "seat_plan": _weigh(browser, f"{root}{seats}"),
            "checkout": _weigh(browser, _fill_cart(browser, f"{root}{event}", floor.ticket_type_ids[0])),
        }
        browser.close()
    for name, one in found.items():
        plan.say(f"shop_weights: {name}: {one['kilobytes']:.1f} kB, quiet after {one['quiet_ms']:.0f} ms")
    return {"slower": SLOWER, "latency_ms": LATENCY_MS, "megabits": MEGABITS, "pages": found}


def _fill_cart(browser: Browser, address: str, type_id: Any) -> str:
    """Choose a place, and return the address of the checkout."""
    page = browser.new_page(**PHONE)
    page.goto(address)
    page.locator(f'[name="type-{type_id}"]').fill("1")
    page.locator("form.choose .tally button.primary").click()
    page.wait_for_url(re.compile("/checkout/"))
    url = page.url
    page.close()
    return url


def _weigh(browser: Browser, address: str) -> dict[str, float]:
    context = browser.new_context(**PHONE)
    page = context.new_page()
    session = context.new_cdp_session(page)
    sizes = _watch(page, session)
    page.goto(address, wait_until="load")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(QUIET_MS)
    seen: dict[str, float] = page.evaluate(READ)
    context.close()
    return {"requests": len(sizes), "kilobytes": sum(sizes) / 1000, **seen}


def _watch(page: Page, session: CDPSession) -> list[float]:
    """Slow the browser down, and return the list into which the size of each answer is put."""
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    session.send("Network.enable")
    bytes_per_second = MEGABITS * 1e6 / 8
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": bytes_per_second,
            "uploadThroughput": bytes_per_second / 2,
        },
    )
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(WATCH)
    return sizes
