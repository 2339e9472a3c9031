"""An organisation's colours, so that everything written on them or in them can be read."""

from __future__ import annotations

from kassa.core.colors import DEFAULT_COLOR, READABLE, contrast, mix, plain_color, readable_on
from kassa.notifications.domain.markdown import Colors

STEPS = 10


def colors_of(primary: str) -> Colors:
    """Return the colours for an organisation's own; plain ones where it has none."""
    accent = plain_color(primary) or DEFAULT_COLOR
    link = _until_read(accent, "#000000", on="#ffffff")
    return Colors(accent=accent, on_accent=readable_on(accent), link=link)


def on_dark(accent: str) -> str:
    """Return a colour as links have it on a dark screen."""
    return _until_read(accent, "#ffffff", on="#1b1e25")


def _until_read(color: str, end: str, *, on: str) -> str:
    """Return a colour, moved towards black or white until it is read on a ground."""
    moved = (mix(color, end, step / STEPS) for step in range(STEPS))
    return next((one for one in moved if contrast(one, on) >= READABLE), end)
