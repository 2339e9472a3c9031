"""The modules of a ticket's QR code, quickly: nearly all codes have one size, so all but the bits is fixed.

segno draws any QR code in some milliseconds, which is more than the rest of a ticket takes. Where
everything stands in a code of version 6 and level M is therefore worked out once, with segno's drawing of
the fixed parts, and only the bits are computed each time. Texts of another length are left to segno.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from operator import itemgetter

import segno

from kassa.tickets.domain.base45 import LETTERS

VERSION = 6
SIDE = 17 + 4 * VERSION
SHORTEST, LONGEST = 123, 154
"""How many letters make a code of this version, and no smaller one."""
BLOCKS, BLOCK_BYTES, CHECK_BYTES = 4, 27, 16
"""At level M, which can be read with 15 of 100 covered."""
MASK = 3
"""Most of the text is a signature, as good as random: no mask is better than another."""
PADDING = (0xEC, 0x11)

_PAIR = {
    first + second: format(45 * high + low, "011b")
    for high, first in enumerate(LETTERS)
    for low, second in enumerate(LETTERS)
}
_FROM_DIGITS = bytes.maketrans(b"01", b"\x00\x01")
_SINGLE = {letter: format(value, "06b") for value, letter in enumerate(LETTERS)}


def qr_matrix(text: str) -> list[bytes]:
    """Return the rows of a QR code without its border, a 1 for each dark module.

    Raises:
        segno.DataOverflowError: the text is longer than a QR code can be.
    """
    if not SHORTEST <= len(text) <= LONGEST or not _SINGLE.keys() >= set(text):
        made = segno.make_qr(text, error="m", boost_error=False, mask=MASK)
        return [bytes(row) for row in made.matrix]
    pick, mask = _layout()
    bits = format(
        int.from_bytes(_codewords(text), "big") ^ mask, f"0{8 * BLOCKS * (BLOCK_BYTES + CHECK_BYTES)}b"
    )
    modules = "".join(pick("01" + bits)).encode().translate(_FROM_DIGITS)
    return [modules[start : start + SIDE] for start in range(0, SIDE * SIDE, SIDE)]


def _codewords(text: str) -> bytes:
    """Return the bytes as they are placed: the blocks' own and those that correct them, in turns."""
    even = len(text) // 2 * 2
    bits = "".join(
        (
            "0010",
            format(len(text), "09b"),
            *(_PAIR[text[place : place + 2]] for place in range(0, even, 2)),
            *(_SINGLE[letter] for letter in text[even:]),
        )
    )
    whole = 8 * BLOCKS * BLOCK_BYTES
    bits += "0" * min(4, whole - len(bits))
    bits += "0" * (-len(bits) % 8)
    data = bytearray(int(bits, 2).to_bytes(len(bits) // 8, "big"))
    data += bytes(PADDING[turn % 2] for turn in range(BLOCKS * BLOCK_BYTES - len(data)))
    blocks = [data[start : start + BLOCK_BYTES] for start in range(0, len(data), BLOCK_BYTES)]
    return b"".join(
        bytes(turn)
        for part in (blocks, [_check_bytes(block) for block in blocks])
        for turn in zip(*part, strict=True)
    )


def _check_bytes(block: bytearray) -> bytes:
    """Return what corrects a block: the rest of dividing it by the generator (Reed and Solomon)."""
    multiples = _generator_multiples()
    rest = 0
    top = 8 * (CHECK_BYTES - 1)
    below = (1 << top) - 1
    for byte in block:
        rest = (rest & below) << 8 ^ multiples[byte ^ rest >> top]
    return rest.to_bytes(CHECK_BYTES, "big")


@cache
def _generator_multiples() -> tuple[int, ...]:
    """Return the generator's lower coefficients times each byte, as one number each."""
    generator = [1]
    root = 1
    for _ in range(CHECK_BYTES):
        shifted, scaled = [*generator, 0], [0, *(_times(root, each) for each in generator)]
        generator = [one ^ other for one, other in zip(shifted, scaled, strict=True)]
        root = _times(root, 2)
    return tuple(
        int.from_bytes(bytes(_times(factor, each) for each in generator[1:]), "big") for factor in range(256)
    )


def _times(one: int, other: int) -> int:
    """Multiply in the field of 256 elements that QR codes use."""
    product = 0
    while other:
        if other & 1:
            product ^= one
        one = one << 1 ^ (0x11D if one & 0x80 else 0)
        other >>= 1
    return product


@cache
def _layout() -> tuple[Callable[[str], tuple[str, ...]], int]:
    """Return how each module is picked out of a 0, a 1 and the bits, and what masks the bits."""
    fixed = segno.make_qr("0" * LONGEST, error="m", boost_error=False, version=VERSION, mask=MASK).matrix
    source = {(row, column): int(fixed[row][column]) for row in range(SIDE) for column in range(SIDE)}
    mask = ""
    for place, (row, column) in enumerate(_way_of_bits()):
        if place < 8 * BLOCKS * (BLOCK_BYTES + CHECK_BYTES):
            source[row, column] = 2 + place
            mask += "1" if (row + column) % 3 == 0 else "0"
    # The few modules after the last bit stay as segno drew them: they are the same in every code.
    pick: Callable[[str], tuple[str, ...]] = itemgetter(
        *[source[divmod(at, SIDE)] for at in range(SIDE * SIDE)]
    )
    return pick, int(mask, 2)


def _way_of_bits() -> Iterator[tuple[int, int]]:
    """Go through the modules that are no fixed pattern: in pairs of columns from the right, up and down."""
    upwards = True
    for right in (*range(SIDE - 1, 6, -2), *range(5, 0, -2)):
        for row in range(SIDE - 1, -1, -1) if upwards else range(SIDE):
            for column in (right, right - 1):
                if not _is_fixed(row, column):
                    yield row, column
        upwards = not upwards


def _is_fixed(row: int, column: int) -> bool:
    corner = 9 if row < 9 else 0
    return (
        column < corner
        or (row < 9 and column >= SIDE - 8)
        or (row >= SIDE - 8 and column < 9)
        or 6 in (row, column)
        or (SIDE - 9 <= row < SIDE - 4 and SIDE - 9 <= column < SIDE - 4)
    )
