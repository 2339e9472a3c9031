"""Bringing the database's tables up to date. Django has to be set up."""

# ruff: noqa: PLC0415 - what only some commands need is imported by those

from __future__ import annotations

ADVISORY_LOCK = 0x6B61737361  # "kassa"
"""Held while migrating, so that two servers that start together do not do it twice."""


def unapplied_migrations() -> list[str]:
    """Return the names of the migrations that the database has not seen yet, in order."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate() -> list[str]:
    """Apply what is unapplied and return its names; cheap when there is nothing to do."""
    from django.core.management import call_command
    from django.db import connection

    from kassa.runtime.stamp import write_stamp

    if not unapplied_migrations():
        write_stamp()
        return []
    with connection.cursor() as cursor:
        # Laying tables may take as long as it takes, and so may another server that does it just now.
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        try:
            names = unapplied_migrations()  # another server may have been quicker
            if names:
                call_command("migrate", interactive=False, verbosity=0)
            write_stamp()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
    return names


def analyse() -> None:
    """Let PostgreSQL count the rows of all tables, so that it plans well from the first order on."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
