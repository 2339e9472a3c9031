"""The web process: granian, with blocking threads."""

# ruff: noqa: PLC0415 - what only some commands need is imported by those

from __future__ import annotations

import gc
import os
import resource
from collections.abc import Callable
from typing import Any

from kassa.runtime.parent import end_with_parent

GRACE_SECONDS = 12
"""How long requests that are being answered may take to finish; above SALE_WAIT_SECONDS."""
BACKLOG = 4096
CONNECTIONS = 16384
"""Connections a process holds at once; each keeps its place while it is idle (keep-alive)."""
LOGGERS = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"}
    },
    "loggers": {"_granian": {"handlers": ["stderr"], "propagate": False}},
}


def run_web(*, host: str, port: int, workers: int, threads: int) -> None:
    """Serve until a signal says stop, then finish the requests being answered."""
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    _allow_many_connections()
    _import_application()
    server = Server(
        target="kassa.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=workers,
        blocking_threads=threads,
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        # Its only common warning is that there are more threads than processors; they wait for the
        # database, so that is meant.
        log_level=LogLevels.error,
        log_dictconfig=LOGGERS,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_SECONDS,
    )
    main_process = os.getpid()
    server.serve(target_loader=_loader(main_process), wrap_loader=False)


def _loader(main_process: int) -> Callable[[], Any]:
    def load() -> Any:
        """Return the application, in a process that was just forked."""
        end_with_parent(main_process)
        application = _import_application()
        _follow_database_clock()
        _collect_seldom()
        return application

    return load


def _import_application() -> Any:
    """Import everything that answering a request needs, before the processes part ways.

    Done once instead of once per process, and no first visitor waits for it.
    """
    from django.urls import get_resolver

    from kassa.wsgi import application

    _ = get_resolver().url_patterns
    return application


def _follow_database_clock() -> None:
    from kassa.core.database_clock import follow_database

    follow_database()


def _collect_seldom() -> None:
    """Leave what was imported out of garbage collection, and look for cycles less often.

    A request leaves hardly any cycles behind, but looking for them took a twentieth of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _allow_many_connections() -> None:
    """Raise the limit of open files to what the system allows; often the default is 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
