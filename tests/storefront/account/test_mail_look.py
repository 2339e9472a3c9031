"""Mails about accounts and lost orders look like the messages about orders: Kassa's, or those of the shop."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

import kassa.web
from kassa.organizations.models import Organization
from tests.storefront.account.lost_orders import answer_requests, forget_requests
from tests.storefront.account.visitor import PASSWORD, Visitor, letters_to, make_person
from tests.support.chromium import chromium  # noqa: F401
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db(transaction=True)
ADA = "ada@example.com"
TOKENS = Path(kassa.web.__file__).parent / "static/web/tokens.css"
KASSA_BLUE, SHOP_RED = "#23427a", "#7a1f3d"
LONG_HOST = "https://a-rather-long-name-of-a-host-that-somebody-has-chosen.tickets.example.org"
PHONE_WIDTH = 390
OUTSIDE = """() => {
  const edge = document.querySelector(".sheet").getBoundingClientRect().right;
  const within = [...document.querySelectorAll(".sheet *")];
  return within.filter((each) => each.getBoundingClientRect().right > edge).map((each) => each.outerHTML);
}"""
"""What runs out of the card, to its right."""


@pytest.fixture
def holders() -> Holders:
    """Ada has bought two tickets as a guest in a shop with a colour."""
    forget_requests()
    return Holders(primary_color=SHOP_RED)


def accent_of(html: str) -> str:
    """Return the colour of the stripe across the top of a mail."""
    found = re.search(r'<td bgcolor="(#[0-9a-f]{6})" style="height:6px', html)
    assert found, html
    return found[1]


def head_of(html: str) -> str:
    """Return whose name stands at the top of a mail."""
    found = re.search(r'<div class="name strong"[^>]*>(.*?)</div>', html)
    assert found, html
    return found[1]


def lost_orders_html(path: str) -> str:
    Visitor().send(path, email=ADA)
    answer_requests()
    return letters_to(ADA)[0].html


def test_mail_about_an_account_wears_the_look_of_kassa() -> None:
    make_person(ADA)
    Visitor().send("/account/login/code/", email=ADA)

    html = letters_to(ADA)[0].html

    assert (head_of(html), accent_of(html)) == ("Kassa", KASSA_BLUE)
    assert '<h1 class="strong"' in html
    assert f"--brand: {KASSA_BLUE};" in TOKENS.read_text()


def test_lost_orders_of_all_shops_are_found_by_kassa(holders: Holders) -> None:
    html = lost_orders_html("/account/find-order/")

    assert (head_of(html), accent_of(html)) == ("Kassa", KASSA_BLUE)


def test_lost_orders_of_a_shop_are_found_by_that_shop(holders: Holders) -> None:
    html = lost_orders_html(f"/{holders.organization.slug}/find-order")

    assert (head_of(html), accent_of(html)) == ("Harbour Hall", SHOP_RED)


def test_logo_of_the_shop_stands_above_its_mail(holders: Holders) -> None:
    logo = "https://pictures.example/logo.png"
    Organization.objects.filter(id=holders.organization.id).update(logo=logo)

    html = lost_orders_html(f"/{holders.organization.slug}/find-order")

    assert f'<img src="{logo}" alt="Harbour Hall"' in html


@pytest.mark.parametrize("language", ["en", "fr"])
def test_long_addresses_stay_within_the_card_on_a_phone(
    chromium: str,  # noqa: F811
    holders: Holders,
    settings: Any,
    language: str,
) -> None:
    settings.BASE_URL = LONG_HOST
    make_person("grace@example.com")
    visitor = Visitor(HTTP_ACCEPT_LANGUAGE=language)
    for email in (ADA, "nobody@example.com"):
        visitor.send("/account/find-order/", email=email)
    visitor.send("/account/signup/", name="Grace", email="grace@example.com", password1=PASSWORD)
    answer_requests()
    mails = {email: letters_to(email)[0].html for email in (ADA, "nobody@example.com", "grace@example.com")}
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": PHONE_WIDTH, "height": 844}).new_page()
        for email, html in mails.items():
            page.set_content(html)
            assert LONG_HOST in page.inner_text(".sheet"), email
            assert page.evaluate(OUTSIDE) == []
            assert page.evaluate("document.documentElement.scrollWidth") == PHONE_WIDTH
        browser.close()
