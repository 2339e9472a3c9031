"""Names of attendees: some ticket types need the first and the last one."""

from __future__ import annotations

from kassa.core.visible_text import is_visible


def find_missing_name(first_name: str | None, last_name: str | None) -> str | None:
    """Return the field of a name that has nothing to read in it. None: both are there."""
    for field, name in (("first_name", first_name), ("last_name", last_name)):
        if not name or not is_visible(name):
            return field
    return None
