"""The worker process: jobs and what is due at set times, by procrastinate."""

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
    from procrastinate.contrib.django.django_connector import DjangoConnector

    connector = app.connector
    assert isinstance(connector, DjangoConnector)
    with app.replace_connector(connector.get_worker_connector()) as worker_app:
        worker_app.run_worker(
            concurrency=CONCURRENCY,
            delete_jobs="successful",
            shutdown_graceful_timeout=GRACE_SECONDS,
        )
