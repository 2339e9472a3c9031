"""Patterns and words that no text may have, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

STYLE_SHEET = Path(__file__).parents[2] / "docs/developers/words.md"
LANGUAGES = {"en": "## English words", "fr": "## French words"}


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern that no text may have."""

    name: str
    language: str
    pattern: re.Pattern[str]
    instead: str
    """What to write."""
    wrong: str
    """A sentence that it finds."""
    right: str
    """The same as it should be, in which it finds nothing."""


def _rule(name: str, language: str, pattern: str, *, instead: str, wrong: str, right: str) -> Rule:
    return Rule(name, language, re.compile(pattern, re.MULTILINE), instead, wrong, right)


_START = r"(?:^|(?<=[.!?:;] )|(?<=\| ))"
_VERB = r"(?:is|are|was|were|has|have|had|can|could|must|may|comes|came|goes|went|gets|got|stays|pays|paid)"

RULES = (
    _rule(
        "headless-what",
        "en",
        _START + rf"What {_VERB}\b[^?\n]*[.!](?=\s|$)",
        instead="Name the thing: the payment, the ticket, the order.",
        wrong="What was paid is given back.",
        right="Any payment will be refunded.",
    ),
    _rule(
        "headless-who",
        "en",
        _START + r"Who(?:ever)? (?!(?:is|are) (?:\w+ )?\w+\?)[a-z]+ [^?\n]*[.!](?=\s|$)",
        instead="Name the person: the buyer, the holder, the sender, anyone who.",
        wrong="Who paid gets the money back.",
        right="The buyer gets the money back.",
    ),
    _rule(
        "headless-object",
        "en",
        rf"\b(?:to|by|for|from|with|of|on|at) (?:who(?:ever)? [a-z]+|what {_VERB})\b",
        instead="Name the person or the thing after the preposition.",
        wrong="The money goes back to who bought it.",
        right="The money goes back to the buyer.",
    ),
    _rule(
        "tells-of",
        "en",
        r"\b(?:tell|tells|told|telling) of\b",
        instead="describe, name, say, report",
        wrong="The page tells of the refund.",
        right="The page describes the refund.",
    ),
    _rule(
        "is-none",
        "en",
        r"(?<![Tt]here )\b(?:is|are|was|were|be) none\b",
        instead="there is no …, is empty, is not one",
        wrong="A date that is none is refused.",
        right="An invalid date is refused.",
    ),
    _rule(
        "nobody-in",
        "en",
        r"\blets? nobody\b",
        instead="is not valid, stops working",
        wrong="This ticket lets nobody in.",
        right="This ticket is not valid.",
    ),
    _rule(
        "not-any-more",
        "en",
        r"\b(?:not?|nobody|nothing|none|never|cannot|n[’']t)\b[^.!?;\n]{0,60}\bany ?more\b",
        instead="no longer",
        wrong="This is not on sale any more.",
        right="This is no longer on sale.",
    ),
    _rule(
        "nothing-of-it",
        "en",
        r"\b[Nn]othing of (?:it|this|them)\b",
        instead="none of it",
        wrong="Nothing of it is left.",
        right="None of it is left.",
    ),
    _rule(
        "apostrophe",
        "fr",
        r"\w'\w",
        instead="the typographic apostrophe: ’",
        wrong="L'événement est annulé.",
        right="L’événement est annulé.",
    ),
    _rule(
        "no-break-space",
        "fr",
        r"(?<=[\wéèàç»)]) [:;!?»](?!\w)|«(?=[ \w])",
        instead="a no-break space before : ; ! ? » and after «",
        wrong="Vous avez un code promo ?",
        right="Vous avez un code promo\N{NO-BREAK SPACE}?",
    ),
    _rule(
        "qui-sans-tete",
        "fr",
        r"(?:^|(?<=[.:;!?] )|(?<=[:;!?]\N{NO-BREAK SPACE}))"
        r"[Qq]ui [^.:;!?,]+ (?:peut|doit|voit|reçoit|paie)\b(?![^.!]*\?)",
        instead="la personne qui, l’acheteur, toute personne qui",
        wrong="Qui la connaît peut utiliser le billet.",
        right="Toute personne qui la connaît peut utiliser le billet.",
    ),
    _rule(
        "quelque-chose-de",
        "fr",
        r"\b(?:Rien|Quelque chose) de cette\b",
        instead="aucun élément de, une partie de",
        wrong="Rien de cette commande ne peut être rendu.",
        right="Aucun billet de cette commande ne peut être rendu.",
    ),
)


@cache
def list_words(language: str) -> tuple[Rule, ...]:
    """Return a rule for every row of a language's table of words in the style sheet."""
    section = STYLE_SHEET.read_text().partition(f"\n{LANGUAGES[language]}\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return tuple(_words(language, right, wrong) for right, wrong in rows[1:])


def _words(language: str, right: str, wrong: str) -> Rule:
    phrases = [re.sub("[’']", "[’']", re.escape(phrase)) for phrase in wrong.split("; ")]
    pattern = rf"(?i:(?<![\w%({{.'-])(?:{'|'.join(phrases)})(?![\w-]))"
    return _rule("words", language, pattern, instead=right, wrong=wrong, right=right)


def find_faults(text: str, language: str) -> Iterator[tuple[Rule, str]]:
    """Yield each rule that a text breaks, and the words that break it."""
    for rule in (*RULES, *list_words(language)):
        if rule.language == language:
            for found in rule.pattern.finditer(text):
                yield rule, found[0]
