"""The kernel's jobs."""

from __future__ import annotations

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate.contrib.django import app

from kassa.core.tasks import forget_answers, retry_lost_jobs

LOCK = "a lock of the test"


@pytest.fixture(autouse=True)
def _no_jobs(transactional_db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def defer() -> int:
    return int(app.configure_task(forget_answers.name, lock=LOCK, queueing_lock=LOCK).defer(timestamp=0))


def begin(job_id: int) -> None:
    """Let a job be one that a worker has begun and, being killed, never finished."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [job_id])


def jobs() -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, status::text FROM procrastinate_jobs WHERE lock = %s ORDER BY id", [LOCK])
        return list(cursor.fetchall())


def test_a_job_of_a_killed_worker_is_run_again() -> None:
    lost = defer()
    begin(lost)

    async_to_sync(retry_lost_jobs.func)(timestamp=0)

    assert jobs() == [(lost, "todo")]


def test_a_lost_job_makes_way_for_one_that_waits_already() -> None:
    lost = defer()
    begin(lost)
    waiting = defer()

    async_to_sync(retry_lost_jobs.func)(timestamp=0)

    assert jobs() == [(waiting, "todo")]
