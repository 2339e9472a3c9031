"""Addresses and names as Chromium sends them: other letters, a typing mistake, a name of nothing."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.storefront.checkout.test_browser import _our_host, at, browser, unexpected  # noqa: F401
from tests.storefront.checkout.world import a_sale

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_mistyped_address_is_corrected_with_a_tick(browser: Any, live_server: Any, scripts: bool) -> None:  # noqa: F811
    till = a_sale()
    page, complaints = at(browser, live_server, till, java_script_enabled=scripts)
    page.get_by_label("E-mail").fill("ada@gmial.com")
    page.get_by_label("First name").first.fill("Ada")

    page.get_by_role("button", name="Pay €45.00").click()
    expect(page.get_by_text("Did you mean ada@gmail.com?").last).to_be_visible()
    expect(page.get_by_label("E-mail")).to_have_value("ada@gmial.com")
    page.get_by_label("Yes, use ada@gmail.com").check()
    page.get_by_role("button", name="Pay €45.00").click()

    expect(page.get_by_text("Bought by ada@gmail.com.")).to_be_visible()
    assert unexpected(complaints) == []


def test_domain_in_other_letters_is_read_as_it_was_typed(browser: Any, live_server: Any) -> None:  # noqa: F811
    """The browser itself sends what mail servers know; readers see their own letters."""
    till = a_sale()
    page, complaints = at(browser, live_server, till)
    page.get_by_label("E-mail").fill("ada@bücher-shop.example")
    page.get_by_label("First name").first.fill("\u200b")

    page.get_by_role("button", name="Pay €45.00").click()
    expect(page.get_by_text("Please write a name that can be read.").last).to_be_visible()
    page.get_by_label("First name").first.fill("Ada")
    page.get_by_role("button", name="Pay €45.00").click()

    expect(page.get_by_text("Bought by ada@bücher-shop.example.")).to_be_visible()
    assert [order.customer_email for order in till.orders()] == ["ada@xn--bcher-shop-9db.example"]
    assert unexpected(complaints) == []
