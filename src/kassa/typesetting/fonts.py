"""Which fonts a text needs, and which of its letters none has.

Documents are set in Noto Sans. For letters that it lacks another family is named, and only if they occur: to
look through all of them would cost more than to set the page.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from django.conf import settings

from kassa.typesetting.font_files import FontUnreadable, read_font

SHIPPED = Path(__file__).parent / "shipped_fonts"
PACKAGES = ("fontpkg_noto_sans", "fontpkg_noto_sans_arabic")
FIRST = (
    "Noto Sans",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Thai",
    "Droid Sans Fallback",
    "NanumGothic",
    "Noto Emoji",
)
"""Where a letter is looked for first; then in all others, by their name."""
BASE = FIRST[0]
BREAK = "\ue000"
"""Marks in a text where its line may be broken; a template makes an empty box of it, which is no letter."""

_SURELY_BASE = re.compile("[\u0000-\u052f\u1e00-\u1fff\u2010-\u2026\u202f\u20ac\u2212\ue000]*")
"""What Noto Sans has; most texts have nothing else, and need no closer look."""
_NO_LETTERS = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"})
_SELECTORS = re.compile("[\u034f\u180b-\u180d\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Marks that choose between forms of the letter before, and are drawn as nothing."""


@dataclass(frozen=True, slots=True)
class Font:
    """A font, and the letters that it has."""

    family: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    """Ranges of letters, in order; an end belongs to its range."""

    def has(self, letter: str) -> bool:
        place = bisect_right(self.starts, ord(letter)) - 1
        return place >= 0 and ord(letter) <= self.ends[place]


def families_for(text: str) -> tuple[str, ...]:
    """Return the families that a text is set in, in the order in which a letter is looked for."""
    if _SURELY_BASE.fullmatch(text):
        return (BASE,)
    return _needed("".join(sorted(_collect_letters(text))))[0]


def missing_letters(text: str) -> str:
    """Return the letters of a text that no font has, each once: boxes are drawn in their place."""
    if _SURELY_BASE.fullmatch(text):
        return ""
    return _needed("".join(sorted(_collect_letters(text))))[1]


def font_folders() -> list[str]:
    """Return where the fonts lie: Kassa's own, those of packages, and those that the operator adds."""
    packages = [str(files(package) / "files") for package in PACKAGES]
    return [*packages, str(SHIPPED), *map(str, settings.FONT_FOLDERS)]


def _collect_letters(text: str) -> set[str]:
    letters = set(_SELECTORS.sub("", text)) - {BREAK}
    return {each for each in letters if unicodedata.category(each) not in _NO_LETTERS}


@lru_cache(maxsize=1024)
def _needed(letters: str) -> tuple[tuple[str, ...], str]:
    """Return the families that letters are found in, and the letters that are found in none."""
    families, left = [BASE], letters
    for font in _fonts():
        if not left:
            break
        found = [each for each in left if font.has(each)]
        if found:
            left = "".join(each for each in left if not font.has(each))
            if font.family not in families:
                families.append(font.family)
    return tuple(families), left


@cache
def _fonts() -> tuple[Font, ...]:
    """Return all fonts; to read which letters they have takes a tenth of a second, once."""
    found = [font for folder in font_folders() for font in _fonts_in(Path(folder))]
    places = {family: place for place, family in enumerate(FIRST)}
    return tuple(sorted(found, key=lambda font: (places.get(font.family, len(FIRST)), font.family)))


def _fonts_in(folder: Path) -> Iterator[Font]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in (".ttf", ".otf", ".ttc", ".otc"):
            continue
        try:
            faces = read_font(path)
        except FontUnreadable:
            continue
        for family, ranges in faces:
            yield Font(family, tuple(start for start, _ in ranges), tuple(end for _, end in ranges))
