"""An organisation's colours, so that everything written on them or in them can be read."""

from __future__ import annotations

import re

from kassa.notifications.domain.markdown import Colors

HEX = re.compile("#[0-9a-fA-F]{6}")
PLAIN = "#2f4858"
READABLE = 4.5
"""WCAG 2: the least contrast of text of this size."""


def colors_of(primary: str) -> Colors:
    """Return the colours for an organisation's own; plain ones where it has none."""
    accent = primary.lower() if HEX.fullmatch(primary) else PLAIN
    dark = "#16181d"
    on_accent = "#ffffff" if contrast(accent, "#ffffff") >= contrast(accent, dark) else dark
    return Colors(accent=accent, on_accent=on_accent, link=_towards(accent, 0, against="#ffffff"))


def on_dark(accent: str) -> str:
    """Return a colour as links have it on a dark screen."""
    return _towards(accent, 255, against="#1b1e25")


def contrast(one: str, other: str) -> float:
    """Return how well one colour can be read on another, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _towards(color: str, end: int, *, against: str) -> str:
    """Return a colour, moved towards black or white until it can be read."""
    for step in range(11):
        parts = [round(part + (end - part) * step / 10) for part in _parts(color)]
        moved = "#{:02x}{:02x}{:02x}".format(*parts)
        if contrast(moved, against) >= READABLE:
            return moved
    return moved


def _parts(color: str) -> list[int]:
    return [int(color[start : start + 2], 16) for start in (1, 3, 5)]


def _luminance(color: str) -> float:
    red, green, blue = (
        part / 255 / 12.92 if part / 255 <= 0.03928 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in _parts(color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
