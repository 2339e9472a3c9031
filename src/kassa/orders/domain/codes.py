"""Ticket codes: short, unguessable, without letters that look alike, and with a check character.

The twelfth letter makes the weighted sum of all letters zero. The sum is taken in the field of 32
elements, where no two letters share a weight, so a single wrong letter and two letters in each
other's place are always noticed before anybody looks for such a ticket.
"""

from __future__ import annotations

import os
import re
import unicodedata

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 letters and digits without 0, 1, I and O."""
RANDOM_LETTERS = 11
"""Five random bits each: 55 in all."""
LENGTH = RANDOM_LETTERS + 1
GROUP = 4
"""How many letters people read at a time."""
FORMER_LENGTH = 16
"""Of codes that were given out before they had a check character."""

_VALUES = bytes(byte % 32 for byte in range(256))
"""Any byte as one of the 32 values."""
_LETTERS = bytes(ord(ALPHABET[byte % 32]) for byte in range(256))
"""Any byte as one of the 32 letters."""
_VALUE_OF = {letter: value for value, letter in enumerate(ALPHABET)}
_DOUBLED = bytes((value << 1) ^ (0b100101 if value & 0b10000 else 0) for value in range(32))
"""Each value times two, in the field of 32 elements whose modulus is x⁵ + x² + 1."""
_SINGLE = [bytes((value,)) for value in range(32)]
_SEPARATORS = str.maketrans(
    "", "", " -\u00a0\u200b\u2010\u2011\u2012\u2013\u2014\u2015\u2028\u2029\u202f\u2212\u3000\ufeff\t\n\v\f\r"
)

_DASHES = re.compile("[\u2010-\u2015\u2212]")


def new_codes(count: int) -> list[str]:
    """Return fresh codes from the system's own randomness."""
    values = os.urandom(count * RANDOM_LETTERS).translate(_VALUES)
    parts: list[bytes] = []
    for start in range(0, len(values), RANDOM_LETTERS):
        part = values[start : start + RANDOM_LETTERS]
        check = 0
        for value in part:
            check = _DOUBLED[check ^ value]
        parts += (part, _SINGLE[check])
    letters = b"".join(parts).translate(_LETTERS).decode()
    return [letters[start : start + LENGTH] for start in range(0, count * LENGTH, LENGTH)]


def is_code(text: str) -> bool:
    """Say whether a text is a code as they are made now, and was read without a mistake."""
    if len(text) != LENGTH:
        return False
    rest = 0
    for letter in text:
        value = _VALUE_OF.get(letter)
        if value is None:
            return False
        rest = _DOUBLED[rest ^ value]
    return rest == 0


def tidy_code(text: str) -> str:
    """Return what somebody typed as a code is written: upper case, without spaces and hyphens.

    Letters that no code has, such as 0 and O, are left as they are: nobody can know which was meant.
    """
    return text.translate(_SEPARATORS).upper()


def tidy_number(text: str) -> str:
    """Return what somebody typed as an order's number is written: upper case, with plain hyphens."""
    return _DASHES.sub("-", "".join(unicodedata.normalize("NFKC", text).split())).upper()


def spaced(code: str) -> str:
    """Return a code as people read it aloud: ``K7QM-4TWX-9PRA``. Codes of other systems stay as they are."""
    if len(code) not in (LENGTH, FORMER_LENGTH) or not _VALUE_OF.keys() >= set(code):
        return code
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))
