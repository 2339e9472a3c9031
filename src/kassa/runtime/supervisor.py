"""Watching over Kassa's processes and its database until somebody says stop."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from types import FrameType

from kassa.runtime.child import Child, log
from kassa.runtime.cluster import Cluster
from kassa.runtime.errors import CannotStart

WATCH_SECONDS = 0.5
"""How often is looked whether all is well; a signal (also: a child has ended) wakes at once."""
FIRST_START_FAILURES = 3
"""So often may a process end before the first start counts as failed."""


class Supervisor:
    """Runs children beside a database of our own (None: the database is somebody else's).

    Use it as a context: leaving it stops the children in order, then the database. A second signal
    while stopping kills the children at once.
    """

    def __init__(self, children: Sequence[Child], *, cluster: Cluster | None) -> None:
        self._children = children
        self._cluster = cluster
        self._signals_seen = 0
        self._database_failures = 0
        self._database_again_at = 0.0

    @property
    def is_asked_to_stop(self) -> bool:
        """Say whether a signal to stop has come."""
        return self._signals_seen > 0

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Start the children, and stop everything on the way out."""
        with self._signals():
            try:
                for child in self._children:
                    child.start()
                yield
            finally:
                self._stop()

    def watch(self, *, until: Callable[[], bool] | None = None, seconds: float | None = None) -> bool:
        """Keep everything running until a signal comes (returns False) or `until` holds (True).

        With `until` this is the first start: raises CannotStart when it does not hold within `seconds`
        or a process keeps ending.
        """
        deadline = time.monotonic() + seconds if seconds is not None else None
        while not self.is_asked_to_stop:
            self._watch_database()
            for child in self._children:
                child.watch()
            if until is not None:
                if until():
                    return True
                self._check_first_start(deadline)
            self._wait(0.05 if until is not None else WATCH_SECONDS)
        return False

    def _check_first_start(self, deadline: float | None) -> None:
        for child in self._children:
            if child.failures >= FIRST_START_FAILURES:
                raise CannotStart(
                    f"The {child.name} process ended {child.failures} times; what it wrote stands above."
                )
        if deadline is not None and time.monotonic() > deadline:
            raise CannotStart("The web process does not answer; what it wrote stands above.")

    def _watch_database(self) -> None:
        if self._cluster is None or self._cluster.is_running or time.monotonic() < self._database_again_at:
            return
        log("The database has ended; starting it again.")
        try:
            self._cluster.start()
        except CannotStart as error:
            delay = min(2**self._database_failures, 30)
            self._database_failures += 1
            self._database_again_at = time.monotonic() + delay
            log(f"{error} Trying again in {delay} s.")
        else:
            self._database_failures = 0
            log("The database runs again.")

    def _stop(self) -> None:
        for child in self._children:
            child.ask_to_stop()
        asked_at = time.monotonic()
        signals_at_first = max(self._signals_seen, 1)
        while waiting := [child for child in self._children if not child.has_ended()]:
            is_hurried = self._signals_seen > signals_at_first
            for child in waiting:
                if is_hurried or time.monotonic() - asked_at > child.grace_seconds:
                    log(f"The {child.name} process does not stop; killing it.")
                    child.kill()
            self._wait(0.05)
        for child in self._children:
            child.kill()  # nothing of theirs may stay behind
        if self._cluster is not None:
            self._cluster.stop()

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """Count the signals that mean stop, and be woken by them and by a child that ends."""
        self._wake_reader, wake_writer = os.pipe()
        for descriptor in (self._wake_reader, wake_writer):
            os.set_blocking(descriptor, False)
        previous_descriptor = signal.set_wakeup_fd(wake_writer, warn_on_full_buffer=False)
        previous: dict[signal.Signals, signal._HANDLER] = {}
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # under nohup
            previous[number] = signal.signal(number, self._note_signal)
        previous[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(previous_descriptor)
            os.close(self._wake_reader)
            os.close(wake_writer)

    def _note_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals_seen += 1

    def _wait(self, seconds: float) -> None:
        if select.select([self._wake_reader], [], [], seconds)[0]:
            with contextlib.suppress(BlockingIOError):
                os.read(self._wake_reader, 1024)
