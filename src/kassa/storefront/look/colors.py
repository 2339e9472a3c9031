"""An organisation's colours as its pages use them: whatever is written on them or in them can be read."""

from __future__ import annotations

from colorsys import hls_to_rgb, rgb_to_hls
from functools import lru_cache
from hashlib import blake2b

from kassa.core.colors import (
    BLACK,
    DEFAULT_COLOR,
    READABLE,
    WHITE,
    contrast,
    mix,
    parse_parts,
    plain_color,
    readable_on,
)

PAPERS = {"light": ("#faf9f7", "#ffffff"), "dark": ("#131417", "#1d1f24")}
"""The grounds of ``tokens.css`` in the light and in the dark."""
PURE_BLACK = "#000000"
"""It or white can be read on every colour there is."""
INKS = {"light": "#1b1d22", "dark": "#f0eff1"}

STEPS = 50


def brand_color(primary: str) -> str:
    """Return an organisation's own colour, or Kassa's for one that has chosen none."""
    return plain_color(primary) or DEFAULT_COLOR


def color_sheet(primary: str, secondary: str) -> str:
    """Return the style sheet with an organisation's colours.

    ``--brand`` and ``--second`` are its colours as they are, for grounds; ``--on-brand`` and
    ``--on-second`` are read on them. ``--main`` is the first colour, made darker or lighter until
    it is read on the page and on its own ``--main-tint``: that of links and buttons, which say ``--on-main``.
    """
    light, dark = (_properties(primary, secondary, shade) for shade in ("light", "dark"))
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"


@lru_cache(maxsize=1_000)
def color_version(primary: str, secondary: str) -> str:
    """Return what is new whenever the style sheet is."""
    return blake2b(color_sheet(primary, secondary).encode(), digest_size=6).hexdigest()


def page_colors(primary: str, secondary: str, shade: str) -> dict[str, str]:
    """Return the colours by name, for the light or the dark."""
    brand = brand_color(primary)
    end = BLACK if shade == "light" else WHITE
    page, card = PAPERS[shade]
    tint = mix(card, brand, 0.1 if shade == "light" else 0.2)
    main = _until_read(brand, is_dark=shade == "dark", on=(page, card, tint))
    second = plain_color(secondary) or tint
    return {
        "brand": brand,
        "on-brand": _ink_on(brand),
        "second": second,
        "on-second": _ink_on(second),
        "main": main,
        "main-strong": mix(main, end, 0.25),
        "on-main": _ink_on(main),
        "main-tint": tint,
    }


def _properties(primary: str, secondary: str, shade: str) -> str:
    return ";".join(f"--{name}:{color}" for name, color in page_colors(primary, secondary, shade).items())


def _ink_on(color: str) -> str:
    """Return what is read on a colour; pure black where the gentler one is not enough."""
    ink = readable_on(color)
    return ink if contrast(ink, color) >= READABLE else PURE_BLACK


def _until_read(color: str, *, is_dark: bool, on: tuple[str, ...]) -> str:
    """Return a colour, darker (in the dark lighter) until it is read on each ground, and as colourful."""
    hue, lightness, saturation = rgb_to_hls(*(part / 255 for part in parse_parts(color)))
    end = 1.0 if is_dark else 0.0
    for step in range(STEPS + 1):
        parts = hls_to_rgb(hue, lightness + (end - lightness) * step / STEPS, saturation)
        moved = "#" + "".join(f"{round(part * 255):02x}" for part in parts) if step else color
        if all(contrast(moved, ground) >= READABLE for ground in on):
            break
    return moved
