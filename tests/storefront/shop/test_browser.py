"""What only a browser can tell: that its own rules are kept, and that scripts help."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect, sync_playwright

from kassa.catalog.models import TicketType
from kassa.core.clock import utc_now
from tests.storefront.shop.pages import event_path, home_path
from tests.support.factories import make_event, make_organization, make_ticket_type

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    with sync_playwright() as running:
        started = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


def opened(
    browser: Any, address: str, *, has_own_clock: bool = False, **options: Any
) -> tuple[Any, list[str]]:
    """Open a page; return it, and what the browser complains of. A clock of its own can be put forward."""
    page = browser.new_context(locale="en-GB", **options).new_page()
    if has_own_clock:
        page.clock.install()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    return page, complaints


def test_the_policy_lets_all_of_an_event_page_by(live_server: Any, browser: Any) -> None:
    event = make_event(make_organization(), description="<script>document.title='x'</script>")
    make_ticket_type(event, sales_start_at=utc_now() + timedelta(hours=30))

    page, complaints = opened(browser, live_server.url + event_path(event))

    left = page.get_by_role("timer")
    left.get_by_text("Still 1 d 05:59").wait_for()
    assert page.locator('script[type="application/ld+json"]').count() == 1
    assert page.title().startswith("Night of Strings")
    assert complaints == []


def test_the_page_comes_again_when_the_sale_begins(live_server: Any, browser: Any) -> None:
    event = make_event(make_organization())
    seats = make_ticket_type(event, sales_start_at=utc_now() + timedelta(hours=1))
    page, complaints = opened(browser, live_server.url + event_path(event), has_own_clock=True)
    page.get_by_text("On sale soon").wait_for()

    TicketType.unscoped.filter(id=seats.id).update(sales_start_at=utc_now())
    page.clock.fast_forward("01:00:10")

    page.get_by_text("On sale soon").wait_for(state="detached")
    page.get_by_role("spinbutton").wait_for()
    assert complaints == []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_list_is_narrowed(live_server: Any, browser: Any, scripts: bool) -> None:
    organization = make_organization()
    for title, category in (("Opera", "Music"), ("Jazz", "Music"), ("Python", "Code")):
        make_ticket_type(make_event(organization, title=title, category=category))

    page, complaints = opened(browser, live_server.url + home_path(organization), java_script_enabled=scripts)
    page.get_by_label("Category").select_option("Music")
    if not scripts:
        page.get_by_role("button", name="Show").click()
    page.get_by_role("status").get_by_text("2 found").wait_for()
    page.get_by_label("Search").fill("jaz")
    if not scripts:
        page.get_by_role("button", name="Show").click()
    page.get_by_role("status").get_by_text("1 found").wait_for()

    assert [one.inner_text() for one in page.get_by_role("heading", level=3).all()] == ["Jazz"]
    assert "category=Music" in page.url
    assert "q=jaz" in page.url
    page.reload()
    expect(page.get_by_label("Search")).to_have_value("jaz")
    assert complaints == []
