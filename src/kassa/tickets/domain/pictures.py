"""Logos and pictures: what a file is by its content, how large, and whether it is safe to draw. Pure."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from kassa.tickets.domain.drawings import check_drawing, size_of_drawing
from kassa.tickets.errors import PictureRefused

PNG, JPEG, SVG = "image/png", "image/jpeg", "image/svg+xml"
MAX_LOGO_BYTES = 300_000
MAX_PICTURE_BYTES = 1_500_000
MAX_PNG_PIXELS = 1_000_000
"""PNG files are unpacked and packed again for every ticket, which takes time in proportion."""
MAX_JPEG_PIXELS = 12_000_000
MAX_SIDE = 6_000

_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_JPEG_HEAD = b"\xff\xd8\xff"
_SVG_START = re.compile(
    rb"^(\xef\xbb\xbf)?\s*(<\?xml[^>]*\?>)?\s*(<!--.*?-->\s*)*<(\w+:)?svg[\s>]", re.DOTALL
)
_SIZES = frozenset({0xC0, 0xC1, 0xC2})
"""JPEG's frames that can be drawn: baseline, extended and progressive."""
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
"""JPEG's markers without a length behind them."""


def check_picture(content: bytes, *, max_bytes: int, field: str) -> str:
    """Return what a file is, whatever its name says, if it can be printed.

    Raises:
        PictureRefused: it is no PNG, JPEG or SVG file, is too large, or holds what must not be drawn.
    """
    if len(content) > max_bytes:
        raise PictureRefused(f"The file is larger than {max_bytes // 1000} kB.", field=field)
    media_type = type_of(content)
    if media_type is None:
        raise PictureRefused("The file is no PNG, JPEG or SVG picture.", field=field)
    try:
        if media_type == SVG:
            check_drawing(content)
        width, height = size_of(content, media_type)
    except ValueError as error:
        raise PictureRefused(f"The file cannot be drawn: {error}", field=field) from error
    if media_type != SVG:
        _check_pixels(width, height, media_type, field=field)
    return media_type


def type_of(content: bytes) -> str | None:
    """Return what a file is by its first bytes. None: nothing that is printed."""
    if content.startswith(_PNG_HEAD):
        return PNG
    if content.startswith(_JPEG_HEAD):
        return JPEG
    return SVG if _SVG_START.match(content[:4_000]) else None


def size_of(content: bytes, media_type: str) -> tuple[float, float]:
    """Return width and height, in pixels or in the drawing's own units; both above zero.

    Raises:
        ValueError: the file does not say.
    """
    if media_type == SVG:
        return size_of_drawing(content)
    width, height = _size_of_png(content) if media_type == PNG else _size_of_jpeg(content)
    if width < 1 or height < 1:
        raise ValueError("it has no size.")
    return width, height


def _check_pixels(width: float, height: float, media_type: str, *, field: str) -> None:
    most = MAX_PNG_PIXELS if media_type == PNG else MAX_JPEG_PIXELS
    if width * height > most or max(width, height) > MAX_SIDE:
        raise PictureRefused(
            f"The picture has {width:.0f} by {height:.0f} pixels; at most {most // 1000} thousand in all "
            f"and {MAX_SIDE} on a side are printed.",
            field=field,
        )


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
