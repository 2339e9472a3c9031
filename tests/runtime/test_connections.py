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
LEFT = 2
"""Connections that are left when a worker starts: one is for jobs and the clock, one looks for jobs."""
PATIENCE = 120
"""Seconds after which a worker counts as not coming up. It takes two where nothing else runs."""

WORK = """
import os, sys
from pathlib import Path
os.environ.update(DATABASE_URL=sys.argv[1], KASSA_DATA_DIR=sys.argv[2])
os.environ["DJANGO_SETTINGS_MODULE"] = "kassa.settings"
import django
django.setup()
from procrastinate.contrib.django import app
from kassa.runtime import job_connector
from kassa.runtime.worker import run_worker

folder = Path(sys.argv[2])

@app.task(name="test.job")
def job():
    (folder / "done").touch()

if sys.argv[3] == "all_at_once":
    job_connector.build_job_connector = lambda: app.connector.get_worker_connector()
if sys.argv[3] == "listening":
    del job_connector.JobConnector.listen_notify
job.defer()
run_worker()
"""


@pytest.fixture
def staff(database_url: str) -> Iterator[psycopg.Connection]:
    """The database's own superuser, whom no limit holds up."""
    with psycopg.connect(database_url.replace("kassa@", "postgres@"), autocommit=True) as connected:
        yield connected


@pytest.fixture
def few_connections(staff: psycopg.Connection, transactional_db: None) -> Iterator[Callable[[], None]]:
    """Let the database have no more than a few connections left; return what ends that."""
    connection.close()
    staff.execute(
        "DO $$ BEGIN EXECUTE format('ALTER ROLE kassa CONNECTION LIMIT %s', "
        f"(SELECT count(*) + {LEFT} FROM pg_stat_activity WHERE usename = 'kassa')); END $$"
    )

    def lift() -> None:
        staff.execute("ALTER ROLE kassa CONNECTION LIMIT -1")

    yield lift
    lift()


def count_listeners(staff: psycopg.Connection) -> int:
    query = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'kassa' AND query LIKE 'LISTEN%'"
    found = staff.execute(query).fetchone()
    assert found is not None
    return int(found[0])


@pytest.fixture
def work(
    database_url: str, start_script: StartScript, folder: Path
) -> Callable[[str], subprocess.Popen[str]]:
    """Start a worker that has one job to do."""
    return lambda how: start_script(WORK, database_url, str(folder), how)


def test_a_worker_starts_with_the_few_connections_that_are_left(
    few_connections: Callable[[], None],
    staff: psycopg.Connection,
    work: Callable[[str], subprocess.Popen[str]],
    folder: Path,
    wait_until: WaitUntil,
) -> None:
    process = work("one_by_one")
    wait_until((folder / "done").exists, seconds=PATIENCE)
    assert count_listeners(staff) == 0

    few_connections()

    wait_until(lambda: count_listeners(staff) == 2, seconds=PATIENCE)
    process.terminate()
    assert process.wait(timeout=PATIENCE) == 0


@pytest.mark.slow
@pytest.mark.parametrize("how", ["all_at_once", "listening"])
def test_a_worker_that_wants_more_than_there_are_ends(
    how: str, few_connections: Callable[[], None], work: Callable[[str], subprocess.Popen[str]]
) -> None:
    """The control: with procrastinate's own connections, and with its own way of being notified."""
    process = work(how)

    _, errors = process.communicate(timeout=PATIENCE)

    assert process.returncode > 0, errors


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
