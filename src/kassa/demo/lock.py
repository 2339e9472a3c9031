"""One start at a time works on the demo, however many there are."""

from __future__ import annotations

from django.db import connection

DEMO_LOCK = 0x6B617373612D64
"""The number of the advisory lock, the same in every process ('kassa-d')."""
LOAD_TIMEOUT = "120s"
"""How long another process may take to load; a row lock is never waited for as long as that."""


def lock_demo() -> None:
    """Wait until no other process works on the demo; the lock ends with the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOAD_TIMEOUT])
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DEMO_LOCK])
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
