"""The draw: who stands where at the start. Pure; the browser works out the same with ``draw.js``.

A *swap-or-not shuffle* (Hoang, Morris and Rogaway, 2012). In each round all places are mirrored at a point
that is the same for everybody, and each pair so found is swapped or not by the toss of a coin. Each round
maps places to places one to one, so nobody shares a place and none stays empty, however many there are.
And each round throws everyone, with even chances, to a place that is drawn evenly from all: who is
thrown even once can stand anywhere with the same chance, and to never be thrown in all rounds
has a chance of one in 2 to the 64th.

Points and coins come from SHA-256 over a seed that nobody is told before the start. Its hash is shown from
the beginning, so afterwards everyone can check that it was not chosen to somebody's liking.
"""

from __future__ import annotations

import hashlib
import struct
from functools import lru_cache

ROUNDS = 64
SEED_BYTES = 32
POINT_BYTES = 6
"""48 bits: with a hundred thousand waiting no point is likelier than another by more than a billionth."""


def commitment(seed: bytes) -> str:
    """Return what is shown of a seed before the start."""
    return hashlib.sha256(b"kassa.waiting:" + seed).hexdigest()


def drawn_rank(seed: bytes, number: int, drawn: int) -> int:
    """Return the place in the line, from 1, of a number from 1 to ``drawn``.

    Raises:
        ValueError: the number is not one of those.
    """
    if not 1 <= number <= drawn:
        raise ValueError(f"{number} is not one of the {drawn} that are drawn.")
    key, points = _rounds(seed, drawn)
    place = number - 1
    for turn, point in enumerate(points):
        mirrored = (point - place) % drawn
        coin = hashlib.sha256(key + struct.pack(">cBI", b"c", turn, max(place, mirrored))).digest()[0] & 1
        if coin:
            place = mirrored
    return place + 1


@lru_cache(maxsize=64)
def _rounds(seed: bytes, drawn: int) -> tuple[bytes, tuple[int, ...]]:
    """Return the key of a draw and the point of each of its rounds.

    The number of those who wait goes into the key: until it is known, even the seed tells nobody anything.
    """
    key = hashlib.sha256(seed + struct.pack(">I", drawn)).digest()
    points = (
        int.from_bytes(hashlib.sha256(key + struct.pack(">cB", b"p", turn)).digest()[:POINT_BYTES]) % drawn
        for turn in range(ROUNDS)
    )
    return key, tuple(points)
