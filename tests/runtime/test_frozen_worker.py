"""A worker that stands still, or loses its session, stops nobody and leaves no job behind as failed."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import LockNotAvailable

from kassa.cli.commands.worker import IDLE_IN_TRANSACTION
from tests.support.factories import make_organization

StartScript = Callable[..., subprocess.Popen[str]]
WaitUntil = Callable[..., None]

WORK = """
import os, sys
from pathlib import Path
os.environ.update(DATABASE_URL=sys.argv[1], KASSA_DATA_DIR=sys.argv[2], KASSA_IDLE_IN_TRANSACTION=sys.argv[3])
os.environ.update(DJANGO_SETTINGS_MODULE="kassa.settings", PGAPPNAME="frozen worker")
import django
django.setup()
import time
from django.db import transaction
from procrastinate.contrib.django import app
from kassa.organizations.models import Organization
from kassa.runtime.worker import run_worker

folder = Path(sys.argv[2])

@app.task(name="test.lock", queueing_lock="test.lock")
def lock():
    with transaction.atomic():
        row = Organization.objects.select_for_update().get()
        (folder / "locked").touch()
        while not (folder / "go").exists():
            time.sleep(0.01)
        row.name = "Written by the worker"
        row.save(update_fields=["name"])

lock.defer()
run_worker()
"""
RENAME = "UPDATE organizations_organization SET name = 'Written by the web'"


@pytest.fixture
def web(database_url: str, transactional_db: None) -> Iterator[psycopg.Connection]:
    """A connection that waits for locks as long as the web does."""
    make_organization()
    with psycopg.connect(database_url, autocommit=True, options="-c lock_timeout=5s") as connection:
        yield connection


def lock_and_freeze(
    start_script: StartScript, database_url: str, folder: Path, wait_until: WaitUntil, *, patience: str
) -> subprocess.Popen[str]:
    """Start a worker and let it stand still in the middle of a transaction."""
    work = start_script(WORK, database_url, str(folder), patience)
    wait_until((folder / "locked").exists)
    os.kill(work.pid, signal.SIGSTOP)
    return work


def jobs_left(web: psycopg.Connection) -> list[tuple[str]]:
    return web.execute("SELECT status::text FROM procrastinate_jobs WHERE task_name = 'test.lock'").fetchall()


def name(web: psycopg.Connection) -> str:
    row = web.execute("SELECT name FROM organizations_organization").fetchone()
    assert row is not None
    return str(row[0])


def test_a_frozen_worker_gives_its_locks_up_before_the_web_does(
    start_script: StartScript, database_url: str, web: psycopg.Connection, folder: Path, wait_until: WaitUntil
) -> None:
    work = lock_and_freeze(start_script, database_url, folder, wait_until, patience=IDLE_IN_TRANSACTION)

    web.execute(RENAME)

    assert name(web) == "Written by the web"
    os.kill(work.pid, signal.SIGCONT)
    (folder / "go").touch()
    # It does its job again. It may end before it has noted that: what looks for jobs was frozen, too.
    wait_until(lambda: name(web) == "Written by the worker")
    wait_until(lambda: jobs_left(web) == [] or work.poll() is not None)
    assert ("failed",) not in jobs_left(web)


def test_one_that_may_stand_still_for_longer_stops_the_web(
    start_script: StartScript, database_url: str, web: psycopg.Connection, folder: Path, wait_until: WaitUntil
) -> None:
    """The control."""
    work = lock_and_freeze(start_script, database_url, folder, wait_until, patience="60s")

    with pytest.raises(LockNotAvailable):
        web.execute(RENAME)

    work.kill()
    web.execute("DELETE FROM procrastinate_jobs WHERE task_name LIKE 'test.%'")
    web.execute(RENAME)  # once its session has ended


def test_a_job_whose_session_is_killed_is_done_again(
    start_script: StartScript, database_url: str, web: psycopg.Connection, folder: Path, wait_until: WaitUntil
) -> None:
    work = start_script(WORK, database_url, str(folder), "60s")
    wait_until((folder / "locked").exists)

    web.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = 'frozen worker' AND state = 'idle in transaction' "
        "AND query LIKE '%organizations_organization%'"
    )
    (folder / "go").touch()

    wait_until(lambda: name(web) == "Written by the worker")
    wait_until(lambda: jobs_left(web) == [])
    work.terminate()
    assert work.wait(timeout=30) == 0
