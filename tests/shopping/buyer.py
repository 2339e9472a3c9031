"""Somebody who buys with a browser, and what their browser complains of."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, Response

from tests.shopping.served import Shop
from tests.support.conditions import wait_until

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
PATIENCE = 30_000
"""Milliseconds; nearly everything takes a hundredth of it, but the machine may be busy."""
SECRET = re.compile(r"/orders/([^/?]+)")


class Buyer:
    """A browser window in a shop."""

    def __init__(self, shop: Shop, context: BrowserContext, *, script: str = "") -> None:
        self.shop = shop
        self.context = context
        self.email = shop.new_email()
        self.complaints: list[str] = []
        self._refusals: list[int] = []
        self._may_be_missing = False
        if script:
            context.add_init_script(script)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._note_foreign)
        self.page.on("response", self._note_status)

    # What is looked at.

    def open(self, path: str, **query: str) -> Page:
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        answer = self.page.goto(f"{self.shop.address}{path}{'?' if asked else ''}{asked}")
        assert answer is not None
        assert answer.status < 400, (answer.status, path)
        return self.page

    def open_anyway(self, path: str, *, language: str) -> Page:
        """Open a page, also one that says that there is nothing, or not yet."""
        joint = "&" if "?" in path else "?"
        self._may_be_missing = True
        self.page.goto(f"{self.shop.address}{path}{joint}lang={language}")
        self._may_be_missing = False
        self.page.locator("h1").first.wait_for(state="attached")  # the scanner is drawn by its script
        return self.page

    def open_event(self, title: str, **query: str) -> dict[str, Any]:
        """Open the page of an event as a visitor does who knows only its shop and id."""
        event = self.shop.event(title)
        self.open(f"/{event['slug']}/events/{event['id']}", **query)
        return event

    def expect_refusal(self, status: int) -> None:
        """Let the next answer of this status pass: it is what the buyer is to be told."""
        self._refusals.append(status)

    # What is chosen.

    def take(self, type_id: Any, quantity: int, *, kind: str = "type") -> None:
        """Fill in how many; the total on the page follows where scripts run."""
        self.page.locator(f'[name="{kind}-{type_id}"]').fill(str(quantity))

    def point_at_seats(self, quantity: int) -> list[str]:
        """Choose free seats on the plan with the keyboard; return their names."""
        area = self.page.locator(".plan-area")
        area.focus()
        area.press("Enter")
        chosen = self.chosen_seats
        for _ in range(100):
            area.press("Enter")
            if chosen.count() == quantity:
                break
            area.press("ArrowRight")
        return [seat.inner_text() for seat in chosen.locator("span:first-child").all()]

    def tap_seats(self, quantity: int) -> list[str]:
        """Choose free seats with a finger: the first tap at a small seat brings it closer."""
        area = self.page.locator(".plan-area")
        area.scroll_into_view_if_needed()
        box = area.bounding_box()
        assert box is not None
        chosen = self.chosen_seats
        for nth in range(60):
            if chosen.count() >= quantity:
                break
            across, down = 0.25 + 0.05 * (nth % 11), 0.4 + 0.07 * (nth // 11)
            self.page.touchscreen.tap(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
            self.page.wait_for_timeout(250)  # a second tap sooner would be a double one, which zooms
        return [seat.inner_text() for seat in chosen.locator("span:first-child").all()]

    def use_coupon(self, code: str) -> None:
        """Type a coupon into the checkout and have it counted."""
        self.page.locator("details:has(#coupon) > summary").click()
        self.page.locator("#coupon").fill(code)
        self.page.locator('button[name="do"][value="coupon"]').click()
        self.page.locator("p.coupon").get_by_text(code).wait_for()

    @property
    def chosen_seats(self) -> Locator:
        return self.page.locator("ul[data-chosen] > li")

    def go_on(self) -> Page:
        """Send the choice, and come to the checkout."""
        self.page.locator("form.choose .tally button.primary").click()
        self.page.wait_for_url(re.compile(r"/checkout/"))
        return self.page

    # What is filled in and paid.

    def fill(self, **values: str) -> None:
        """Fill in who buys, and what else is asked; a double underscore stands for the hyphen."""
        given = {"email": self.email, "first_name": "Ada", "last_name": "Lovelace", **values}
        for name, value in given.items():
            field = self.page.locator(f'#checkout [name="{name.replace("__", "-")}"]').first
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def order(self, way: str | None = "demo") -> Page:
        """Send the order; come to the bank's page, or to the order's where there is nothing to pay."""
        if way:
            self.page.locator(f'#checkout [name="provider"][value="{way}"]').check()
        self.page.locator("#checkout .actions [name=do][value=order]").click()
        self.page.wait_for_url(re.compile("/demo-bank/" if way == "demo" else "/orders/"))
        return self.page

    def answer_bank(self, action: str) -> Page:
        """Press one of the bank's buttons, and come back to the order."""
        self.page.locator(f'button[name="action"][value="{action}"]').click()
        back = self.page.locator("a.primary")
        self.page.wait_for_url(re.compile("/orders/|/demo-bank/"))
        if "/demo-bank/" in self.page.url:
            back.click()
        self.page.wait_for_url(re.compile("/orders/"))
        return self.page

    # What came of it.

    def order_row(self) -> dict[str, Any]:
        """Return the order, read from the database."""
        return self.shop.row("SELECT * FROM orders_order WHERE customer_email = %s", self.email)

    def confirmed(self) -> dict[str, Any]:
        """Wait until the order is confirmed, and return it."""
        wait_until(lambda: self.order_row()["status"] == "confirmed")
        return self.order_row()

    def tickets(self) -> list[dict[str, Any]]:
        return self.shop.rows(
            """SELECT t.*, s.status AS seat_status FROM orders_ticket t
            JOIN orders_order o ON o.id = t.order_id LEFT JOIN seating_eventseat s ON s.id = t.seat_id
            WHERE o.customer_email = %s ORDER BY t.seat_label""",
            self.email,
        )

    def _note_message(self, message: ConsoleMessage) -> None:
        # A refusal is said in red by the browser, too; it is counted where the answer is seen.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def _note_foreign(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and f"{parts.scheme}://{parts.netloc}" != self.shop.address:
            self.complaints.append(f"asks {request.url}")

    def _note_status(self, response: Response) -> None:
        if response.status < 400 or (response.status in (404, 409) and self._may_be_missing):
            return
        if response.status in self._refusals:
            self._refusals.remove(response.status)
        else:
            self.complaints.append(f"{response.status} {response.request.method} {response.url}")
