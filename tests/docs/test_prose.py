"""The linter of prose: every rule finds its bad example, the style sheet lists it, no text breaks one."""

from __future__ import annotations

import pytest

from scripts.prose.__main__ import list_reports
from scripts.prose.rules import LANGUAGES, RULES, Rule, find_faults, list_words
from scripts.prose.texts import list_texts
from tests.docs.test_docs import rows, section


def names(text: str, language: str) -> set[str]:
    return {rule.name for rule, _ in find_faults(text, language)}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_finds_the_bad_sentence_and_passes_the_good_one(rule: Rule) -> None:
    assert rule.name in names(rule.wrong, rule.language)
    assert names(rule.right, rule.language) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_style_sheet_is_found_where_it_stands_in_a_sentence(language: str) -> None:
    words = list_words(language)

    assert len(words) > 15
    for rule in words:
        assert names(rule.right, language) == set(), rule
        for phrase in rule.wrong.split("; "):
            assert "words" in names(f"X {phrase.capitalize()}, X", language), phrase


def test_the_style_sheet_lists_every_rule() -> None:
    listed = {tuple(row) for row in rows(section("developers/words.md", "## Sentences"))}

    assert listed == {(f"`{rule.name}`", rule.right, rule.wrong) for rule in RULES}


@pytest.mark.parametrize(
    ("part", "language", "sentence"),
    [
        ("web/locale", "fr", "Page introuvable"),
        ("notifications/texts/fr/order_confirmed.md", "fr", "commande"),
        ("waiting/texts/en.json", "en", "line"),
        ("checkin/texts.js", "fr", "billet"),
        ("admission/domain/sentences.py", "fr", "Ce billet a été annulé."),
        ("sales/errors.py", "en", "coupon"),
        ("api/routes/carts.py", "en", "Put a coupon on a cart"),
        ("docs/organisers/refunds.md", "en", "refund"),
        ("README.md", "en", "Kassa"),
    ],
)
def test_texts_of_every_kind_are_read(part: str, language: str, sentence: str) -> None:
    assert any(
        part in place and language == spoken and sentence in text for place, spoken, text in list_texts()
    )


def test_no_text_breaks_a_rule() -> None:
    assert list(list_reports(list_texts())) == []


def test_a_broken_rule_is_reported_with_its_place_and_what_to_write() -> None:
    (report,) = list_reports([("docs/index.md", "en", "Who paid gets the money back.")])

    assert report.startswith(
        "docs/index.md: headless-who: “Who paid gets the money back.”; write: Name the person"
    )
