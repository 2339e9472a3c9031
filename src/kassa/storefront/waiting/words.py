"""What the waiting room says, for its pages and its script alike, so that both say the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from kassa.core.languages import Language

Words = Mapping[str, str]

TEXTS = Path(__file__).parent / "texts"
WORDS: dict[str, Words] = {
    language: json.loads((TEXTS / f"{language}.json").read_text(encoding="utf-8"))
    for language in Language.values
}
"""By language."""


def number_text(words: Words, number: int) -> str:
    """Return a number as people write it."""
    return f"{number:,}".replace(",", words["thousands"])


def ahead_text(words: Words, ahead: int) -> str:
    """Say how many stand before somebody."""
    if ahead == 0:
        return words["ahead_none"]
    return words["ahead_one"] if ahead == 1 else words["ahead_many"].format(n=number_text(words, ahead))


def wait_text(words: Words, seconds: int) -> str:
    """Say roughly how long it takes."""
    minutes = -(-seconds // 60)
    if seconds < 60:
        return words["wait_soon"]
    if minutes == 1:
        return words["wait_minute"]
    if minutes < 90:
        return words["wait_minutes"].format(n=minutes)
    return words["wait_hours"].format(h=minutes // 60, m=minutes % 60)
