"""Work that is left to the worker: one waiting job for each kind and organisation."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from django.db import connection, transaction
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from kassa.core.database import statements

ShouldStop = Callable[[], bool]
"""Says, between two pieces of work, whether to stop and leave the rest to another job."""
TURN_SECONDS = 20.0
"""How long a job goes on before others get their turn; the next one takes up what is left."""
IS_WAITING = "SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo')"


def defer(task_name: str, organization_id: UUID, *, queue: str = "default", **arguments: str) -> None:
    """Ask the worker for a job of one organisation; one that is waiting already will do."""
    lock = ":".join((task_name, str(organization_id), *arguments.values()))
    if _is_waiting(lock):
        return
    try:
        with transaction.atomic():
            app.configure_task(task_name, queue=queue, queueing_lock=lock, lock=lock).defer(
                organization_id=str(organization_id), **arguments
            )
    except AlreadyEnqueued:
        pass


def _is_waiting(lock: str) -> bool:
    """Say whether a job waits already: asking costs less than having the database refuse another one."""
    with connection.wrap_database_errors:
        row = statements().queue(IS_WAITING, (lock,)).fetchone()
    return bool(row and row[0])


def defer_on_commit(
    task_name: str, organization_id: UUID, *, queue: str = "default", **arguments: str
) -> None:
    """Ask for a job once what was written can be seen; outside a transaction that is now."""
    transaction.on_commit(lambda: defer(task_name, organization_id, queue=queue, **arguments), robust=True)


def never_stop() -> bool:
    """Say that there is no reason to stop."""
    return False


def end_of_turn(context: JobContext, *, seconds: float = TURN_SECONDS) -> ShouldStop:
    """Return what says when a job has to end: its turn is over, or the worker stops."""
    ends_at = time.monotonic() + seconds
    return lambda: time.monotonic() >= ends_at or context.should_abort()
