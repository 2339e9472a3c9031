"""Base 45, RFC 9285: bytes in the letters that a QR code packs most tightly.

Two bytes become three letters, a last single byte two. Only what :func:`encode` writes is read.
"""

from __future__ import annotations

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
"""The 45 characters of a QR code's alphanumeric mode, in their order."""

_VALUE_OF = {letter: value for value, letter in enumerate(LETTERS)}
_PAIR = [first + second for second in LETTERS for first in LETTERS]
"""The two letters of each number below 2025, the smaller place first."""


def encode(data: bytes) -> str:
    """Return bytes as text."""
    parts = []
    for place in range(0, len(data) - 1, 2):
        high, low = divmod(data[place] << 8 | data[place + 1], 2025)
        parts.append(_PAIR[low] + LETTERS[high])
    if len(data) % 2:
        parts.append(_PAIR[data[-1]])
    return "".join(parts)


def decode(text: str) -> bytes:
    """Return the bytes of a text.

    Raises:
        ValueError: no bytes are written this way.
    """
    try:
        values = [_VALUE_OF[letter] for letter in text]
    except KeyError as error:
        raise ValueError(f"{error.args[0]!r} is no letter of base 45.") from error
    whole, rest = divmod(len(values), 3)
    if rest == 1:
        raise ValueError("One letter alone stands for nothing.")
    data = bytearray()
    for place in range(0, whole * 3, 3):
        number = values[place] + 45 * values[place + 1] + 2025 * values[place + 2]
        if number > 0xFFFF:
            raise ValueError("Three letters stand for more than two bytes.")
        data += number.to_bytes(2, "big")
    if rest:
        number = values[-2] + 45 * values[-1]
        if number > 0xFF:
            raise ValueError("The last two letters stand for more than one byte.")
        data.append(number)
    return bytes(data)
