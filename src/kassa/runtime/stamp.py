"""Whether a database has the tables of just this Kassa, told without importing Django.

Asking Django takes most of a second start. The migrations are told by a stamp: the versions of
what brings migrations along, and the names of our own. It is written after migrating.
"""

# ruff: noqa: PLC0415 - what only some commands need is imported by those

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

MIGRATING_PACKAGES = ("django", "django-allauth", "procrastinate")
"""The packages beside Kassa whose tables are laid by migrations."""
OUR_PACKAGE = Path(__file__).parent.parent


def current_stamp() -> str:
    """Return the stamp of the installed Kassa."""
    parts = [f"{name} {version(name)}" for name in MIGRATING_PACKAGES]
    parts += sorted(str(path.relative_to(OUR_PACKAGE)) for path in our_migrations())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def our_migrations() -> list[Path]:
    """Return the files of Kassa's own migrations, those of apps within apps too."""
    return [path for depth in ("*", "*/*") for path in OUR_PACKAGE.glob(f"{depth}/migrations/[0-9]*.py")]


def is_current(url: str) -> bool:
    """Say whether the database at an address carries the stamp of the installed Kassa."""
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            row = connection.execute("SELECT stamp FROM kassa_schema_stamp").fetchone()
    except psycopg.Error:
        return False
    return row is not None and row[0] == current_stamp()


def has_tables(url: str) -> bool:
    """Say whether the database at an address was laid by some Kassa, however old."""
    import psycopg

    with psycopg.connect(url, connect_timeout=5) as connection:
        row = connection.execute("SELECT to_regclass('django_migrations') IS NOT NULL").fetchone()
    return row is not None and bool(row[0])


def write_stamp() -> None:
    """Stamp the database that Django is connected to."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS kassa_schema_stamp (stamp text NOT NULL)")
        cursor.execute("DELETE FROM kassa_schema_stamp")
        cursor.execute("INSERT INTO kassa_schema_stamp (stamp) VALUES (%s)", [current_stamp()])
