"""What is measured: a durable PostgreSQL of the run's own, and ``kassa web`` as a process beside it.

The tables are laid once, in a database that serves as template; each benchmark gets a copy of
it and a web process of its own, and both are gone afterwards.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.db import connections

from benchmarks.cpu import CpuClock
from benchmarks.errors import BenchmarkFailed
from kassa.core.rate_limits import RateLimit
from kassa.runtime.cluster import Cluster
from kassa.runtime.parent import PARENT_VARIABLE
from kassa.runtime.ports import answers
from kassa.runtime.schema import migrate

FAR_AWAY = "100000000/second,100000000"
"""A rate limit that nobody reaches."""
START_SECONDS = 60.0
STOP_SECONDS = 30.0
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
"""These are on, or the figures would mean nothing."""


class NotMeasurable(BenchmarkFailed):
    """The server or the web process is not as a measurement needs it."""


@dataclass(frozen=True)
class Stage:
    """A database with its own web process."""

    database: str
    url: str
    superuser_url: str
    port: int
    clock: CpuClock
    connection: psycopg.Connection[Any]
    """Autocommitting, as the owner of the tables; for checks, never during a measurement."""

    def checkpoint(self) -> None:
        """Write everything out, so that no round pays for the one before."""
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            connection.execute("CHECKPOINT")


def prepare_cluster(cluster: Cluster) -> dict[str, str]:
    """Lay the tables in the template and return the settings that matter.

    Raises:
        NotMeasurable: the server may lose what it has answered.
    """
    migrate()
    _leave_database()
    names = (
        *DURABLE,
        "server_version",
        "shared_buffers",
        "max_connections",
        "max_wal_size",
        "wal_compression",
    )
    with psycopg.connect(cluster.url) as connection:
        settings = {name: _show(connection, name) for name in names}
    soft = [name for name in DURABLE if settings[name] != "on"]
    if soft:
        raise NotMeasurable(f"These settings of PostgreSQL are not on: {', '.join(soft)}.")
    return settings


@contextlib.contextmanager
def open_stage(cluster: Cluster, name: str, folder: Path, *, is_limited: bool = False) -> Iterator[Stage]:
    """Make a database and start a web process on it; end both afterwards.

    One client stands for all, so limits of how often one may ask are far away (they are counted all the same)
    unless it `is_limited` as by default.
    """
    database = f"kassa_{name}"
    url = _with_database(cluster.url, database)
    superuser_url = url.replace("//kassa@", "//postgres@")
    if cluster.pid is None:
        raise NotMeasurable("The server does not run.")
    with psycopg.connect(_with_database(cluster.url, "postgres"), autocommit=True) as administration:
        administration.execute(f"CREATE DATABASE {database} TEMPLATE kassa")
        try:
            _point_django_at(database)
            with (
                _web(url, folder / f"{name}.log", {} if is_limited else _far_away_limits()) as (
                    process,
                    port,
                ),
                psycopg.connect(url, autocommit=True) as own,
            ):
                yield Stage(
                    database=database,
                    url=url,
                    superuser_url=superuser_url,
                    port=port,
                    clock=CpuClock(web_pid=process.pid, postmaster_pid=cluster.pid),
                    connection=own,
                )
        finally:
            _leave_database()
            # Autovacuum may be at work in it, which only a superuser may end.
            with psycopg.connect(_with_database(superuser_url, "postgres"), autocommit=True) as superuser:
                superuser.execute(f"DROP DATABASE {database} WITH (FORCE)")


def _point_django_at(database: str) -> None:
    _leave_database()
    connections["default"].settings_dict["NAME"] = database


def _leave_database() -> None:
    """Close all connections of this process's Django: those that its pool keeps would hold the database."""
    connection = connections["default"]
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # that of PostgreSQL has one


@contextlib.contextmanager
def _web(url: str, log_path: Path, limits: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = _free_port()
    settings = {**limits, "KASSA_HOST": "127.0.0.1", "KASSA_PORT": str(port)}
    with _kassa("web", url, log_path, settings) as process:
        _wait_until_it_answers(process, port, log_path)
        yield process, port


@contextlib.contextmanager
def run_worker(stage: Stage, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``kassa worker`` on a stage."""
    with _kassa("worker", stage.url, folder / f"{stage.database}-worker.log", {}) as process:
        yield process


@contextlib.contextmanager
def _kassa(
    command: str, url: str, log_path: Path, settings: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process of Kassa with its default settings (and those of this process's environment)."""
    environment = {**os.environ, "DATABASE_URL": url, PARENT_VARIABLE: str(os.getpid()), **settings}
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [Path(sys.executable).parent / "kassa", command],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
        if process.poll() is not None:
            raise NotMeasurable(f"The {command} process ended by itself:\n{_tail(log_path)}")
    finally:
        _stop(process)
        if said := _tail(log_path):
            print(f"The {command} process wrote:\n{said}", file=sys.stderr)


def _far_away_limits() -> dict[str, str]:
    for module in ("kassa.urls", "kassa.runtime.front.clients"):  # with them every rate limit
        importlib.import_module(module)
    rates = {f"KASSA_RATE_{name.upper()}": FAR_AWAY for name in RateLimit.declared}
    return {**rates, "KASSA_HELD_PER_ADDRESS": "100%,999999", "KASSA_HELD_PER_NETWORK": "100%,999999"}


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log_path: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers("127.0.0.1", port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise NotMeasurable(f"The web process did not start:\n{_tail(log_path)}")
        time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # its session is its own: nobody else is in it
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _tail(log_path: Path) -> str:
    return "\n".join(log_path.read_text(errors="replace").splitlines()[-20:])


def _with_database(url: str, database: str) -> str:
    return f"{url.rpartition('/')[0]}/{database}"


def _show(connection: psycopg.Connection[Any], name: str) -> str:
    row = connection.execute(f"SHOW {name}").fetchone()
    return str(row[0]) if row else ""
