"""Bringing the database's tables up to date. Django has to be set up."""

# ruff: noqa: PLC0415 - what only some commands need is imported by those

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.migrations import Migration

Report = Callable[[str], None]
ADVISORY_LOCK = 0x6B61737361  # "kassa"
"""Held while migrating, so that two servers that start together do not do it twice."""


def unapplied_migrations() -> list[str]:
    """Return the names of the migrations that the database has not seen yet, in order."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate(report: Report = lambda _line: None) -> list[str]:
    """Apply what is unapplied and return its names; cheap when there is nothing to do.

    `report` is called with lines for people: what is going to be done, each migration before it runs, and the
    end. Making the tables of a new database is one line.
    """
    from django.db import connection

    from kassa.runtime.stamp import write_stamp

    if not unapplied_migrations():
        write_stamp()
        return []
    with connection.cursor() as cursor:
        # Laying tables may take as long as it takes, and so may another server that does it just now.
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_LOCK])
        if not cursor.fetchone()[0]:
            report("Another Kassa brings the database up to date just now; waiting for it.")
            cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        try:
            names = unapplied_migrations()  # another server may have been quicker
            if names:
                _apply(names, report)
            write_stamp()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
    return names


def _apply(names: list[str], report: Report) -> None:
    from django.core.management import call_command
    from django.core.management.commands.migrate import Command
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    is_new = not MigrationRecorder(connection).applied_migrations()
    numbers = itertools.count(1)

    class Migrate(Command):
        def migration_progress_callback(
            self, action: str, migration: Migration | None = None, fake: bool = False
        ) -> None:
            if action == "apply_start" and migration is not None and not is_new:
                report(f"  {next(numbers)} of {len(names)}  {migration.app_label}.{migration.name}")

    if is_new:
        report("Making the tables of a new database. This takes some seconds.")
    else:
        report(
            f"Bringing the database up to date: {len(names)} migrations. Nothing is served until they are "
            "done. Large tables take minutes; if it is stopped, the next start goes on."
        )
    call_command(Migrate(), interactive=False, verbosity=0)
    report("The database is up to date.")


def analyse() -> None:
    """Let PostgreSQL count the rows of all tables, so that it plans well from the first order on."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
