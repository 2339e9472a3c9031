"""What a database tells that should not be so in production. Django has to be set up."""

# ruff: noqa: PLC0415 - what only some commands need is imported by those

from __future__ import annotations

DURABLE = ("fsync", "full_page_writes", "synchronous_commit")
"""Without any of these, what has been answered may be gone after a power cut."""
SETTINGS = "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)"
WORKERS = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '1 minute'"
FAILED_JOBS = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'"


def find_database_problems() -> list[tuple[str, str]]:
    """Return what is wrong: a subject and a sentence that says what to do, for each problem."""
    from django.db import connection

    from kassa.demo.tenants import is_demo_loaded

    problems = []
    with connection.cursor() as cursor:
        cursor.execute(SETTINGS, [list(DURABLE)])
        off = sorted(name for name, setting in cursor.fetchall() if setting == "off")
        cursor.execute(WORKERS)
        [workers] = cursor.fetchone()
        cursor.execute(FAILED_JOBS)
        [failed] = cursor.fetchone()
    if is_demo_loaded():
        problems.append(
            ("demo data", "it is in the database; begin anew in another data folder with KASSA_DEMO=0.")
        )
    if off:
        problems.append(("durability", f"{', '.join(off)} is off in PostgreSQL; switch it on."))
    if workers == 0:
        problems.append(("worker", "none runs, so that nothing is confirmed or sent; start `kassa worker`."))
    if failed:
        problems.append(("jobs", f"{failed} failed; see why in the worker's log and procrastinate_jobs."))
    return problems
