"""Becoming somebody with an account."""

from __future__ import annotations

import re

from tests.shopping.buyer import Buyer

PASSWORD = "many quiet violets"
CODE = re.compile(r"\b[A-Z]{4}-[A-Z]{4}\b")


def sign_up(buyer: Buyer) -> None:
    page = buyer.open("/account/signup/")
    page.locator("main [name=name]").fill("Ada Lovelace")
    page.locator("main [name=email]").fill(buyer.email)
    page.locator("main [name=password1]").fill(PASSWORD)
    page.locator("main button.primary").click()
    page.wait_for_url("**/confirm-email/**")


def confirm(buyer: Buyer) -> None:
    """Type the code from the letter."""
    reader = buyer.context.new_page()
    reader.goto(f"{buyer.shop.address}{letter_to(buyer)}")
    reader.wait_for_load_state("networkidle")
    found = CODE.search("\n".join(frame.locator("body").inner_text() for frame in reader.frames))
    reader.close()
    assert found is not None
    page = buyer.page
    page.locator("main [name=code]").fill(found[0])
    page.locator("main button.primary").click()
    page.wait_for_url(re.compile(r"/account/$"))


def letter_to(buyer: Buyer) -> str:
    """Return the address of the newest letter about an account."""
    reader = buyer.context.new_page()
    reader.goto(f"{buyer.shop.address}{buyer.shop.mailbox}")
    letters = reader.locator('a[href*="/accounts/"]')
    address = letters.filter(has_text=buyer.email).or_(letters).first.get_attribute("href")
    reader.close()
    assert address is not None
    return address
