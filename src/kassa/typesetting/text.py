"""Texts of people made fit to be set: nothing invisible that turns them around, no word too long to break."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from kassa.typesetting.fonts import BREAK

LONGEST_WORD = 22
"""Longer ones may break behind a sign that joins their parts, as addresses of web pages do."""
NO_WORD = 60
"""What is longer is no word in any script that has words."""

_WORD = re.compile(rf"[^\s{BREAK}]+")
_PARTS = re.compile(r"[^@./\-_?&=#:]*[@./\-_?&=#:]+|[^@./\-_?&=#:]+")
_ALONE = re.compile("[\u0000-\u058f\u1c80-\u1fff\u2c60-\u2c7f\ua640-\ua7ff]+")
"""Letters that stand alone: Latin, Greek, Cyrillic, Armenian. In other scripts they join their neighbours."""
_JOINED = re.compile(
    "[^\u0e00-\u109f\u1780-\u17ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\uffef\U0001f000-\U0003ffff]+"
)
"""All but what breaks by itself, such as Thai and Chinese."""
_UNPRINTABLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ue000"  # controls but for the end of a line, halves of letters
    "\u202a-\u202e\u2066-\u2069"  # what turns the direction of all that follows
    "\u00ad\u180e\u200b\u200e\u200f\u2060-\u2065\ufeff]"  # what nobody sees, and copies all the same
)
_SCRIPT = "[\u0600-\uffff\U00010000-\U0010ffff]"
_JOINER = re.compile(f"(?<!{_SCRIPT})[\u200c\u200d]|[\u200c\u200d](?!{_SCRIPT})")
"""Joiners are part of Persian, of Indian scripts and of emoji; between other letters they are nothing."""
_DRAWING = "<svg"
_NAMES = frozenset({"design"})
"""Fields that a template looks something up by."""
_WIDE = frozenset({"about", "notes", "terms", "terms_halves", "footer", "contact"})
"""Fields whose lines hold any word but those that are none: there it goes to the next line as a whole."""


def tidy(text: str) -> str:
    """Return a text of several lines without what cannot be printed."""
    plain = _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _JOINER.sub("", plain).strip()


def tidy_line(text: str) -> str:
    """Return a text as one line."""
    return tidy(" ".join(text.split()))


def with_breaks(value: Any, *, longest: int = LONGEST_WORD) -> Any:
    """Return data of a document with marks in long words where their line may be broken; drawings stay."""
    match value:
        case str() if not value.startswith(_DRAWING):
            return _WORD.sub(lambda word: _broken(word[0]) if len(word[0]) >= longest else word[0], value)
        case dict():
            return {
                name: one
                if name in _NAMES
                else with_breaks(one, longest=NO_WORD if name in _WIDE else longest)
                for name, one in value.items()
            }
        case list() | tuple():
            return [with_breaks(one, longest=longest) for one in value]
    return value


def _broken(word: str) -> str:
    return BREAK.join(map(_broken_part, _PARTS.findall(word)))


def _broken_part(part: str) -> str:
    """Let a part that is too long break between any two of its letters, but never before a mark on one."""
    if len(part) < LONGEST_WORD:
        return part
    letters = _ALONE if len(part) < NO_WORD else _JOINED
    return letters.sub(lambda found: BREAK.join(_clusters(found[0])), part)


def _clusters(text: str) -> list[str]:
    clusters: list[str] = []
    for letter in text:
        if clusters and unicodedata.category(letter).startswith("M"):
            clusters[-1] += letter
        else:
            clusters.append(letter)
    return clusters


def width_of(text: str) -> float:
    """Return about how wide a bold text is, in times its size; rather more than less."""
    return sum(_width(letter) for letter in text)


def _width(letter: str) -> float:
    if letter in " iljtfr.,:;'!|()":
        return 0.42
    if "a" <= letter <= "z" or letter.isdigit():
        return 0.65 if letter not in "mw" else 0.98
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.05
    return 0.85


def halves(text: str, *, shortest: int = 400) -> list[str]:
    """Return a text in two columns of about the same length; a short one stays in the first."""
    if len(text) < shortest:
        return [text]
    breaks = [match.start() for match in re.finditer(r"\s+", text)]
    middle = min(breaks, key=lambda place: abs(place - len(text) / 2), default=None)
    if middle is None:
        return [text]
    return [text[:middle].rstrip(), text[middle:].lstrip()]
