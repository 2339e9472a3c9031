"""A ticket goes to another person in a real browser, without any script."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import expect, sync_playwright

from kassa.catalog.models import Event
from kassa.payments.models import Refund
from kassa.tickets.models import Transfer
from tests.storefront.pages import order_path, ticket_path, transfer_path
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


@contextmanager
def started(chromium: str) -> Iterator[Any]:
    """Start a browser without anything in it, and end it."""
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


def visit(browser: Any, address: str, **options: Any) -> tuple[Any, list[str]]:
    """Open a page in a window of its own; return it, and what the browser complains of or asks others for."""
    page = browser.new_context(java_script_enabled=False, viewport=PHONE, **options).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("request", lambda request: _note_foreign(request.url, address, complaints))
    page.goto(address)
    return page, complaints


def _note_foreign(url: str, address: str, complaints: list[str]) -> None:
    if not url.startswith(address.rsplit("/", 2)[0]):
        complaints.append(url)


def test_a_ticket_is_given_away_and_taken(live_server: Any, chromium: str) -> None:
    holders = Holders()
    holders.write(first_name="Ada", by_holder=False)
    old = f"{live_server.url}{ticket_path(holders)}"
    with started(chromium) as browser:
        page, complaints = visit(browser, old)
        page.get_by_text("Transfer this ticket").click()
        page.get_by_label("Their e-mail address").fill("nonsense")
        page.get_by_role("button", name="Send the ticket").click()
        expect(page.get_by_text("This is not a complete e-mail address.")).to_be_visible()
        expect(page.get_by_label("Their e-mail address")).to_have_value("nonsense")
        page.get_by_label("Their e-mail address").fill("grace@example.com")
        page.get_by_label("Their name").fill("Grace Hopper")
        page.get_by_role("button", name="Send the ticket").click()
        assert page.get_by_role("status").first.inner_text().startswith("We’ve sent the ticket.")

        [offer] = Transfer.objects.of(holders.id)
        theirs, more = visit(browser, f"{live_server.url}{transfer_path(offer)}", color_scheme="dark")
        expect(theirs.get_by_label("Last name")).to_have_value("Hopper")
        theirs.get_by_role("button", name="Accept the ticket").click()
        theirs.get_by_role("link", name="View my ticket").click()
        expect(theirs.get_by_role("img", name="QR code of the ticket")).to_be_visible()
        expect(theirs).to_have_url(f"{live_server.url}{ticket_path(holders)}")

        gone = page.goto(old)
        assert gone.status == 410
        expect(page.get_by_role("heading", name="This ticket has been transferred")).to_be_visible()
    refused = [text for text in complaints if "(Gone)" in text or "(Unprocessable" in text]
    assert complaints + more == refused


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_nothing_runs_out_of_the_page(
    live_server: Any,
    chromium: str,
    viewport: dict[str, int],
    language: str,
) -> None:
    holders = Holders()
    holders.write(first_name="W" * 60, last_name="محمد بن علي 陈", by_holder=False)
    Event.objects.of(holders.id).update(title="Donaudampfschifffahrt" * 6)
    with started(chromium) as browser:
        page = browser.new_context(viewport=viewport).new_page()

        page.goto(f"{live_server.url}{ticket_path(holders)}?lang={language}")

        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        plate = page.locator(".plate").bounding_box()
    assert plate["width"] >= 250
    assert plate["width"] == pytest.approx(plate["height"], abs=3)


def test_tickets_are_given_back_once_however_often_it_is_clicked(live_server: Any, chromium: str) -> None:
    holders = Holders(buyer_refunds_enabled=True, buyer_refund_fee_percentage=10)
    with started(chromium) as browser:
        page, complaints = visit(browser, f"{live_server.url}{order_path(holders)}")
        page.get_by_role("link", name="Return tickets").click()
        page.get_by_role("checkbox").first.check()
        page.get_by_role("button", name="Show my refund").click()
        expect(page.locator(".total dd")).to_have_text("€40.50", use_inner_text=True)
        page.get_by_role("button", name="Return now").dblclick()
        page.get_by_role("status").wait_for()
        expect(page.get_by_role("heading", name="Refund")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

        page.go_back()
        expect(page.get_by_role("alert")).to_have_text(
            "It has already been returned or is no longer valid.", use_inner_text=True
        )
        expect(page.get_by_role("button", name="Return now")).to_have_count(0)

    assert complaints == []
    assert [refund.amount for refund in Refund.objects.of(holders.id)] == [Decimal("40.50")]
