"""Emptying the database after a test that committed: only the tables that have rows."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import psycopg
from django.db import connection, transaction

KEPT = frozenset({"auth_permission", "django_content_type"})
"""What the migrations fill; Django's own flush empties these tables, too, and fills them anew each time."""


def allow_flush(url: str) -> None:
    """Let the tests' own user leave triggers and references out."""
    with psycopg.connect(url.replace("kassa@", "postgres@"), autocommit=True) as owner:
        owner.execute("GRANT SET ON PARAMETER session_replication_role TO kassa")


def flush(_test_case: Any = None) -> None:
    """Delete every row of the tables that have some.

    Truncating all of them, as Django does, takes longer than most tests: it makes new files for every table
    and index. Triggers and references are left out, since all goes at once.
    """
    with connection.cursor() as cursor:
        cursor.execute(_which_have_rows())
        filled = [name for (name,) in cursor.fetchall()]
        if filled:
            deletes = "; ".join(f'DELETE FROM "{name}"' for name in filled)
            with transaction.atomic():
                cursor.execute(f"SET LOCAL session_replication_role = replica; {deletes}")


@lru_cache(maxsize=1)
def _which_have_rows() -> str:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in sorted(set(tables) - KEPT)
    )
