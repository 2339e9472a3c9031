"""The payment page on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from kassa.core.clock import utc_now
from tests.integrations.demo import opened
from tests.support.chromium import chromium  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)

LINES = """(selector) => [...document.querySelectorAll(selector)].map((each) => {
  const range = document.createRange();
  range.selectNodeContents(each);
  return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
})"""
"""On how many lines the text of each element stands."""
OUTSIDE = """() => [...document.querySelectorAll(".tabs span")]
  .filter((each) => each.scrollWidth > each.clientWidth).length"""
"""How many of the buttons are narrower than their text."""


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_word_is_broken_and_no_button_is_too_narrow(
    live_server: Any,
    chromium: str,  # noqa: F811
    language: str,
    width: int,
) -> None:
    payment = opened(now=utc_now(), description="2 × Plein tarif, 1 × Affiche")  # noqa: RUF001
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": width, "height": 844}).new_page()

        page.goto(f"{live_server.url}/demo-bank/pay/{payment.reference}?lang={language}")

        assert page.evaluate(LINES, "dt") == [1, 1, 1]
        assert page.evaluate(LINES, ".tabs span") == [1, 1, 1]
        assert page.evaluate(OUTSIDE) == 0
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        browser.close()
