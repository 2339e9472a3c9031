"""A volunteer's phone: the scanner in a real browser, and short words for what is done with it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.templatetags.static import static
from playwright.sync_api import BrowserContext, Page

from tests.checkin.door import Door
from tests.checkin.film import write_film
from tests.checkin.wire import State, Wire

SOON = 15_000


class Phone:
    """One browser context: what it stores is its own."""

    def __init__(self, context: BrowserContext, wire: Wire, film: Path) -> None:
        self.context = context
        self.wire = wire
        self._film = film
        context.set_default_timeout(SOON)
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        context.on("weberror", lambda error: self.errors.append(str(error.error)))

    def open(self, path: str = "/checkin/") -> Phone:
        self.page.goto(self.wire.url + path)
        return self

    def enrol(self, door: Door, *, name: str = "Front door phone 1", gate: str = "North") -> Phone:
        """Connect to the door's list and start scanning; wait until it would start without a network, too."""
        code = door.device(name, gate)["enrolment"]["code"]
        self.open(f"/checkin/#enrol={code}")
        self.page.locator(".choice").first.wait_for()
        self.page.locator("label.chip", has_text=gate).click()
        self.page.locator("button[type=submit]").click()
        self.page.locator("#typed").wait_for()
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        self.wait_for("navigator.serviceWorker.controller !== null")
        return self

    def go(self, tab: str) -> Phone:
        self.page.locator(f"nav a[href='#{tab}']").click()
        self.page.locator(f"nav a[href='#{tab}'][aria-current]").wait_for()
        return self

    def film(self, text: str | None) -> None:
        """Have the camera see a code once it is started."""
        write_film(self._film, text)

    def hold(self, text: str | None) -> Phone:
        """Hold a code before the camera, started anew: a film is read when a camera starts."""
        self.go("more")
        self.film(text)
        return self.go("scan")

    def type(self, text: str) -> Phone:
        """Type a code, or paste what a QR code says."""
        self.page.locator("#typed").fill(text)
        self.page.locator(".typing button").click()
        return self

    def answer(self) -> dict[str, Any]:
        """Wait for an answer and return its colour and words."""
        result = self.page.locator(".result")
        result.wait_for()
        shown: dict[str, Any] = result.evaluate(
            """(card) => ({
                look: card.classList[1],
                word: card.querySelector("h1").textContent,
                why: card.querySelector(".why").textContent,
                previous: (card.querySelector(".previous") || {}).textContent || "",
                who: (card.querySelector(".who") || {}).textContent || "",
                isDecidedHere: Boolean(card.querySelector(".here")),
            })"""
        )
        return shown

    def next(self) -> Phone:
        """Put the answer away, if it has not gone by itself."""
        self.page.keyboard.press("Escape")
        self.page.locator(".result").wait_for(state="detached")
        return self

    def scan(self, text: str) -> dict[str, Any]:
        """Type a code, read the answer and put it away."""
        shown = self.type(text).answer()
        self.next()
        return shown

    def counts(self) -> tuple[int, ...]:
        """Return inside, entered and own scans, as the door shows them."""
        return tuple(
            int(self.page.locator(f"#count-{name}").inner_text()) for name in ("inside", "entered", "own")
        )

    def cut(self) -> Phone:
        self.wire.become(State.CUT)
        return self

    def restore(self) -> None:
        """Let the network return."""
        self.wire.become(State.UP)
        self.page.evaluate("window.dispatchEvent(new Event('online'))")

    def die(self) -> None:
        """End the page without a word of warning, and have a new one."""
        self.page.close()
        self.page = self.context.new_page()

    def look_until(self, selector: str, text: str) -> None:
        """Have the phone fetch what is new, again and again, until something shows a text."""
        deadline = time.monotonic() + SOON / 1000
        while self.page.locator(selector).inner_text() != text:
            assert time.monotonic() < deadline, f"{selector} does not show {text}"
            self.page.evaluate("window.dispatchEvent(new Event('online'))")
            self.page.wait_for_timeout(200)

    def come_back(self) -> Phone:
        """Let the network return, and wait until the phone has noticed and sent everything."""
        self.restore()
        self.page.locator("#connection.good").wait_for()
        self.page.locator("#waiting").wait_for(state="detached")
        return self

    def wait_for(self, expression: str) -> None:
        """Wait until an expression is true; Playwright would evaluate text, which the page forbids."""
        deadline = time.monotonic() + SOON / 1000
        while not self.page.evaluate(expression):
            assert time.monotonic() < deadline, f"{expression} did not come true in time"
            self.page.wait_for_timeout(30)

    def module(self, name: str, code: str, argument: Any = None) -> Any:
        """Run code with one of the scanner's modules, ``m``, in the page."""
        address = static(f"checkin/{name}.js")
        script = f"async (given) => {{ const m = await import('{address}'); {code} }}"
        return self.page.evaluate(script, argument)
