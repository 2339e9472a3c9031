"""Characters that nobody sees: what is made of them alone is no name, and addresses have none."""

from __future__ import annotations

import re
import unicodedata

BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Hangul fillers and the empty Braille pattern: letters and signs by their category, and drawn as nothing."""
_SEEN_ASCII = re.compile("[!-~]")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Me", "Mc"})
"""Controls, formats, spaces, and marks, which need a letter to stand on."""


def is_visible(text: str) -> bool:
    """Say whether a text has at least one character that a reader sees."""
    if text.isascii():
        return _SEEN_ASCII.search(text) is not None
    return any(each not in BLANK_LETTERS and unicodedata.category(each) not in _UNSEEN for each in text)


def strip_unseen(text: str) -> str:
    """Return a text without format characters, variation selectors and blank letters; spaces stay.

    For identifiers only: in a name a joiner may be part of how it is written.
    """
    if text.isascii():
        return text
    return "".join(each for each in text if not _is_unseen_sign(each))


def _is_unseen_sign(character: str) -> bool:
    is_selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    is_filler = character in BLANK_LETTERS or character == "\u034f"
    return is_selector or is_filler or unicodedata.category(character) == "Cf"
