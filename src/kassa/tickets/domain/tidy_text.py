"""Texts of people made fit to be set: nothing invisible that turns them around, no word too long to break."""

from __future__ import annotations

import re
import unicodedata

LONGEST_WORD = 22
"""Longer ones may break at any letter, as addresses of web pages have to."""
ZERO_WIDTH_SPACE = "\N{ZERO WIDTH SPACE}"

_LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD},}}")
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but for the end of a line, and what turns the direction of all that follows."""


def tidy(text: str) -> str:
    """Return a text of several lines without what cannot be printed, and with room to break long words."""
    plain = _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _LONG_WORD.sub(lambda word: ZERO_WIDTH_SPACE.join(word[0]), plain.strip())


def tidy_line(text: str) -> str:
    """Return a text as one line."""
    return tidy(" ".join(text.split()))


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
