"""The one place that asks what time it is; everything below the faces is told."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def format_moment(moment: datetime) -> str:
    """Return a moment as RFC 3339 in UTC, with microseconds and a ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
