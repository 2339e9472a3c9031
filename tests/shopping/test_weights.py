"""What a page makes a phone fetch: little, compressed, and the second time hardly anything."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.shopping.buyer import PHONE, Buyer
from tests.shopping.served import CONCERT, COURSE

SendIn = Callable[..., Buyer]
LARGEST = 100_000
"""Bytes over the network, headers too."""


def fetched(page: Page, address: str) -> dict[str, int]:
    """Open a page and return how many bytes came over the network, by address."""
    sizes: dict[str, int] = {}
    names: dict[str, str] = {}
    session = page.context.new_cdp_session(page)
    session.on(
        "Network.responseReceived", lambda told: names.update({told["requestId"]: told["response"]["url"]})
    )
    session.on(
        "Network.loadingFinished",
        lambda told: sizes.update({names[told["requestId"]]: int(told["encodedDataLength"])}),
    )
    session.send("Network.enable")
    page.goto(address)
    page.wait_for_load_state("networkidle")
    session.detach()
    return sizes


@pytest.mark.parametrize("title", [CONCERT, COURSE], ids=["seats", "course"])
def test_page_of_an_event_is_light(send_in: SendIn, title: str) -> None:
    buyer = send_in(PHONE)
    event = buyer.shop.event(title)
    address = f"{buyer.shop.address}/{event['slug']}/events/{event['id']}"
    sizes = fetched(buyer.page, address)
    again = fetched(buyer.page, address)

    assert sum(sizes.values()) < LARGEST, sizes
    assert sum(again.values()) < LARGEST / 4, again
