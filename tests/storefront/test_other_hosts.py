"""Everything that leads to another host is pressed in Chromium, with the policy of our pages in force.

An HTTP client follows redirects that a browser refuses: what answers a form may only lead where the policy
of the page with the form allows (``form-action``), however often it is redirected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from kassa.identity.models import User
from kassa.storefront.account import middleware
from tests.contract.tickets import set_up_wallets
from tests.storefront.account.test_openid import Club, club
from tests.storefront.account.visitor import make_person, signed_in
from tests.storefront.checkout.world import a_sale
from tests.storefront.elsewhere import Elsewhere, elsewhere_running
from tests.storefront.pages import ticket_path
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["club"]
ADA = "ada@example.com"


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    with sync_playwright() as running:
        started = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Page]:
    context = browser.new_context(locale="en")
    yield context.new_page()
    context.close()


@pytest.fixture
def elsewhere(club: Club) -> Iterator[Elsewhere]:
    """Let the provider of the sign-in ask visitors on two further hosts."""
    with elsewhere_running() as host:
        described = club.issuer.pages["/.well-known/openid-configuration"]

        def describe(query: Any, form: Any) -> Any:
            status, document = described(query, form)
            return status, {**document, "authorization_endpoint": host.authorize_url}

        club.issuer.pages["/.well-known/openid-configuration"] = describe
        yield host


def sign_in_there(page: Page, club: Club, elsewhere: Elsewhere) -> None:
    """Go through the provider's pages, and come back."""
    expect(page.get_by_role("heading", name="Elsewhere")).to_be_visible()
    assert page.url.startswith(elsewhere.consent_url)
    club.challenge = elsewhere.asked[-1]["code_challenge"]
    page.get_by_role("link", name="Back").click()


@pytest.mark.parametrize("path", ["/account/login/", "/account/signup/", "/account/oidc/club/login/"])
def test_sign_in_provider_is_reached_and_signs_in(
    path: str, live_server: Any, page: Page, club: Club, elsewhere: Elsewhere
) -> None:
    page.goto(f"{live_server.url}{path}")
    page.get_by_role("button", name=re.compile("^Continue")).click()
    sign_in_there(page, club, elsewhere)

    page.wait_for_url(f"{live_server.url}/account/")
    expect(page.get_by_role("heading", name="My orders")).to_be_visible()
    assert User.objects.get().email == ADA


def test_account_at_a_provider_is_connected(
    live_server: Any, page: Page, club: Club, elsewhere: Elsewhere
) -> None:
    key = signed_in(make_person()).cookies["kassa_session"].value
    page.context.add_cookies([{"name": "kassa_session", "value": key, "url": live_server.url}])
    page.goto(f"{live_server.url}/account/3rdparty/")
    page.get_by_role("button", name="Connect The Club").click()
    sign_in_there(page, club, elsewhere)

    page.wait_for_url("**/account/3rdparty/")
    expect(page.get_by_text("ada-1")).to_be_visible()


def test_sign_in_provider_is_reached_without_waiting_for_the_page_in_between(
    live_server: Any, page: Page, club: Club, elsewhere: Elsewhere
) -> None:
    """Whoever has switched off that pages lead on by themselves presses the link."""
    page.route("**/account/oidc/club/login/**", _without_refresh)
    page.goto(f"{live_server.url}/account/login/")
    page.get_by_role("button", name="Continue with The Club").click()
    page.get_by_role("link", name="Continue").click()

    expect(page.get_by_role("heading", name="Elsewhere")).to_be_visible()


def _without_refresh(route: Any) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace('http-equiv="refresh"', 'name="nothing"'))


def test_control_a_redirect_would_be_refused(
    live_server: Any, page: Page, club: Club, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "_forward", lambda request, response: response)
    page.goto(f"{live_server.url}/account/login/")

    with page.expect_console_message(lambda message: "form-action" in message.text):
        page.get_by_role("button", name="Continue with The Club").click()

    expect(page).to_have_url(f"{live_server.url}/account/login/")


def test_payment_page_on_another_host_is_reached_and_left(
    live_server: Any, page: Page, settings: Any
) -> None:
    settings.BASE_URL = live_server.url.replace("localhost", "127.0.0.1")
    till = a_sale(providers=("demo",))
    page.goto(f"{live_server.url}{till.path}")
    page.get_by_label("E-mail").fill(ADA)
    page.get_by_label("First name").first.fill("Ada")
    page.get_by_label("Last name").first.fill("Lovelace")
    page.get_by_role("button", name=re.compile("^Pay")).click()

    pay = page.get_by_role("button", name=re.compile("^Pay"))
    expect(pay).to_be_visible()
    assert page.url.startswith(f"{settings.BASE_URL}/demo-bank/pay/")
    pay.click()

    expect(page.get_by_text("Your order is confirmed")).to_be_visible()
    assert [order.status for order in till.orders()] == ["confirmed"]


def test_wallet_of_another_host_is_reached(live_server: Any, page: Page, settings: Any) -> None:
    settings.BASE_URL = live_server.url
    holders = Holders()
    set_up_wallets(holders.organization)
    wallet = {"body": "<h1>A wallet</h1>", "content_type": "text/html"}
    page.route("https://pay.google.com/**", lambda route: route.fulfill(**wallet))
    page.goto(f"{live_server.url}{ticket_path(holders)}")

    page.get_by_role("link", name="Add to Google Wallet").click()

    expect(page.get_by_role("heading", name="A wallet")).to_be_visible()
