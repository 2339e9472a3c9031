"""The web process: granian, and before the application a front that reads requests."""

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
"""Connections a process holds at once; each keeps its place while it is idle, for ten seconds at most."""
CONNECTIONS_PER_HOST = CONNECTIONS // 8
"""How many of them one host may have."""
HEAD_MILLISECONDS = 10_000
"""How long the head of a request may take to come."""
LONGEST_HEAD = 64 * 1024
"""How many bytes it may have; as many of a body lie in granian's memory while it is read."""
WAITING_EACH = 64
"""How many requests for pages may wait for each thread."""
PAGE_WAIT_SECONDS = 10.0
"""How long they may wait."""
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
    """Serve Kassa until a signal says stop, then finish the requests being answered."""
    _import_application()

    def load() -> Any:
        front = _build_front(_import_application(), port=port, threads=threads)
        _follow_database_clock()
        _give_back_once()
        _collect_seldom()
        return front

    serve(load, host=host, port=port, workers=workers)


def serve(load: Callable[[], Any], *, host: str, port: int, workers: int) -> None:
    """Serve what `load` returns, called in each process that was just forked."""
    from granian.constants import HTTPModes, Interfaces, RuntimeModes
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server import Server

    from kassa.runtime.front.loop import NAME

    _allow_many_connections()
    server = Server(
        target="kassa",  # only a name: it is loaded below
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        # The network has a thread of its own, which does not wait where the interpreter's lock is handed
        # on: that takes 5 % less CPU for each order than the one that granian chooses for RSGI.
        runtime_mode=RuntimeModes.mt,
        loop=NAME,  # type: ignore[arg-type]  # the name of a registered loop
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_MILLISECONDS, max_buffer_size=LONGEST_HEAD),
        websockets=False,
        workers=workers,
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        log_level=LogLevels.error,
        log_dictconfig=LOGGERS,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_SECONDS,
    )
    main_process = os.getpid()

    def load_in_child() -> Any:
        end_with_parent(main_process)
        return load()

    server.serve(target_loader=load_in_child, wrap_loader=False)


def _import_application() -> Any:
    """Import everything that answering a request needs, before the processes part ways.

    Done once instead of once per process, and no first visitor waits for it.
    """
    from django.urls import get_resolver

    from kassa.wsgi import application

    _ = get_resolver().url_patterns
    _make_description()
    return application


def _give_back_once() -> None:
    """Give the connection back at the end of a request, and do nothing else around it.

    Django looks through all databases and caches, and at the beginning of a request as well.
    """
    from django.core.cache import close_caches
    from django.core.handlers.base import reset_urlconf
    from django.core.signals import request_finished
    from django.db import close_old_connections

    request_finished.disconnect(close_old_connections)
    request_finished.disconnect(close_caches)  # the one there is has nothing to close
    request_finished.disconnect(reset_urlconf)  # there is one for all requests
    request_finished.connect(_give_back)


def _give_back(**_signal: Any) -> None:
    from django.db import DEFAULT_DB_ALIAS, connections

    connections[DEFAULT_DB_ALIAS].close_if_unusable_or_obsolete()


def _make_description() -> None:
    """Make the description of the API: that takes most of a second, in which nobody would be answered."""
    from kassa.api.description_view import get_ready_description

    get_ready_description()


def _follow_database_clock() -> None:
    from kassa.core.database_clock import follow_database

    follow_database()


def _build_front(application: Any, *, port: int, threads: int) -> Any:
    """Put the front before the application, with two lanes: what waits for a sale, and all the rest."""
    from django.conf import settings

    from kassa.route_classes import ORDERS, PAGES
    from kassa.runtime.front.application import Front
    from kassa.runtime.front.bodies import Bodies
    from kassa.runtime.front.connections import Connections
    from kassa.runtime.front.lanes import Lane
    from kassa.runtime.front.waits import Waits
    from kassa.sales.errors import DeskBusy

    folder = settings.FILE_UPLOAD_TEMP_DIR
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    orders = Lane(
        ORDERS,
        threads=threads,
        max_waiting=settings.SALE_QUEUE_LIMIT,
        max_wait_seconds=settings.SALE_WAIT_SECONDS,
        refusal=DeskBusy,
    )
    pages = Lane(
        PAGES, threads=threads, max_waiting=threads * WAITING_EACH, max_wait_seconds=PAGE_WAIT_SECONDS
    )
    waits = Waits(slow_per_host=settings.SLOW_BODIES_PER_ADDRESS)
    bodies = Bodies(waits, seconds=settings.BODY_SECONDS, memory=settings.BODY_MEMORY, folder=folder)
    return Front(
        application,
        lanes={ORDERS: orders, PAGES: pages},
        waits=waits,
        bodies=bodies,
        connections=Connections(port, per_host=CONNECTIONS_PER_HOST),
    )


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
