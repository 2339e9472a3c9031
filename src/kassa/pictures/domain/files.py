"""What a picture is by its content, and how large it is. Pure."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from kassa.pictures.domain.drawings import size_of_drawing
from kassa.pictures.enums import PictureType

_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_JPEG_HEAD = b"\xff\xd8\xff"
_SVG_START = re.compile(
    rb"^(\xef\xbb\xbf)?\s*+(<\?xml[^>]*\?>)?\s*+(<!--(?:(?!-->).)*+-->\s*+)*+<(\w+:)?svg[\s>]", re.DOTALL
)
"""Nothing in it is tried twice: many comments would take for ever."""
_SIZES = frozenset({0xC0, 0xC1, 0xC2})
"""JPEG's frames that can be drawn: baseline, extended and progressive."""
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
"""JPEG's markers without a length behind them."""


def type_of(content: bytes) -> PictureType | None:
    """Return what a file is by its first bytes. None: no picture."""
    if content.startswith(_PNG_HEAD):
        return PictureType.PNG
    if content.startswith(_JPEG_HEAD):
        return PictureType.JPEG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return PictureType.WEBP
    return PictureType.SVG if _SVG_START.match(content[:4_000]) else None


def size_of(content: bytes, media_type: str) -> tuple[float, float]:
    """Return width and height, in pixels or in the drawing's own units; both above zero.

    Raises:
        ValueError: the file does not say.
    """
    if media_type == PictureType.SVG:
        return size_of_drawing(content)
    measure = {PictureType.PNG: _size_of_png, PictureType.WEBP: _size_of_webp}
    width, height = measure.get(PictureType(media_type), _size_of_jpeg)(content)
    if width < 1 or height < 1:
        raise ValueError("it has no size.")
    return width, height


def _size_of_png(content: bytes) -> tuple[int, int]:
    if len(content) < 33 or content[12:16] != b"IHDR":
        raise ValueError("its head is broken.")
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _size_of_jpeg(content: bytes) -> tuple[int, int]:
    for marker, part in _jpeg_parts(content):
        if marker in _SIZES and len(part) >= 5:
            height, width = struct.unpack(">HH", part[1:5])
            return width, height
    raise ValueError("it is of a kind of JPEG that is not drawn.")


def _jpeg_parts(content: bytes) -> Iterator[tuple[int, bytes]]:
    place = 2
    while place + 4 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker == 0xFF or marker in _ALONE:
            place += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(content[place + 2 : place + 4], "big")
        yield marker, content[place + 4 : place + 2 + length]
        place += 2 + max(length, 2)


def _size_of_webp(content: bytes) -> tuple[int, int]:
    """Read the first part: lossy, lossless, or the extended form that announces the others."""
    kind, head = content[12:16], content[20:30]
    if len(head) < 10:
        raise ValueError("its head is broken.")
    if kind == b"VP8X":
        return 1 + int.from_bytes(head[4:7], "little"), 1 + int.from_bytes(head[7:10], "little")
    if kind == b"VP8L" and head[0] == 0x2F:
        bits = int.from_bytes(head[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and head[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", head[6:10])
        return width & 0x3FFF, height & 0x3FFF
    raise ValueError("its head is broken.")
