"""The worker process: jobs and what is due at set times, by procrastinate."""

# ruff: noqa: PLC0415 - what only some commands need is imported by those

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from procrastinate import App

PROVIDERS_QUEUE = "providers"
"""Jobs that wait for payment providers run beside all others, so that a slow one holds nothing else up."""
MAIL_QUEUE = "mail"
"""The same for the jobs that hand messages to a mail server: ten thousand of them keep it busy for long."""
CONCURRENCY = 4
"""Jobs at once, of each of the first two kinds; more would only hold more database connections."""
MAIL_CONCURRENCY = 2
LOOK_SECONDS = 0.5
"""How often to look for jobs that nobody tells of: one that was asked for while another of its kind ran, and
could not be taken then. A buyer may wait for it."""
GRACE_SECONDS = 20.0
"""How long running jobs may take to finish after a signal says stop."""


def run_worker() -> None:
    """Run jobs until a signal says stop, then finish those that are running.

    Django has to be set up. Jobs that succeeded are deleted, so that the table stays small; those that
    failed are kept for looking at.
    """
    from procrastinate.contrib.django import app

    from kassa.core.database_clock import follow_database
    from kassa.runtime.job_connector import build_job_connector

    follow_database()
    with app.replace_connector(build_job_connector()) as worker_app:
        asyncio.run(run_both(worker_app))


async def run_both(app: App) -> None:
    """Run the workers of this process until a signal comes or one of them ends; then end all in order.

    Raises ConnectorException if one ended that nobody had asked to, so that the process is started again.
    """
    from procrastinate.exceptions import ConnectorException
    from procrastinate.signals import on_stop

    # Jobs are plain functions and run in threads of the loop: enough for all kinds on any machine.
    threads = 2 * CONCURRENCY + MAIL_CONCURRENCY + 2
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(threads, "job"))
    async with app.open_async():
        workers = [
            asyncio.create_task(_run(_without_clock(app), [PROVIDERS_QUEUE], name="providers")),
            asyncio.create_task(
                # Half a second more is nothing to a message, and a connection that listens is one more.
                _run(
                    _without_clock(app),
                    [MAIL_QUEUE],
                    name="mail",
                    concurrency=MAIL_CONCURRENCY,
                    listens=False,
                )
            ),
            asyncio.create_task(_run(app, other_queues(app), name="worker")),
        ]

        def stop() -> None:
            for worker in workers:
                if not worker.cancelling():  # cancelled twice, it would not wait for its jobs
                    worker.cancel()

        with on_stop(stop):
            # One that ends by itself has lost the database: the other one must not seem to be all there is.
            await asyncio.wait(workers, return_when=asyncio.FIRST_COMPLETED)
            is_asked = any(worker.cancelling() for worker in workers)
            stop()
            await asyncio.wait(workers)
    for worker in workers:
        if not worker.cancelled() and (error := worker.exception()) is not None:
            raise error
    if not is_asked:
        raise ConnectorException("one of its loops ended by itself")


def other_queues(app: App) -> list[str]:
    """Return all queues that tasks name, but for those that have a worker of their own."""
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    return sorted({task.queue for task in app.tasks.values()} - {PROVIDERS_QUEUE, MAIL_QUEUE})


def _without_clock(app: App) -> App:
    """Return the app as a worker sees it that has no part in what is due at set times: one does that."""
    from procrastinate import App as AnyApp

    copy = AnyApp(connector=app.connector, import_paths=app.import_paths, worker_defaults=app.worker_defaults)
    copy.tasks = app.tasks
    return copy


async def _run(
    app: App, queues: Iterable[str], *, name: str, concurrency: int = CONCURRENCY, listens: bool = True
) -> Any:
    """Run a worker; cancelling it lets the running jobs finish."""
    from kassa.core.job_retry import do_again, do_again_async

    return await app.run_worker_async(
        queues=list(queues),
        name=name,
        concurrency=concurrency,
        fetch_job_polling_interval=LOOK_SECONDS,
        listen_notify=listens,
        task_middleware=[do_again, do_again_async],
        delete_jobs="successful",
        shutdown_graceful_timeout=GRACE_SECONDS,
        install_signal_handlers=False,
    )
