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
from kassa.runtime.ports import answers, check_port
from kassa.runtime.stamp import is_current
from kassa.runtime.supervisor import Supervisor
from kassa.runtime.web_lock import has_lost_web

ANSWER_SECONDS = 60.0
"""How long the web may take to answer for the first time."""
WEB_GRACE_SECONDS = 15.0
WORKER_GRACE_SECONDS = 30.0
"""How long each may take to stop; above what they allow themselves."""


@click.command()
def serve() -> None:
    """Start everything: the database, the web, the worker; stop it with Ctrl-C."""
    settings = read_settings()
    check_port(settings.HOST, settings.PORT, is_lingering=lambda: has_lost_web(data_folder(), settings.PORT))
    with _interruptible(), _database(data_folder()) as (url, cluster):
        environment = {"DATABASE_URL": url}
        preparation = Preparation(environment)
        if not is_current(url):
            report_progress("Looking at what the database needs before anything is served.")
            preparation.finish()
        supervisor = Supervisor(
            [
                _child("web", grace_seconds=WEB_GRACE_SECONDS, environment=environment),
                _child("worker", grace_seconds=WORKER_GRACE_SECONDS, environment=environment),
            ],
            cluster=cluster,
        )
        with supervisor.running():
            if supervisor.watch(until=lambda: answers(settings.HOST, settings.PORT), seconds=ANSWER_SECONDS):
                mailbox = mailbox_url(
                    settings.BASE_URL, secret_key=settings.SECRET_KEY, transport=settings.MAIL_TRANSPORT
                )
                click.echo(announcement(settings.BASE_URL, demo=preparation.finish(), mailbox=mailbox))
                warn_of_weaknesses(settings)
                supervisor.watch()


class Preparation:
    """`kassa prepare`, running beside us: it migrates, loads the demo and says what is in it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kassa", "prepare"],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._description: dict[str, Any] | None = None
        self._is_finished = False

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
