"""Connections to the database: a cut line is noticed at both ends, and few are enough to begin with."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

StartScript = Callable[..., subprocess.Popen[str]]
WaitUntil = Callable[..., None]
LEFT = 4
"""Connections that are left when a worker starts: one looks for jobs, two listen, and one is for a job."""

WORK = """
import os, sys
from pathlib import Path
os.environ.update(DATABASE_URL=sys.argv[1], KASSA_DATA_DIR=sys.argv[2])
os.environ["DJANGO_SETTINGS_MODULE"] = "kassa.settings"
import django
django.setup()
from procrastinate.contrib.django import app
from kassa.runtime import worker

folder = Path(sys.argv[2])

@app.task(name="test.job")
def job():
    (folder / "done").touch()

if sys.argv[3] == "all_at_once":
    worker._connector = lambda: app.connector.get_worker_connector()
job.defer()
worker.run_worker()
"""


@pytest.fixture
def few_connections(database_url: str, transactional_db: None) -> Iterator[None]:
    """Let the database have no more than a few connections left."""
    connection.close()
    with psycopg.connect(database_url.replace("kassa@", "postgres@"), autocommit=True) as staff:
        staff.execute(
            "DO $$ BEGIN EXECUTE format('ALTER ROLE kassa CONNECTION LIMIT %s', "
            f"(SELECT count(*) + {LEFT} FROM pg_stat_activity WHERE usename = 'kassa')); END $$"
        )
        try:
            yield
        finally:
            staff.execute("ALTER ROLE kassa CONNECTION LIMIT -1")


def test_a_worker_starts_with_the_few_connections_that_are_left(
    few_connections: None, database_url: str, start_script: StartScript, folder: Path, wait_until: WaitUntil
) -> None:
    work = start_script(WORK, database_url, str(folder), "one_by_one")

    wait_until((folder / "done").exists)

    work.terminate()
    assert work.wait(timeout=30) == 0


@pytest.mark.slow
def test_a_worker_that_wants_all_of_them_at_once_does_not(
    few_connections: None, database_url: str, start_script: StartScript, folder: Path
) -> None:
    """The control."""
    work = start_script(WORK, database_url, str(folder), "all_at_once")

    _, errors = work.communicate(timeout=120)

    assert work.returncode != 0
    assert not (folder / "done").exists(), errors


def test_both_ends_give_up_a_line_that_was_cut(transactional_db: None) -> None:
    """Over a socket the server has nothing to set, but it says what the client asked for."""
    options = settings.DATABASES["default"]["OPTIONS"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, reset_val, source FROM pg_settings WHERE name LIKE 'tcp_%'")
        asked = {name: (int(value), source) for name, value, source in cursor.fetchall()}

    assert asked == {
        "tcp_keepalives_idle": (30, "client"),
        "tcp_keepalives_interval": (10, "client"),
        "tcp_keepalives_count": (3, "client"),
        "tcp_user_timeout": (30_000, "client"),
    }
    assert {f"tcp_{name.removeprefix('tcp_')}": options[name] for name in options if name in LINE} == {
        name: value for name, (value, _) in asked.items()
    }


LINE = ("keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout")
