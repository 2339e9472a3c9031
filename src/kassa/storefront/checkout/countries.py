"""The countries of the world in the languages of the pages, by their codes (ISO 3166-1, names: CLDR)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from kassa.core.languages import Language
from kassa.core.search_text import fold

FOLDER = Path(__file__).parent / "countries"
_NO_CODES = (
    "AE AG AO AW BF BI BJ BO BQ BS BW BZ CD CF CG CI CK CM CW DJ DM ER FJ GA GD GH GM GN GQ GY HK IE JM KI "
    "KM KN KP LC LY ML MO MR MW NR NU PA QA RW SB SC SL SR ST SX TD TG TK TL TO TT TV UG VU YE ZM ZW"
)
WITHOUT_POSTAL_CODES = frozenset(_NO_CODES.split())
"""Where post arrives without one."""


@cache
def country_choices(language: str) -> tuple[tuple[str, str], ...]:
    """Return all countries by name, as a reader of the language sorts them."""
    spoken = language if language in Language.values else Language.ENGLISH.value
    names: dict[str, str] = json.loads((FOLDER / f"{spoken}.json").read_text())
    return tuple(sorted(names.items(), key=lambda found: fold(found[1])))
