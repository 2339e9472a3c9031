"""Which part of an attendee's name is missing."""

from __future__ import annotations

import pytest

from kassa.catalog.domain.attendee_names import find_missing_name


@pytest.mark.parametrize(
    ("first_name", "last_name", "missing"),
    [
        ("Ada", "Lovelace", None),
        ("A", "L", None),
        ("李", "明", None),
        ("O’Neil", "-", None),  # whatever can be read may be somebody's name
        (None, "Lovelace", "first_name"),
        ("", "Lovelace", "first_name"),
        ("   ", "Lovelace", "first_name"),
        ("Ada", None, "last_name"),
        ("Ada", "", "last_name"),
        ("Ada", "\t", "last_name"),
        (None, None, "first_name"),
    ],
)
def test_missing_part_is_named_the_first_one_first(
    first_name: str | None, last_name: str | None, missing: str | None
) -> None:
    assert find_missing_name(first_name, last_name) == missing


@pytest.mark.parametrize(
    "unseen",
    ["\u200b", "\u200d\ufe0f", "\u00a0", "\u3000", "\u3164", "\u2800", "\u0301", "\u202e"],
    ids=["space", "joiner", "no break", "wide", "hangul", "braille", "mark", "direction"],
)
def test_name_of_which_nothing_is_seen_is_missing(unseen: str) -> None:
    assert find_missing_name(unseen, "Lovelace") == "first_name"
    assert find_missing_name("Ada", unseen) == "last_name"
    assert find_missing_name(f"A{unseen}", f"{unseen}L") is None
