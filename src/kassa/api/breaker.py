"""While the database is away, requests are turned away at once instead of each waiting for it.

Otherwise every thread would spend its time waiting for a connection, and those who come after
would wait for a thread: a failure of seconds would become a hang of minutes.
"""

from __future__ import annotations

import time

from kassa.core.database import is_lost

AWAY_SECONDS = 1.0
"""For how long nobody asks again after the database did not answer."""

_away_until = 0.0


def note_failure(error: Exception) -> None:
    """Remember that the database did not answer, if that is what an error says."""
    if is_lost(error):
        _set(time.monotonic() + AWAY_SECONDS)


def is_away() -> bool:
    """Say whether the database did not answer a moment ago."""
    return time.monotonic() < _away_until


def forget_failure() -> None:
    """Ask the database again at once."""
    _set(0.0)


def _set(moment: float) -> None:
    global _away_until  # noqa: PLW0603 - one switch for the whole process, by design
    _away_until = moment
