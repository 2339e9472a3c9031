"""Primary keys: UUID version 7, made before the row is written."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7

from kassa.core.clock import process_clock

_MILLISECONDS_AT = 80
"""The bit at which a version 7 begins to count milliseconds."""


def new_id() -> UUID:
    """Return a new identifier; later ones sort after earlier ones, so indexes stay local.

    It tells the database's time, as all moments do, so that those of several machines sort together.
    """
    if shift := process_clock.shift_ms:
        return UUID(int=uuid7().int + (shift << _MILLISECONDS_AT))
    return uuid7()
