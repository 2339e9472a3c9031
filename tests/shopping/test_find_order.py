"""A lost order is found again with nothing but the e-mail address, in another browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.shopping.buyer import DESKTOP, PHONE, Buyer
from tests.shopping.members import confirm
from tests.shopping.served import FREE_COURSE
from tests.support.conditions import wait_until

SendIn = Callable[..., Buyer]


def buy(buyer: Buyer) -> tuple[dict[str, Any], str]:
    """Order a free course; return the order and the shop's path."""
    course = buyer.open_event(FREE_COURSE)
    [place] = buyer.shop.rows("SELECT * FROM catalog_tickettype WHERE event_id = %s", course["id"])
    buyer.take(place["id"], 1)
    buyer.go_on()
    buyer.fill()
    buyer.order(way=None)
    return buyer.confirmed(), f"/{course['slug']}"


def ask(buyer: Buyer, start: str) -> None:
    """Follow the link to the page, type the address, and read the sentence."""
    page = buyer.open(start)
    page.get_by_role("link", name="Find my order").first.click()
    page.locator("main [name=email]").fill(buyer.email)
    page.locator("main button.primary").click()
    page.get_by_text("the links to your orders are on their way").wait_for()


def open_letter(buyer: Buyer, subject: str) -> Page:
    """Wait for a letter, and open it in the mailbox."""
    reader = buyer.context.new_page()
    letter = reader.locator("li a").filter(has_text=subject)

    def has_come() -> bool:
        reader.goto(f"{buyer.shop.address}{buyer.shop.mailbox}?to={buyer.email}")
        return letter.count() > 0

    wait_until(has_come)
    letter.first.click()
    reader.wait_for_load_state("networkidle")
    return reader


@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("is_in_shop", [True, False], ids=["shop", "sign-in"])
def test_order_is_found_by_address_alone(send_in: SendIn, is_in_shop: bool, has_scripts: bool) -> None:
    buyer = send_in(DESKTOP)
    order, shop = buy(buyer)
    lost = send_in(PHONE, java_script_enabled=has_scripts)
    lost.email = buyer.email

    ask(lost, f"{shop}/" if is_in_shop else "/account/login/")

    reader = open_letter(lost, "Your orders")
    texts = [frame.content() for frame in reader.frames]
    [link] = {one for text in texts for one in re.findall(r"/orders/[\w-]+", text)}
    assert order["number"] in lost.open(link).locator("main").inner_text()


def test_confirmation_shows_its_codes_in_a_mail_program_in_the_browser(send_in: SendIn) -> None:
    """A message has an origin of its own there, so browsers ask each picture whether it is for others."""
    buyer = send_in(DESKTOP)
    buy(buyer)

    reader = open_letter(buyer, "Your tickets")

    picture = reader.frame_locator("iframe").locator('img[src$="/qr.png"]')
    expect(picture).to_have_count(1)
    wait_until(lambda: picture.evaluate("one => one.naturalWidth > 0"))


def test_code_leads_to_orders_without_an_account(send_in: SendIn) -> None:
    buyer = send_in(DESKTOP)
    order, _ = buy(buyer)
    lost = send_in(PHONE)
    lost.email = buyer.email
    page = lost.open("/account/login/code/")
    page.locator("main [name=email]").fill(lost.email)
    page.locator("main button.primary").click()
    page.wait_for_url("**/confirm/")

    confirm(lost)

    assert order["number"] in page.locator("main").inner_text()
