"""Lanes: threads that work on complete requests, and how many may wait for them, and how long."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator
from contextvars import Context
from queue import SimpleQueue

from kassa.core.errors import Busy

logger = logging.getLogger("kassa.runtime")

WEIGHT = 0.05
"""How much the newest pause between two answers counts in their mean."""
SUSTAINED = 4
"""The part of the longest wait that is allowed when requests have been waiting for all of that time."""


class Lane:
    """A queue with threads of its own, so that no kind of request waits behind another kind.

    A request that could not be answered in time is refused when it comes, by the pace of the last answers;
    one that has waited too long all the same is refused before it is worked on. A rush may wait for
    `max_wait_seconds`. If the queue has not been empty for that long, more comes than can be answered; then
    requests may wait for a fraction of it, because as many are answered if they wait for a shorter time.
    """

    def __init__(
        self,
        name: str,
        *,
        threads: int,
        max_waiting: int,
        max_wait_seconds: float,
        refusal: Callable[[], Busy] = lambda: Busy("Very many ask just now. Try again in a moment."),
    ) -> None:
        self.name = name
        self._threads = threads
        self._max_waiting = max_waiting
        self._max_wait_seconds = max_wait_seconds
        self._refusal = refusal
        self._queue: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._seconds_each = 0.0
        self._answered_at: float | None = None
        """When the last request was answered, if others waited then."""
        self._empty_at = time.monotonic()

    def start(self) -> None:
        """Start the threads; call it in the process that uses them."""
        for number in range(self._threads):
            threading.Thread(target=self._work, name=f"kassa-{self.name}-{number}", daemon=True).start()

    @property
    def expected_wait(self) -> float:
        """Seconds after which a thread would take a request that comes now."""
        return self._seconds_each * self._queue.qsize()

    def admit(self) -> None:
        """Let a request begin to wait.

        Raises:
            Busy: too many wait already, or it would wait for too long.
        """
        waiting = self._queue.qsize()
        if not waiting:
            self._empty_at = time.monotonic()
        elif waiting >= self._max_waiting or self.expected_wait > self._allowed_wait():
            raise self._busy()

    def enter(self) -> Entry:
        """Return what the coroutine of a request awaits to go on in a thread of this lane."""
        return Entry(self._queue, entered_at=time.monotonic())

    def check_wait(self, entry: Entry) -> None:
        """Refuse a request that has waited for so long that whoever sent it has probably given up.

        Raises:
            Busy: it has.
        """
        if entry.seconds > self._max_wait_seconds:
            raise self._busy()

    def note_answer(self) -> None:
        """Count a request that was worked on, for the pace; what was refused says nothing about it."""
        now = time.monotonic()
        if self._answered_at is not None:
            self._seconds_each += WEIGHT * (now - self._answered_at - self._seconds_each)
        self._answered_at = None if self._queue.empty() else now

    def note_pause(self) -> None:
        """Count nothing until the next answer: what has just been taken cannot be answered yet."""
        self._answered_at = None

    def _allowed_wait(self) -> float:
        is_sustained = time.monotonic() - self._empty_at > self._max_wait_seconds
        return self._max_wait_seconds / SUSTAINED if is_sustained else self._max_wait_seconds

    def _busy(self) -> Busy:
        busy = self._refusal()
        busy.retry_after = max(1, round(self.expected_wait / 2))
        return busy

    def _work(self) -> None:
        take = self._queue.get
        while True:
            go_on = take()
            try:
                go_on()
            except Exception:
                logger.exception("A request has ended its thread's work; the thread goes on.")
            del go_on  # a thread that waits holds on to nothing of the last request


class Entry:
    """A request's place in the queue of a lane: awaiting it goes on in one of the lane's threads."""

    __slots__ = ("_go_on", "_queue", "entered_at", "was_left")

    def __init__(self, queue: SimpleQueue[Callable[[], None]], *, entered_at: float) -> None:
        self._queue = queue
        self._go_on: list[Callable[[], None]] = []
        self.entered_at = entered_at
        self.was_left = False
        """Whether the request goes on somewhere else, without a thread of the lane."""

    @property
    def seconds(self) -> float:
        """For how long it has been there."""
        return time.monotonic() - self.entered_at

    def __await__(self) -> Generator[Entry, None, None]:
        yield self

    def add_done_callback(self, callback: Callable[[], None], /, *, context: Context) -> None:
        """Queue what goes on with the request."""
        self._go_on.append(callback)
        self._queue.put(self._come_first)

    def leave(self) -> None:
        """Leave the queue and go on with the request here, unless a thread has just taken it."""
        try:
            go_on = self._go_on.pop()
        except IndexError:
            return
        self.was_left = True
        go_on()

    def _come_first(self) -> None:
        try:
            go_on = self._go_on.pop()
        except IndexError:
            return  # it has left
        go_on()
