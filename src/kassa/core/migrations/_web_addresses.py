"""Bringing columns into the form that their constraint asks for, for the migrations that add it."""

from __future__ import annotations

FORM = r"^https?://[^\s/?#@]+([/?#]\S*)?$"
HOST_FIRST = r"^[a-z0-9][a-z0-9.-]*\.[a-z]{2,}(:[0-9]+)?([/?#]\S*)?$"


def clean(table: str, column: str) -> str:
    """Return SQL that lowers the scheme, adds it where it is missing, and empties what is no address."""
    return f"""
UPDATE {table} SET {column} = CASE
    WHEN {column} ~* '{FORM}'
        THEN lower(split_part({column}, ':', 1)) || substr({column}, strpos({column}, ':'))
    WHEN {column} ~* '{HOST_FIRST}' THEN left('https://' || {column}, 200) ELSE '' END
WHERE {column} <> '' AND {column} !~ '{FORM}'
"""  # noqa: S608 - put together from constants
