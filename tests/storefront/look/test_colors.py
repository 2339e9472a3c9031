"""Whatever colours an organisation has, what its pages say in them can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kassa.web
from kassa.core.colors import contrast
from kassa.storefront.look.colors import INKS, PAPERS, brand_color, color_sheet, color_version, page_colors

SHEET = (Path(kassa.web.__file__).parent / "static" / "web" / "tokens.css").read_text()
SHADES = ["light", "dark"]
COLORS = st.integers(min_value=0, max_value=0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize("shade", SHADES)
@given(primary=COLORS, secondary=COLORS | st.just(""))
def test_every_colour_can_be_read(shade: str, primary: str, secondary: str) -> None:
    colors = page_colors(primary, secondary, shade)
    page, card = PAPERS[shade]

    pairs = [
        ("on-brand", "brand"),
        ("on-second", "second"),
        ("on-main", "main"),
        ("on-main", "main-strong"),
        ("main", "main-tint"),
    ]
    written = [(colors[text], colors[ground]) for text, ground in pairs]
    written += [(colors["main"], page), (colors["main"], card), (INKS[shade], colors["main-tint"])]

    assert [pair for pair in written if contrast(*pair) < 4.5] == []


def test_own_colours_stay_as_they_are() -> None:
    colors = page_colors("#7A1F3D", "#F2E8DC", "light")

    assert (colors["brand"], colors["second"], colors["main"]) == ("#7a1f3d", "#f2e8dc", "#7a1f3d")


@pytest.mark.parametrize("primary", ["", "red", "#12", "url(x)", "#7a1f3d;}body{display:none"])
def test_what_is_no_colour_is_not_written(primary: str) -> None:
    assert brand_color(primary) == "#1f3a4d"
    assert color_sheet(primary, primary) == color_sheet("", "")


def test_the_sheet_names_all_colours_for_both_shades() -> None:
    light, dark = re.findall(r":root{(.*?)}", color_sheet("#0B5351", "#E8F1F2"))

    names = [re.findall(r"--([\w-]+):#[0-9a-f]{6}", block) for block in (light, dark)]
    assert names[0] == names[1] == list(page_colors("#0B5351", "", "light"))
    assert all(f"--{name}: #" in SHEET for name in names[0])


def test_the_version_changes_with_the_colours() -> None:
    versions = {color_version(one, two) for one in ("#7a1f3d", "#0b5351") for two in ("", "#ffffff")}

    assert len(versions) == 4


def test_the_grounds_are_those_of_the_pages() -> None:
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in re.findall(
        r":root {(.*?)}", SHEET, re.DOTALL
    ))  # fmt: skip

    assert {"light": (light["paper"], light["card"]), "dark": (dark["paper"], dark["card"])} == PAPERS
    assert {"light": light["ink"], "dark": dark["ink"]} == INKS
