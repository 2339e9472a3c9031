"""Colours as ``#rrggbb``: how well one is read on another, and what stands in where none was chosen. Pure."""

from __future__ import annotations

import re

KASSA_COLOR = "#23427a"
"""Of Kassa's own pages and mails; ``tokens.css`` has it, too."""
DEFAULT_COLOR = "#1f3a4d"
"""Of organisations that have chosen no colour: on their pages, in their mails, on tickets and invoices."""
WHITE, BLACK = "#ffffff", "#14161a"
"""What is written on colours; black is the gentle one."""
READABLE = 4.5
"""WCAG 2.2 AA: the least contrast of text."""

_COLOR = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})(?:[0-9a-fA-F]{2})?")


def plain_color(*candidates: str) -> str | None:
    """Return the first of some texts that is a colour, as ``#rrggbb``; None if none is."""
    for candidate in candidates:
        found = _COLOR.fullmatch(candidate.strip())
        if found is not None:
            digits = found[1].lower()
            return "#" + (digits if len(digits) == 6 else "".join(2 * digit for digit in digits))
    return None


def readable_on(color: str) -> str:
    """Return black or white, whichever is read better on a colour."""
    return max((WHITE, BLACK), key=lambda ink: contrast(ink, color))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG has it: from 1 (the same) to 21 (black on white)."""
    darker, brighter = sorted((_luminance(one), _luminance(other)))
    return (brighter + 0.05) / (darker + 0.05)


def mix(color: str, other: str, share: float) -> str:
    """Return a colour with a share (0 to 1) of another in it."""
    pairs = zip(parse_parts(color), parse_parts(other), strict=True)
    return "#" + "".join(f"{round(part + (into - part) * share):02x}" for part, into in pairs)


def lighter(color: str, share: float = 0.65) -> str:
    """Return a colour mixed with white."""
    return mix(color, WHITE, share)


def parse_parts(color: str) -> tuple[int, int, int]:
    """Return the red, the green and the blue of a colour, from 0 to 255."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(color: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in parse_parts(color))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
