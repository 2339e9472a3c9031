"""One served Kassa with its demo, and browsers that buy there; afterwards its books are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.shopping.buyer import DESKTOP, Buyer
from tests.shopping.served import Shop
from tests.support.chromium import chromium  # noqa: F401 - a fixture


@pytest.fixture(scope="session")
def shop() -> Iterator[Shop]:
    """Serve Kassa as ``kassa serve`` does, once for all tests of this folder."""
    shop = Shop()
    try:
        shop.open()
        yield shop
        assert shop.audit() == []
    finally:
        shop.close()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:  # noqa: F811 - it is asked for, not made anew
    with sync_playwright() as running:
        started = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def send_in(shop: Shop, browser: Browser) -> Iterator[Callable[..., Buyer]]:
    """Let somebody come in with a browser of their own; at the end nobody's has complained."""
    buyers: list[Buyer] = []

    def come(size: dict[str, Any] = DESKTOP, *, script: str = "", **options: Any) -> Buyer:
        context = browser.new_context(**{"locale": "en-GB", **size, **options})
        buyers.append(Buyer(shop, context, script=script))
        return buyers[-1]

    yield come
    complaints = [complaint for buyer in buyers for complaint in buyer.complaints]
    for buyer in buyers:
        buyer.context.close()
    assert complaints == []
