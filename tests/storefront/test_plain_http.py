"""A shop at plain http in a house's own network, and where Chromium says that forms and visitors are from.

The name is no ``localhost``, so the browser trusts the address as little as any other without TLS, and
leaves out ``Sec-Fetch-Site``: ``Origin`` alone says that a form is from our own page, and the policy of the
page decides whether it may.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from kassa.core.clock import utc_now
from kassa.orders.models import Order
from kassa.storefront.links.link_pages import LINKS
from kassa.tickets.domain.links import FIRST_GENERATION, order_token
from tests.storefront.checkout.world import Till, a_sale
from tests.storefront.elsewhere import Elsewhere, elsewhere_running

pytestmark = pytest.mark.django_db(transaction=True)
AGAIN = "Order the same again"


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    with sync_playwright() as running:
        started = running.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--host-resolver-rules=MAP *.example 127.0.0.1"],
        )
        yield started
        started.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Page]:
    context = browser.new_context(locale="en")
    yield context.new_page()
    context.close()


@pytest.fixture
def shop_url(live_server: Any, settings: Any) -> str:
    settings.BASE_URL = str(live_server.url).replace("localhost", "tickets.hall.example")
    return str(settings.BASE_URL)


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with elsewhere_running() as host:
        yield host


@pytest.fixture
def ended(shop_url: str) -> tuple[Till, str]:
    """Return a shop, and the address of an order there whose time is over."""
    till = a_sale(2)
    till.order()
    [order] = till.orders()
    Order.unscoped.filter(id=order.id).update(expires_at=utc_now() - timedelta(seconds=1))
    return till, f"{shop_url}/orders/{order_token(till.organization.id, order.id, FIRST_GENERATION)}"


def send_again(page: Page) -> dict[str, str]:
    """Press the button; return what the browser says of the form."""
    with page.expect_request("**/again") as sent:
        page.get_by_role("button", name=AGAIN).click()
    page.wait_for_load_state()
    return sent.value.all_headers()


def leave(page: Page, elsewhere: Elsewhere) -> str | None:
    """Follow a link to another site, as an organiser's text may hold one; return where it says to be from."""
    url = f"http://elsewhere.example:{elsewhere.port}/visited"
    page.evaluate(
        """(url) => {
            const link = document.createElement("a");
            [link.href, link.textContent] = [url, "Away"];
            document.querySelector("main").append(link);
        }""",
        url,
    )
    page.get_by_role("link", name="Away").click()
    page.wait_for_url(url)
    return elsewhere.referrers[-1]


def test_the_same_is_ordered_again(ended: tuple[Till, str], page: Page, shop_url: str) -> None:
    till, path = ended
    page.goto(path)
    assert page.evaluate("isSecureContext") is False

    said = send_again(page)

    assert "sec-fetch-site" not in said
    assert said["origin"] == shop_url
    expect(page.locator(".countdown")).to_be_visible()
    assert page.url.startswith(f"{shop_url}/{till.organization.slug}/checkout/")


def test_control_with_no_referrer_at_all_it_would_be_refused(
    ended: tuple[Till, str], page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LINKS.headers, "Referrer-Policy", "no-referrer")
    page.goto(ended[1])

    said = send_again(page)

    assert "sec-fetch-site" not in said
    assert said["origin"] == "null"
    expect(page.get_by_role("heading", name="Not possible right now")).to_be_visible()


def test_other_sites_learn_nothing_of_a_secret_address(
    ended: tuple[Till, str], page: Page, elsewhere: Elsewhere
) -> None:
    page.goto(ended[1])

    assert leave(page, elsewhere) is None


def test_control_with_another_policy_they_would(
    ended: tuple[Till, str], page: Page, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LINKS.headers, "Referrer-Policy", "unsafe-url")
    page.goto(ended[1])

    assert leave(page, elsewhere) == ended[1]
