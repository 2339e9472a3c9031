"""Sessions that end when nobody uses them, and after a month in any case."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from kassa.core.clock import utc_now

BEGAN, SEEN = "_kassa_began", "_kassa_seen"
"""Seconds since 1970. Those of sessions from before these were written begin with their next use."""
TOUCH_SECONDS = 300
"""How exactly is written down when somebody was here last: each time would be a write for each page."""


class SessionStore(DatabaseStore):
    """A session in the database; one that is over reads as one that was never there."""

    def load(self) -> dict[str, Any]:
        data: dict[str, Any] = super().load()
        now = int(utc_now().timestamp())
        is_idle = now - data.get(SEEN, now) > settings.SESSION_COOKIE_AGE
        if is_idle or now - data.get(BEGAN, now) > settings.SESSION_LONGEST_AGE:
            self._session_key = None
            return {}
        return data

    def touch(self) -> None:
        """Write down that somebody uses the session, every few minutes; one that is empty stays unwritten."""
        if self.is_empty():
            return
        now = int(utc_now().timestamp())
        self.setdefault(BEGAN, now)
        step = min(TOUCH_SECONDS, settings.SESSION_COOKIE_AGE // 4)
        if now - self.get(SEEN, 0) >= step:
            self[SEEN] = now

    def cycle_key(self) -> None:
        """Begin anew, as whoever signs in does: the month counts from then."""
        super().cycle_key()
        self[BEGAN] = int(utc_now().timestamp())
