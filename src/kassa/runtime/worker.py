"""The worker process: jobs and what is due at set times, by procrastinate."""

# ruff: noqa: PLC0415 - what only some commands need is imported by those

from __future__ import annotations

CONCURRENCY = 4
"""Jobs at once; more would only hold more database connections."""
GRACE_SECONDS = 20.0
"""How long running jobs may take to finish after a signal says stop."""


def run_worker() -> None:
    """Run jobs until a signal says stop, then finish those that are running.

    Django has to be set up. Jobs that succeeded are deleted, so that the table stays small; those that
    failed are kept for looking at.
    """
    from procrastinate.contrib.django import app

    # Django's own connection waits for one query at a time; a worker needs one that listens too.
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    with app.replace_connector(connector) as worker_app:
        worker_app.run_worker(
            concurrency=CONCURRENCY,
            delete_jobs="successful",
            shutdown_graceful_timeout=GRACE_SECONDS,
        )
