"""The time zones of the IANA database: those of the package alone, whatever else lies on the machine."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

PLACEHOLDER = "Factory"
"""Stands in the database for a clock that nobody has set."""


@cache
def time_zone_names() -> frozenset[str]:
    """Return the names of all time zones."""
    names = files("tzdata").joinpath("zones").read_text("utf-8").split()
    return frozenset(names) - {PLACEHOLDER}


def is_time_zone(name: str) -> bool:
    """Say whether a name is that of a time zone."""
    return name in time_zone_names()
