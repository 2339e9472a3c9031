"""Kassa's own words for every kind of message, in every language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Words:
    """A subject and a body with placeholders."""

    subject: str
    body: str


@cache
def default_words(kind: str, language: str) -> Words:
    """Return Kassa's own words: the first line of a file is the subject, the rest the body."""
    file = resources.files("kassa.notifications") / "texts" / language / f"{kind}.md"
    subject, body = file.read_text(encoding="utf-8").split("\n", 1)
    return Words(subject.removeprefix("Subject:").strip(), body.strip())
