"""``kassa serve``."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from kassa.cli.announcement import announcement
from kassa.cli.production import warn_of_weaknesses
from kassa.cli.progress import report_progress
from kassa.cli.settings import data_folder, read_settings
from kassa.notifications.domain.mailbox import mailbox_url
from kassa.runtime.child import Child
from kassa.runtime.cluster import Cluster
from kassa.runtime.database import check_server, cluster_folder, given_url
from kassa.runtime.errors import CannotStart
from kassa.runtime.parent import PARENT_VARIABLE
from kassa.runtime.ports import check_port, is_serving
from kassa.runtime.stamp import has_tables, is_current
from kassa.runtime.supervisor import Supervisor
from kassa.runtime.web_lock import has_lost_web

ANSWER_SECONDS = 60.0
"""How long the web may take to answer for the first time."""
WEB_GRACE_SECONDS = 15.0
WORKER_GRACE_SECONDS = 30.0
MAINTENANCE_GRACE_SECONDS = 3.0
"""How long each may take to stop; above what they allow themselves."""


@click.command()
def serve() -> None:
    """Start everything: the database, the web, the worker; stop it with Ctrl-C."""
    settings = read_settings()
    check_port(settings.HOST, settings.PORT, is_lingering=lambda: has_lost_web(data_folder(), settings.PORT))
    with _interruptible(), _database(data_folder()) as (url, cluster):
        _serve(settings, url, cluster)


def _serve(settings: ModuleType, url: str, cluster: Cluster | None) -> None:
    """Prepare the database at an address, and run what uses it until a signal says stop."""
    environment = {"DATABASE_URL": url}
    with Preparation(environment) as preparation, contextlib.ExitStack() as meanwhile:
        if not is_current(url):
            report_progress("Looking at what the database needs before anything is served.")
            if has_tables(url):  # nobody waits for a shop that is new
                meanwhile.enter_context(_maintenance(environment))
            preparation.finish()
        supervisor = Supervisor(
            [
                _child("web", grace_seconds=WEB_GRACE_SECONDS, environment=environment),
                _child("worker", grace_seconds=WORKER_GRACE_SECONDS, environment=environment),
            ],
            cluster=cluster,
        )
        with supervisor.running():
            if supervisor.watch(
                until=lambda: is_serving(settings.HOST, settings.PORT), seconds=ANSWER_SECONDS
            ):
                meanwhile.close()
                mailbox = mailbox_url(
                    settings.BASE_URL, secret_key=settings.SECRET_KEY, transport=settings.MAIL_TRANSPORT
                )
                click.echo(announcement(settings.BASE_URL, demo=preparation.finish(), mailbox=mailbox))
                warn_of_weaknesses(settings)
                supervisor.watch()


class Preparation:
    """`kassa prepare`, running beside us: it migrates, loads the demo and says what is in it.

    Leaving its context ends it where it stands, unless it has finished: the next start goes on.
    """

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kassa", "prepare"],
            env={**os.environ, **environment, PARENT_VARIABLE: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._description: dict[str, Any] | None = None
        self._is_finished = False

    def __enter__(self) -> Preparation:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def finish(self) -> dict[str, Any] | None:
        """Wait for it; return what it says about the demo, None without one. Raises CannotStart."""
        if not self._is_finished:
            said, _ = self._process.communicate()
            if self._process.returncode != 0:
                raise CannotStart("The database could not be prepared; the reason stands above.")
            self._description = json.loads(said)
            self._is_finished = True
        return self._description


@contextlib.contextmanager
def _maintenance(environment: dict[str, str]) -> Iterator[None]:
    """Let whoever calls at the web's port be told to come back in a moment.

    The web may start meanwhile, since both share the port: so nobody finds it closed in between.
    """
    child = _child("maintenance", grace_seconds=MAINTENANCE_GRACE_SECONDS, environment=environment)
    child.start()
    try:
        yield
    finally:
        child.stop()


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let SIGTERM do what Ctrl-C does while the start is under way: stop what runs and leave."""
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, previous)


@contextlib.contextmanager
def _database(data_dir: Path) -> Iterator[tuple[str, Cluster | None]]:
    if url := given_url():
        check_server(url)
        yield url, None
        return
    cluster = Cluster(cluster_folder(data_dir))
    cluster.start()
    try:
        yield cluster.url, cluster
    finally:
        cluster.stop()


def _child(name: str, *, grace_seconds: float, environment: dict[str, str]) -> Child:
    command = [sys.executable, "-m", "kassa", name]
    return Child(name, command, grace_seconds=grace_seconds, environment=environment)
