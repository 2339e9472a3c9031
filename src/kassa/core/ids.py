"""Primary keys: UUID version 7, made before the row is written."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Return a new identifier; later ones sort after earlier ones, so indexes stay local."""
    return uuid7()
