"""French stays French: no page, after its scripts have run, says a sentence of the English catalogue."""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Page

import kassa
from tests.concurrency.serving import wait_until
from tests.shopping.buyer import DESKTOP, PHONE, Buyer
from tests.shopping.served import CONCERT, Shop
from tests.shopping.tour import shown_to_a_buyer, shown_to_a_member, shown_to_everybody

SendIn = Callable[..., Buyer]
ROOT = Path(kassa.__file__).parent
CLUB = "Basement Signals: Modular Synths until Dawn"
PLACE = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}|<[^>]*>")
SHORTEST = 10
"""Characters; what is shorter is often the same word in both languages, or part of a name."""
SAID = """() => {
  const found = [];
  const own = (node) => node.closest("[lang]")?.lang !== "fr";
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.replace(/\\s+/g, " ").trim();
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
    return found


def english_in(page: Page) -> list[str]:
    """Return the sentences of the English catalogue that a page says."""
    texts: list[str] = page.evaluate(SAID)
    whole = "\n".join(texts)
    return [english for english, pattern in english_sentences().items() if pattern.search(whole)]


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
    """Leave out what is in the language of whoever runs Kassa, or of the person it is written to."""
    return (path for path in paths if not path.startswith(("/mailbox", "/checkin")))


def test_catalogue_is_known() -> None:
    assert len(english_sentences()) > 400
    assert english_sentences()["Only {left} left"].search("Only 10 left")


def test_what_everybody_sees(send_in: SendIn, shop: Shop) -> None:
    assert walk(send_in(PHONE, locale="fr-FR"), not_foreign(shown_to_everybody(shop))) == {}


@pytest.mark.parametrize("tour", [shown_to_a_member, shown_to_a_buyer], ids=["member", "buyer"])
def test_what_is_for_one(send_in: SendIn, tour: Callable[[Buyer], Iterable[str]]) -> None:
    buyer = send_in(DESKTOP)

    assert walk(buyer, not_foreign(tour(buyer))) == {}


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
