"""A QR code as a picture that stays sharp at any size."""

from __future__ import annotations

import re

from kassa.tickets.domain.qr_matrix import qr_matrix

BORDER = 4
"""How many light modules readers want around a code."""

_DARK = re.compile(rb"\x01+")


def qr_svg(text: str, *, border: int = BORDER) -> str:
    """Return a QR code as an SVG document, a unit for each module."""
    rows = qr_matrix(text)
    side = len(rows) + 2 * border
    path = "".join(
        f"M{run.start()} {y}h{run.end() - run.start()}v1H{run.start()}z"
        for y, row in enumerate(rows)
        for run in _DARK.finditer(row)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-border} {-border} {side} {side}" '
        f'width="{side}" height="{side}"><path d="M{-border} {-border}h{side}v{side}h{-side}z" '
        f'fill="#fff"/><path d="{path}"/></svg>'
    )
