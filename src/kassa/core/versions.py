"""Versions of objects that several people change: nobody overwrites what they have not seen."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from kassa.core.errors import ChangedMeanwhile


class Versioned(Protocol):
    """An object that knows when it was last changed."""

    @property
    def updated_at(self) -> datetime: ...


def require_version(current: Versioned, expected: datetime | None) -> None:
    """Let a change pass if the object is as its author read it; call it with the row locked.

    ``expected`` is the ``updated_at`` that was read. None: the author does not mind what they overwrite.

    Raises:
        ChangedMeanwhile: it was changed since.
    """
    if expected is not None and current.updated_at != expected:
        raise ChangedMeanwhile(current)
