"""The countries of ISO 3166-1, as the time zone database lists them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

USED_BESIDE = frozenset({"XK"})
"""Kosovo: a code that the standard leaves to its users, and that post and banks use."""


@cache
def country_codes() -> frozenset[str]:
    """Return the codes of all countries, two capital letters each."""
    table = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text("utf-8")
    codes = {line.partition("\t")[0] for line in table.splitlines() if not line.startswith("#")}
    return frozenset(codes) | USED_BESIDE


def is_country(code: str) -> bool:
    """Say whether a code is that of a country."""
    return code in country_codes()
