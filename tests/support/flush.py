"""Emptying the database after a test that committed: only the tables that have rows."""

from __future__ import annotations

from functools import lru_cache
from itertools import count
from typing import Any

import psycopg
from django.db import connection, transaction

KEPT = frozenset({"auth_permission", "django_content_type"})
"""What the migrations fill; Django's own flush empties these tables, too, and fills them anew each time."""
SWEEP_EVERY = 50
"""So often the tables are truncated after all, because deleted rows stay in their files."""

ANALYZED = """
SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
               AND reltuples >= 0 AND relname = ANY(%s))
"""
WRITABLE = """
SELECT table_name, string_agg(quote_ident(column_name), ', ') FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = ANY(%s) AND is_generated = 'NEVER' GROUP BY table_name
"""
_flushes = count(1)


def allow_flush(url: str) -> None:
    """Let the tests' own user leave triggers and references out."""
    with psycopg.connect(url.replace("kassa@", "postgres@"), autocommit=True) as owner:
        owner.execute("GRANT SET ON PARAMETER session_replication_role TO kassa")


def flush(_test_case: Any = None) -> None:
    """Delete every row of the tables that have some.

    Truncating all of them, as Django does, takes longer than most tests: it makes new files for every table
    and index. Triggers and references are left out, since all goes at once. Statistics that a test has
    gathered go as well: a table that is believed to be empty is joined row by row.
    """
    with connection.cursor() as cursor:
        cursor.execute(ANALYZED, [list(_tables())])
        [is_analyzed] = cursor.fetchone()
        if is_analyzed or next(_flushes) % SWEEP_EVERY == 0:
            names = ", ".join(f'"{name}"' for name in _tables())
            cursor.execute(f"TRUNCATE {names}")
            return
        cursor.execute(_which_have_rows())
        filled = [name for (name,) in cursor.fetchall()]
        if filled:
            deletes = "; ".join(f'DELETE FROM "{name}"' for name in filled)
            with transaction.atomic():
                cursor.execute(f"SET LOCAL session_replication_role = replica; {deletes}")


@lru_cache(maxsize=1)
def _tables() -> tuple[str, ...]:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return tuple(sorted(set(tables) - KEPT))


@lru_cache(maxsize=1)
def _which_have_rows() -> str:
    return " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in _tables())


class KeptRows:
    """All rows of a moment, to be put back after tests that committed others.

    Several times quicker than making them anew. Use it where the database was emptied in between.
    """

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_which_have_rows())
            filled = [name for (name,) in cursor.fetchall()]
            cursor.execute("CREATE SCHEMA kept")
            cursor.execute("; ".join(f'CREATE TABLE kept."{name}" AS TABLE "{name}"' for name in filled))
            cursor.execute(WRITABLE, [filled])
            self._restore = "; ".join(
                f'INSERT INTO "{name}" ({own}) OVERRIDING SYSTEM VALUE SELECT {own} FROM kept."{name}"'
                for name, own in cursor.fetchall()
            )

    def put_back(self) -> None:
        """Write them into the empty tables; triggers and references have been looked at the first time."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL session_replication_role = replica; {self._restore}")

    def drop(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS kept CASCADE")
