"""French stays French: no page, after its scripts have run, says a sentence of the English catalogue."""

from __future__ import annotations

import gettext
import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Page

import kassa
from tests.shopping.buyer import DESKTOP, PHONE, Buyer
from tests.shopping.served import CONCERT, Shop
from tests.shopping.tour import shown_in_trouble, shown_to_a_buyer, shown_to_a_member, shown_to_everybody
from tests.support.conditions import wait_until

SendIn = Callable[..., Buyer]
ROOT = Path(kassa.__file__).parent
CLUB = "Basement Signals: Modular Synths until Dawn"
PLACE = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}|<[^>]*>")
SHORTEST = 10
"""Characters; what is shorter is often the same word in both languages, or part of a name."""
ENGLISH = re.compile(
    r"\b(?:the|your|you|is|are|with|and|this|that|please|from|of|not|it|has|been|was|left|for|by|when|who)\b",
    re.IGNORECASE,
)
"""Words that no French sentence has; two different ones make a text English, also outside the catalogues."""
SIGNS = re.compile(r"\w[:;!?](?=\s|$)|\w [:;!?»](?!\w)|«[ \w]")
"""Signs set as in English, or where a line may break before them."""
SAID = """() => {
  const found = [];
  const own = (node) => node.closest("[lang]")?.lang !== "fr";
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.replace(/[ \\n\\r\\t]+/g, " ").trim();
    const around = walk.currentNode.parentElement;
    if (text && !["SCRIPT", "STYLE", "NOSCRIPT"].includes(around.tagName) && !own(around)) found.push(text);
  }
  for (const one of document.querySelectorAll("[aria-label], [title], [placeholder], [alt]")) {
    if (own(one)) continue;
    found.push(...["aria-label", "title", "placeholder", "alt"].map((name) => one.getAttribute(name) ?? ""));
  }
  return [document.title, ...found];
}"""


@cache
def english_sentences() -> dict[str, re.Pattern[str]]:
    """Return the sentences of all catalogues that French says otherwise, as patterns."""
    found = {}
    for path in ROOT.rglob("locale/fr/LC_MESSAGES/django.mo"):
        with path.open("rb") as file:
            catalog = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        for key, french in catalog.items():
            english = key[0] if isinstance(key, tuple) else key
            if english != french and len(PLACE.sub("", english).strip()) >= SHORTEST:
                parts = [re.escape(part) for part in PLACE.split(english)]
                found[english] = re.compile(rf"(?<!\w){'.{0,80}?'.join(parts)}(?!\w)")
    for english, french in (*_pairs_of_waiting_room(), *_pairs_of_scanner()):
        if english != french and len(PLACE.sub("", english).strip()) >= SHORTEST:
            found[english] = re.compile(".{0,80}?".join(re.escape(part) for part in PLACE.split(english)))
    return found


def _pairs_of_waiting_room() -> Iterator[tuple[str, str]]:
    texts = ROOT / "storefront/waiting/texts"
    english, french = (json.loads((texts / f"{language}.json").read_text()) for language in ("en", "fr"))
    yield from ((english[name], french[name]) for name in english)


def _pairs_of_scanner() -> Iterator[tuple[str, str]]:
    texts = (ROOT / "checkin/static/checkin/texts.js").read_text()
    string = r'"((?:[^"\\]|\\.)*)"'
    yield from re.findall(rf"\w+: \[\s*{string},\s*{string},?\s*\]", texts)


def english_in(page: Page) -> list[str]:
    """Return the sentences of the English catalogue that a page says, and what else on it is English.

    Signs are part of it: French has a space before its colons and marks, at which no line breaks.

    What an organiser wrote is left out where the page says in which language that is.
    """
    texts: list[str] = page.evaluate(SAID)
    whole = "\n".join(texts)
    known = [english for english, pattern in english_sentences().items() if pattern.search(whole)]
    return known + [
        text
        for text in texts[1:]
        if len({one.lower() for one in ENGLISH.findall(text)}) > 1 or SIGNS.search(text)
    ]


def walk(buyer: Buyer, paths: Iterable[str]) -> dict[str, list[str]]:
    """Open each page in French and let its scripts run; return what is said in English, by path."""
    wrong = {}
    for path in paths:
        page = buyer.open_anyway(path, language="fr")
        page.wait_for_load_state("networkidle")
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        if found := english_in(page):
            wrong[path] = found
    return wrong


def not_foreign(paths: Iterable[str]) -> Iterable[str]:
    """Leave out the mailbox: it is the operator’s, and letters are in their readers’ languages."""
    return (path for path in paths if not path.startswith("/mailbox"))


def test_catalogue_is_known() -> None:
    assert len(english_sentences()) > 600
    assert english_sentences()["Only {left} left"].search("Only 10 left")
    assert english_sentences()["This phone no longer scans for this list."]


def test_english_is_found_wherever_it_comes_from(send_in: SendIn, shop: Shop) -> None:
    """The control of all tests below: a page in English says much of the catalogue."""
    page = send_in(PHONE).open_anyway("/account/login/", language="en")
    page.evaluate("document.documentElement.lang = 'fr'")

    found = english_in(page)

    assert "Forgotten your password?" in found
    assert (
        "See your orders and tickets from all organisers in one place. You don’t need an account to buy."
        in found
    )
    page.evaluate(
        "document.querySelector('main').insertAdjacentText('beforeend', 'This is not in the catalogue.')"
    )
    assert "This is not in the catalogue." in english_in(page)


def test_what_everybody_sees(send_in: SendIn, shop: Shop) -> None:
    assert walk(send_in(PHONE, locale="fr-FR"), not_foreign(shown_to_everybody(shop))) == {}


@pytest.mark.parametrize("tour", [shown_to_a_member, shown_to_a_buyer], ids=["member", "buyer"])
def test_what_is_for_one(send_in: SendIn, tour: Callable[[Buyer], Iterable[str]]) -> None:
    buyer = send_in(DESKTOP)

    assert walk(buyer, not_foreign(tour(buyer))) == {}


def test_what_is_refused(send_in: SendIn) -> None:
    buyer = send_in(DESKTOP, locale="fr-FR")

    assert {name: found for name in shown_in_trouble(buyer) if (found := english_in(buyer.page))} == {}


def test_waiting_room(send_in: SendIn, shop: Shop) -> None:
    room = shop.rows(
        """SELECT r.event_id, o.slug FROM waiting_waitingroom r JOIN organizations_organization o
        ON o.id = r.organization_id LIMIT 1"""
    )[0]

    assert walk(send_in(PHONE, locale="fr-FR"), [f"/waiting/{room['slug']}/{room['event_id']}"]) == {}


def test_scripts_say_in_french_what_is_left(send_in: SendIn) -> None:
    buyer = send_in(DESKTOP, locale="fr-FR")
    with buyer.page.expect_response(re.compile("/availability")):
        buyer.open_event(CLUB, lang="fr")
    page = buyer.page
    left = page.locator("[data-left]:visible")

    wait_until(lambda: left.count() and left.first.inner_text().startswith("Plus que "))
    page.wait_for_load_state("networkidle")
    assert left.first.inner_text().startswith("Plus que ")
    assert english_in(page) == []


def test_plan_speaks_french(send_in: SendIn) -> None:
    buyer = send_in(DESKTOP, locale="fr-FR")
    buyer.open_event(CONCERT, lang="fr")
    buyer.point_at_seats(2)

    assert "est choisie." in buyer.page.locator("[data-bar]").inner_text()
    assert english_in(buyer.page) == []
