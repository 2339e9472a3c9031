"""A QR code as a picture that stays sharp at any size."""

from __future__ import annotations

import re
from io import BytesIO

import segno

BORDER = 4
"""How many light modules readers want around a code."""
PIXELS = 8
"""How wide a module of a PNG file is: sharp on any screen at the size of a stamp."""
MASK = 3
"""Most of the text is a signature, as good as random: none is better than another, and to try all is slow."""

_DIGITS = bytes.maketrans(b"\x00\x01", b"01")
_EIGHT = [
    "".join(
        f"{'h' if run[0] == '1' else 'm'}{len(run)}{'' if run[0] == '1' else ' 0'}"
        for run in re.findall("0+|1+", format(value, "08b"))
    )
    for value in range(256)
]
"""How a pen goes over eight modules: down where they are dark."""


def qr_code(text: str) -> segno.QRCode:
    """Return the QR code of a text at level M, which can be read with 15 of 100 covered.

    Raises:
        segno.DataOverflowError: the text is longer than a QR code can be.
    """
    return segno.make_qr(text, error="m", boost_error=False, mask=MASK)


def qr_png(text: str) -> bytes:
    """Return a QR code as a PNG file, for what shows no drawings, such as messages, which give it more room.

    Raises:
        segno.DataOverflowError: the text is longer than a QR code can be.
    """
    file = BytesIO()
    qr_code(text).save(file, kind="png", scale=PIXELS, border=BORDER // 2)
    return file.getvalue()


def qr_svg(text: str, *, border: int = BORDER) -> str:
    """Return a QR code as an SVG document, a unit for each module; each row is a line of a broad pen."""
    rows = qr_code(text).matrix
    side = len(rows) + 2 * border
    eights = -(-len(rows) // 8)
    spare = 8 * eights - len(rows)
    path = "".join(
        f"M0 {y}.5" + "".join([_EIGHT[eight] for eight in _bits_of(row, spare).to_bytes(eights, "big")])
        for y, row in enumerate(rows)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-border} {-border} {side} {side}" '
        f'width="{side}" height="{side}"><path d="M{-border} {-border}h{side}v{side}h{-side}z" '
        f'fill="#fff"/><path d="{path}" stroke="#000" fill="none"/></svg>'
    )


def _bits_of(row: bytes | bytearray, spare: int) -> int:
    """Return a row of modules as a number, with some light ones behind them."""
    return int(row.translate(_DIGITS), 2) << spare
