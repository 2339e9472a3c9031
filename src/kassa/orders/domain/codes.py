"""Ticket codes: short, unguessable, without letters that look alike."""

from __future__ import annotations

import os

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 letters and digits without 0, 1, I and O."""
LENGTH = 16
"""Five random bits each: 80 in all."""
_TABLE = bytes.maketrans(bytes(range(256)), bytes(ord(ALPHABET[byte % 32]) for byte in range(256)))


def new_codes(count: int) -> list[str]:
    """Return fresh codes from the system's own randomness."""
    letters = os.urandom(count * LENGTH).translate(_TABLE).decode()
    return [letters[start : start + LENGTH] for start in range(0, count * LENGTH, LENGTH)]
