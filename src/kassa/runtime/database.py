"""Which database a command works with: the one of `DATABASE_URL`, else the embedded one."""

# ruff: noqa: PLC0415 - what only some commands need is imported by those

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kassa.runtime.cluster import Cluster
from kassa.runtime.errors import CannotStart, DataFolderInUse
from kassa.runtime.postmaster import database_url, find_running

OLDEST_SERVER = 15
"""The oldest major version of PostgreSQL that Kassa's SQL runs on."""
CONNECT_SECONDS = 5
NEIGHBOUR_SECONDS = 30.0
"""How long to wait for a database that another Kassa is just starting."""


def given_url() -> str | None:
    """Return `DATABASE_URL`, or None where it is not set (or set to nothing)."""
    return os.environ.get("DATABASE_URL") or None


def cluster_folder(data_dir: Path) -> Path:
    """Return where the embedded database of a data folder lives."""
    return data_dir / "postgres"


@contextlib.contextmanager
def open_database(data_dir: Path, *, may_start: bool) -> Iterator[str]:
    """Yield the address of the database, with `DATABASE_URL` set to it for Django's settings.

    Without `DATABASE_URL` it is the embedded database of the data folder: the running one or, with
    `may_start`, one that is started and stopped again afterwards. Raises CannotStart otherwise.
    """
    if url := given_url():
        check_server(url)
        yield url
        return
    with contextlib.ExitStack() as stack:
        running = _find_ready(data_dir)
        if running is None and not may_start:
            raise CannotStart(
                f"The database in {data_dir} is not running. Start it with `kassa serve` in another "
                "terminal, or set DATABASE_URL to use another PostgreSQL server."
            )
        if running is None:
            running = _start_or_join(data_dir, stack)
        os.environ["DATABASE_URL"] = running
        yield running


def check_server(url: str) -> None:
    """Raise CannotStart when no PostgreSQL of a fitting version answers at an address."""
    # Imported late: a command that only looks at the arguments does not need a driver.
    import psycopg

    if not url.startswith(("postgres://", "postgresql://")):
        raise CannotStart(
            "DATABASE_URL must be the address of a PostgreSQL server: postgresql://user@host/name"
        )
    try:
        place = describe_address(url)
        with psycopg.connect(url, connect_timeout=CONNECT_SECONDS) as connection:
            version = connection.info.server_version // 10000
    except (psycopg.Error, ValueError, UnicodeError) as error:
        reason = " ".join(str(error).split())
        raise CannotStart(
            f"The database cannot be reached: {reason} Check that PostgreSQL runs there and that "
            "DATABASE_URL is right."
        ) from error
    if version < OLDEST_SERVER:
        raise CannotStart(
            f"The database at {place} is PostgreSQL {version}; Kassa needs {OLDEST_SERVER} or newer."
        )


def describe_address(url: str) -> str:
    """Return host, port and name of a database address, without its password."""
    parts = urlsplit(url)
    return f"{unquote(parts.hostname or 'the local socket')}:{parts.port or 5432}{parts.path}"


def _find_ready(data_dir: Path) -> str | None:
    try:
        running = find_running(cluster_folder(data_dir))
    except PermissionError as error:
        raise CannotStart(f"The data folder {data_dir} cannot be read by this user.") from error
    if running is None or not running.is_ready or running.socket_dir is None:
        return None
    return database_url(running.socket_dir)


def _start_or_join(data_dir: Path, stack: contextlib.ExitStack) -> str:
    """Start the embedded database until `stack` is closed, or wait for the one just starting."""
    cluster = Cluster(cluster_folder(data_dir))
    try:
        cluster.start()
    except DataFolderInUse:
        deadline = time.monotonic() + NEIGHBOUR_SECONDS
        while time.monotonic() < deadline:
            if url := _find_ready(data_dir):
                return url
            time.sleep(0.05)
        raise
    stack.callback(cluster.stop)
    return cluster.url
