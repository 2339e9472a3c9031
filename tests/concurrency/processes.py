"""Processes of our own, each with its own Django and its own connections, that do what they are told."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

START_SECONDS = 60.0
ANSWER_SECONDS = 90.0
POOL = 30
"""Database connections of one process, at most."""

_start: Barrier | None = None


class Processes:
    """So many processes on one database; they stop when they are closed."""

    def __init__(self, url: str, count: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._start = context.Barrier(count)
        self._children = []
        for _ in range(count):
            mine, theirs = context.Pipe()
            child = context.Process(target=_serve, args=(theirs, url, self._start), daemon=True)
            child.start()
            theirs.close()
            self._children.append((child, mine))
        for _, pipe in self._children:
            _receive(pipe, START_SECONDS)

    @property
    def count(self) -> int:
        return len(self._children)

    def call(self, work: Callable[..., Any], shares: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Let each process call ``work`` with its share of the arguments; return what they return."""
        assert len(shares) == self.count
        for (_, pipe), share in zip(self._children, shares, strict=True):
            pipe.send((work, share))
        return [_receive(pipe, ANSWER_SECONDS) for _, pipe in self._children]

    def close(self) -> None:
        for child, pipe in self._children:
            pipe.close()
            child.join(10)
            if child.is_alive():
                child.kill()
                child.join()


def start_together() -> None:
    """Wait, within a process, until every other one is as far."""
    assert _start is not None
    _start.wait(START_SECONDS)


def _receive(pipe: Connection, seconds: float) -> Any:
    assert pipe.poll(seconds), "the process did not answer in time"
    result = pipe.recv()
    if isinstance(result, BaseException):
        raise result
    return result


def _serve(pipe: Connection, url: str, start: Barrier) -> None:
    global _start  # noqa: PLW0603 (set once, as this process starts)
    _start = start
    os.environ.update(
        DATABASE_URL=url, DJANGO_SETTINGS_MODULE="kassa.settings", KASSA_DATABASE_POOL=str(POOL)
    )
    import django  # noqa: PLC0415 (only now is it known which database)

    django.setup()
    from django.db import connections  # noqa: PLC0415

    options = connections.settings["default"]["OPTIONS"]
    # A crowd waits for one row far longer than any buyer would; the race is about who wins, not about time.
    options["options"] = "-c lock_timeout=60s"
    options["pool"]["timeout"] = 60
    pipe.send("ready")
    while True:
        try:
            work, share = pipe.recv()
        except EOFError:
            return
        try:
            result = work(*share)
        except BaseException as error:  # noqa: BLE001 (the parent raises it)
            result = error if _can_travel(error) else RuntimeError(repr(error))
        pipe.send(result)


def _can_travel(error: BaseException) -> bool:
    return isinstance(error, AssertionError) and all(isinstance(value, str) for value in error.args)
