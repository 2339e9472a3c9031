"""The states of countries whose addresses name one, as they are written on an envelope (ISO 3166-2).

The file lies with the scripts, which read it when another country is chosen. A country that is not in it has
no list: its addresses need no state, and a region may be typed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from kassa.core.search_text import fold

FILE = Path(__file__).parent / "static" / "checkout" / "states.json"


def state_choices(country: str) -> tuple[tuple[str, str], ...]:
    """Return the states of a country by what is written on an envelope; empty: it has no list."""
    return _all_states().get(country, ())


def find_state(country: str, typed: str) -> str | None:
    """Return a state as it is written on an envelope, found by that or by its name. None: there is none."""
    wanted = fold(typed)
    return next((value for value, name in state_choices(country) if wanted in _names(value, name)), None)


def _names(value: str, name: str) -> set[str]:
    return {fold(value), fold(name)}


@cache
def _all_states() -> Mapping[str, tuple[tuple[str, str], ...]]:
    rows = json.loads(FILE.read_text())
    return {country: tuple(_choice(row) for row in states) for country, states in rows.items()}


def _choice(row: str | list[str]) -> tuple[str, str]:
    """Return the value and the name; a row that is one text is both."""
    return (row, row) if isinstance(row, str) else (row[0], row[1])
