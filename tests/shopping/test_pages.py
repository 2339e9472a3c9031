"""Every page in every language: axe finds nothing, the browser complains of nothing, nobody else is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from django.urls import Resolver404, URLPattern, get_resolver, resolve

from kassa.core.languages import Language
from tests.shopping.axe import SCRIPT, violations
from tests.shopping.buyer import DESKTOP, PHONE, Buyer
from tests.shopping.served import Shop
from tests.shopping.tour import shown_in_trouble, shown_to_a_buyer, shown_to_a_member, shown_to_everybody

SendIn = Callable[..., Buyer]
NOT_PAGES = {
    "look:": "pictures and colours",
    "choose:embed": "a script",
    "choose:availability": "figures",
    "choose:plan": "figures",
    "choose:price": "figures",
    "choose:choose": "is sent to; its refusals are the page of the event",
    "checkout:pay": "leads on",
    "checkout:back": "leads on",
    "checkout:again": "is sent to",
    "shop:favicon": "a file",
    "shop:robots": "a file",
    "shop:sitemap": "a file",
    "shop:calendar_feed": "a file",
    "shop:event_file": "a file",
    "shop:home_without_slash": "leads on",
    "checkin:manifest": "a file",
    "checkin:service_worker": "a script",
    "storefront:order_": "a file",
    "storefront:ticket_": "a file, or leads on",
    "storefront:invoice": "a file",
    "storefront:credit_note": "a file",
}


@pytest.fixture(scope="module")
def toured() -> set[str]:
    """The names of all pages that the tests of this module have looked at."""
    return set()


# What follows a form of the same look, with nothing of its own but a field for a code or a key.
NOT_PAGES |= dict.fromkeys(
    (
        "account_clerk",
        "account_invitation",
        "account_confirm",
        "account_erase",
        "account_export",
        "account_set_password",
        "account_complete_password_reset",
        "mfa_authenticate",
        "mfa_reauthenticate",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
        "mfa_remove_webauthn",
        "mfa_edit_webauthn",
        "mfa_login_webauthn",
        "mfa_signup_webauthn",
        "socialaccount_signup",
        "socialaccount_login_error",
        "openid_connect_",
    ),
    "after another device or service only",
)
NOT_PAGES |= {"waiting:now": "figures", "waiting:line": "is sent to", "waiting:place": "is sent to"}
NOT_PAGES |= {
    "waiting:entry": "is sent to",
    "storefront:cancel": "is sent to",
    "storefront:return": "is sent to",
}
NOT_PAGES |= {"mailbox-html": "a letter", "mailbox-letter-html": "a letter", "mailbox-file": "a file"}


LOOKS = (("light", PHONE), ("dark", DESKTOP))


def look_at(buyer: Buyer, paths: Iterable[str], toured: set[str]) -> list[str]:
    """Open each page in every language, on a phone by day and on a desk at night.

    The second page of a kind is looked at by night only. Return what is wrong.
    """
    wrong = []
    for path in paths:
        name = name_of(path)
        for language in Language.values:
            page = buyer.open_anyway(path, language=language)
            page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            for scheme, size in LOOKS[1:] if name in toured else LOOKS:
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
                page.set_viewport_size(size["viewport"])
                wrong += [f"{path} ({language}, {scheme}): {one}" for one in violations(page)]
        toured.add(name)
    return wrong


def name_of(path: str) -> str:
    try:
        return resolve(path.partition("?")[0]).view_name
    except Resolver404:
        return "missing"


def test_what_everybody_sees(send_in: SendIn, shop: Shop, toured: set[str]) -> None:
    buyer = send_in(PHONE, script=SCRIPT)

    assert "\n".join(look_at(buyer, shown_to_everybody(shop), toured)) == ""


def test_what_a_member_sees(send_in: SendIn, toured: set[str]) -> None:
    buyer = send_in(PHONE, script=SCRIPT)

    assert "\n".join(look_at(buyer, shown_to_a_member(buyer), toured)) == ""


def test_what_a_buyer_sees(send_in: SendIn, toured: set[str]) -> None:
    buyer = send_in(PHONE, script=SCRIPT)

    assert "\n".join(look_at(buyer, shown_to_a_buyer(buyer), toured)) == ""


def test_what_somebody_waiting_sees(send_in: SendIn, shop: Shop, toured: set[str]) -> None:
    buyer = send_in(PHONE, script=SCRIPT)
    room = shop.rows(
        """SELECT r.event_id, o.slug FROM waiting_waitingroom r JOIN organizations_organization o
        ON o.id = r.organization_id LIMIT 1"""
    )[0]

    assert "\n".join(look_at(buyer, [f"/waiting/{room['slug']}/{room['event_id']}"], toured)) == ""


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_what_is_refused(send_in: SendIn, locale: str) -> None:
    buyer = send_in(DESKTOP, script=SCRIPT, locale=locale, reduced_motion="reduce")

    assert [(name, one) for name in shown_in_trouble(buyer) for one in violations(buyer.page)] == []


@pytest.mark.parametrize("path", ["/api/v1/docs", "/api/v1/docs/orders", "/api/v1/problems"])
def test_reference_of_the_api(send_in: SendIn, path: str) -> None:
    buyer = send_in(PHONE, script=SCRIPT, bypass_csp=True)
    page = buyer.open(path)
    for scheme, size in LOOKS:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size(size["viewport"])
        assert violations(page) == []

    assert page.locator("html").get_attribute("lang") == "en"
    assert (page.locator("main").count(), page.locator("h1").count()) == (1, 1)


def test_no_page_is_forgotten(toured: set[str]) -> None:
    if len(toured) < 20:
        pytest.skip("only after the other tests of this file")
    pages = {name for name in names_of(get_resolver()) if not name.startswith(tuple(NOT_PAGES))}

    assert pages - toured == set()


def names_of(resolver: Any, within: str = "") -> Iterator[str]:
    """Yield the names of all addresses that are for people."""
    for one in resolver.url_patterns:
        if isinstance(one, URLPattern):
            if one.name:
                yield f"{within}{one.name}"
        elif not (one.namespace or "").startswith("api"):
            yield from names_of(one, f"{within}{one.namespace}:" if one.namespace else within)
