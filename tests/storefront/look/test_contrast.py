"""What the pages say can be read: WCAG AA, in the light and in the dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import kassa.web

STYLES = (Path(kassa.web.__file__).parent / "static" / "web" / "tokens.css").read_text()
LIGHT, DARK = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in re.findall(
    r":root {(.*?)}", STYLES, re.DOTALL
))  # fmt: skip
TEXTS = [
    *((tone, ground) for tone in ("ink", "soft", "main", "bad", "good") for ground in ("paper", "card")),
    ("on-main", "main"),
    ("on-main", "main-strong"),
    *((tone, f"{tone}-tint") for tone in ("good", "bad", "calm", "wait")),
    *(("card", tone) for tone in ("good", "bad", "calm", "wait")),
]
EDGES = [("edge", "card"), ("edge", "paper"), ("main", "card"), ("bad", "card")]


def luminance(color: str) -> float:
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_texts_and_edges_stand_out(colors: dict[str, str]) -> None:
    faint = [pair for pair in TEXTS if contrast(colors[pair[0]], colors[pair[1]]) < 4.5]
    thin = [pair for pair in EDGES if contrast(colors[pair[0]], colors[pair[1]]) < 3]

    assert (faint, thin) == ([], [])


def test_each_color_has_its_dark_counterpart() -> None:
    assert LIGHT.keys() == DARK.keys()
