"""Colours that can be read: what is written on an organisation's colour, and what stands in for one."""

from __future__ import annotations

import re

PRIMARY = "#1f3a4d"
"""Of organisations that have chosen no colour."""
WHITE, BLACK = "#ffffff", "#14161a"

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
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def lighter(color: str, share: float = 0.65) -> str:
    """Return a colour mixed with white."""
    return "#" + "".join(f"{round(part + (255 - part) * share):02x}" for part in _parts(color))


def _parts(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(color: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in _parts(color))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
