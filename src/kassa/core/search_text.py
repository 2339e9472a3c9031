"""The form in which texts are looked for: pages, API, door and scanner find the same by the same words.

``checkin/static/checkin/search_text.js`` and the SQL function ``kassa_fold`` are its twins; a table of cases
holds the three together.
"""

from __future__ import annotations

import re
import unicodedata

from django.db.models import CharField, Func

LETTERS = {
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ð": "d",
    "đ": "d",
    "ø": "o",
    "ł": "l",
    "\N{LATIN SMALL LETTER DOTLESS I}": "i",
    "ħ": "h",
    "ŧ": "t",
    "ŋ": "n",
    "\N{GREEK SMALL LETTER FINAL SIGMA}": "\N{GREEK SMALL LETTER SIGMA}",
}
"""Letters that people also write in another way, and that are no other letter with a mark."""
MARKS = "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c7\u0640\u064b-\u065f\u0670"
"""Marks on Latin, Greek and Cyrillic letters, and the vowel signs that Hebrew and Arabic mostly leave out."""
BREAKS = (
    "\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200f\u2028\u2029\u202f\u205f\u3000"
    "_./'\u0060\u00b4\u02b9-\u02bf\u2018-\u201b\u2032\u2035\u05f3\u05f4\u055a\ua78b\ua78c"
    "\\-\u00ad\u058a\u05be\u1806\u2010-\u2015\u2043\u2212\u30fb\u2060\ufeff"
)
"""Spaces, apostrophes and dashes of all kinds, and what nobody sees: all of them part words."""

_MARKS = re.compile(f"[{MARKS}]")
_BREAKS = re.compile(f"[{BREAKS}]+")
_TABLE = str.maketrans(LETTERS)


def fold(text: str) -> str:
    """Return a text as it is looked for: small letters without marks, words with one space between them."""
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text)).lower().translate(_TABLE)
    return _BREAKS.sub(" ", plain).strip(" ")


class Folded(Func):
    """A column in the form that texts are looked for in."""

    function = "kassa_fold"
    output_field = CharField()


def like_pattern(word: str) -> str:
    """Return the pattern of SQL's LIKE for texts in which a word occurs."""
    literally = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{literally}%"
