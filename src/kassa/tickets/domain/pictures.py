"""Logos and pictures that are printed: how large they may be, and whether they are safe to draw. Pure."""

from __future__ import annotations

from kassa.pictures.domain.drawings import check_drawing
from kassa.pictures.domain.files import size_of, type_of
from kassa.pictures.enums import PictureType
from kassa.pictures.errors import PictureRefused

MAX_LOGO_BYTES = 300_000
MAX_PICTURE_BYTES = 1_500_000
MAX_PNG_PIXELS = 1_000_000
"""PNG files are unpacked and packed again for every ticket, which takes time in proportion."""
MAX_JPEG_PIXELS = 12_000_000
MAX_SIDE = 6_000
PRINTED = frozenset({PictureType.PNG, PictureType.JPEG, PictureType.SVG})


def check_picture(content: bytes, *, max_bytes: int, field: str) -> str:
    """Return what a file is, whatever its name says, if it can be printed.

    Raises:
        PictureRefused: it is no PNG, JPEG or SVG file, is too large, or holds what must not be drawn.
    """
    if len(content) > max_bytes:
        raise PictureRefused(f"The file is larger than {max_bytes // 1000} kB.", field=field)
    media_type = type_of(content)
    if media_type not in PRINTED:
        raise PictureRefused("The file is no PNG, JPEG or SVG picture.", field=field)
    try:
        if media_type == PictureType.SVG:
            check_drawing(content)
        width, height = size_of(content, media_type)
    except ValueError as error:
        raise PictureRefused(f"The file cannot be drawn: {error}", field=field) from error
    if media_type != PictureType.SVG:
        _check_pixels(width, height, media_type, field=field)
    return media_type


def _check_pixels(width: float, height: float, media_type: PictureType, *, field: str) -> None:
    most = MAX_PNG_PIXELS if media_type == PictureType.PNG else MAX_JPEG_PIXELS
    if width * height > most or max(width, height) > MAX_SIDE:
        raise PictureRefused(
            f"The picture has {width:.0f} by {height:.0f} pixels; at most {most // 1000} thousand in all "
            f"and {MAX_SIDE} on a side are printed.",
            field=field,
        )
