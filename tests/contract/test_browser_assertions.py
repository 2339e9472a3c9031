"""What a browser shows is waited for, never looked at once: a page may still be on its way."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
LOOKED_AT_ONCE = re.compile(
    r"assert .*\.(?:is_visible|is_hidden|is_checked|is_enabled|is_disabled|is_editable)\(\)"
)


def test_elements_are_waited_for() -> None:
    found = [
        f"{path.relative_to(TESTS)}:{number}"
        for path in sorted(TESTS.rglob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if LOOKED_AT_ONCE.search(line)
    ]

    assert found == [], "write expect(…).to_be_visible() and its like"


def test_pattern_finds_an_element_that_is_looked_at_once() -> None:
    assert LOOKED_AT_ONCE.search('assert page.get_by_role("img").' + "is_visible()")
