"""Text that a hand scanner types, read as it is meant.

Hand scanners type like keyboards: some in small letters, with an identifier before the code and Enter after
it, and all as if the keyboard were an American one. ``checkin/static/checkin/scanned_text.js`` is the twin of
this; one table of cases holds both together.
"""

from __future__ import annotations

import re
import unicodedata

from kassa.orders.domain.codes import is_code, tidy_code
from kassa.tickets.domain.qr import MARK

_GERMAN = str.maketrans("YZyz\u00d6\u00f6(`\u00df?-", "ZYzy::*+--/")
_FRENCH = str.maketrans(
    "AQZWaqzw?M&\u00e9\"'(-\u00e8_\u00e7\u00e0458):!,",
    "QAWZqawzM:1234567890$%*-./M",
)

_BEFORE = re.compile(r"\A(?:\][A-Za-z][0-9A-Za-z])?[\s\x00-\x1f]*")
"""An AIM identifier, such as ``]Q3``, which says what kind of code was read."""
_UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff]")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_DEAD_GRAVE = re.compile("(.)\u0300")
"""On German keyboards a grave accent waits for the next letter and joins it."""


def read_scanned(text: str) -> str:
    """Return the text of a QR code letter by letter, or a code as it was typed."""
    plain = unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).strip()
    plain = _DASHES.sub("-", _BEFORE.sub("", plain))
    if plain.upper().startswith(MARK):
        return plain.upper()
    return next((turned for turned in _turn_back(plain) if turned.startswith(MARK)), plain)


def parse_turned_codes(plain: str) -> tuple[str, ...]:
    """Return the codes that were meant if the keyboard was another one, where their check letters fit."""
    return tuple(dict.fromkeys(code for code in map(tidy_code, _turn_back(plain)) if is_code(code)))


def _turn_back(plain: str) -> tuple[str, str]:
    """Return what German and French keyboards made of keys that were meant as American ones, turned back."""
    parted = _DEAD_GRAVE.sub(r"`\1", unicodedata.normalize("NFD", plain))
    german = unicodedata.normalize("NFC", parted).translate(_GERMAN)
    return german.upper(), plain.translate(_FRENCH).upper()
