"""Contrast as WCAG has it, one colour for whoever chose none, and one module that knows of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kassa
from kassa.core.colors import (
    BLACK,
    DEFAULT_COLOR,
    READABLE,
    WHITE,
    contrast,
    lighter,
    mix,
    plain_color,
    readable_on,
)
from kassa.notifications.domain.colors import colors_of, on_dark
from kassa.storefront.look.colors import brand_color

COLORS = st.integers(min_value=0, max_value=0xFFFFFF).map(lambda number: f"#{number:06x}")
SOURCE = Path(kassa.__file__).parent


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#ffffff", 4.54),
        ("#0000ff", "#ffffff", 8.59),
        ("#0a0a0a", "#000000", 1.06),
        ("#7a1f3d", "#7a1f3d", 1.0),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, expected: float) -> None:
    assert round(contrast(one, other), 2) == round(contrast(other, one), 2) == expected


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        (("#7A1F3D",), "#7a1f3d"),
        (("#abc",), "#aabbcc"),
        (("#7a1f3dff",), "#7a1f3d"),
        (("", "red", " #123456 "), "#123456"),
        (("#12", "7a1f3d", "url(x)"), None),
    ],
)
def test_colours_of_all_forms_are_one(candidates: tuple[str, ...], expected: str | None) -> None:
    assert plain_color(*candidates) == expected


@given(color=COLORS, other=COLORS)
def test_a_mix_lies_between_its_colours(color: str, other: str) -> None:
    assert (mix(color, other, 0), mix(color, other, 1)) == (color, other)
    assert contrast(lighter(color), WHITE) <= contrast(color, WHITE)


@given(color=COLORS)
def test_what_is_written_on_a_colour_or_in_it_is_read(color: str) -> None:
    ink = readable_on(color)

    assert contrast(ink, color) == max(contrast(WHITE, color), contrast(BLACK, color))
    assert contrast(colors_of(color).link, WHITE) >= READABLE
    assert contrast(on_dark(color), "#1b1e25") >= READABLE


@pytest.mark.parametrize("none", ["", "red"])
def test_who_chose_no_colour_has_the_same_everywhere(none: str) -> None:
    assert brand_color(none) == colors_of(none).accent == DEFAULT_COLOR


@pytest.mark.parametrize("form", ["#abc", "#AABBCC", "#aabbccff"])
def test_a_colour_is_the_same_on_pages_and_in_mails(form: str) -> None:
    assert brand_color(form) == colors_of(form).accent == "#aabbcc"


def test_nothing_else_knows_what_is_read_on_what() -> None:
    knowing = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if "0.7152" in (text := path.read_text()) or "12.92" in text
    }

    assert knowing == {"core/colors.py"}
