"""Waiting for bytes of a body: until they come, or until somebody says that it takes too long."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextvars import Context
from typing import Any

from kassa.api.problems import BadRequest
from kassa.core.errors import BodyTooSlow
from kassa.runtime.front.rsgi import BROKEN, Future

SLOW_SECONDS = 1.0
"""Who has waited for this long counts among the slow ones of its host."""


BODY_BROKEN = "The body of the request ends before it is whole, or is not made of chunks."


class Waits:
    """All that a process waits for; somebody has to call :meth:`end_late` now and then."""

    def __init__(self, *, slow_per_host: int) -> None:
        self._slow_per_host = slow_per_host
        self._under_way: set[Wait] = set()
        self._stops_at = math.inf

    def wait_for_bytes(
        self, future: Future, *, since: float, until: float, host: Callable[[], str | None]
    ) -> Wait:
        """Return what a coroutine awaits to get the bytes that a future of granian brings.

        `since` and `until` are moments of the monotonic clock: when the body began, and when these bytes are
        late. Awaiting raises BodyTooSlow, or BadRequest when the connection ends first.
        """
        return Wait(self._under_way, future, since=since, until=until, host=host)

    def end_late(self) -> None:
        """End what is late, and for each host the newest of more slow ones than it may have."""
        now, hosts = time.monotonic(), Counter[str | None]()
        for wait in sorted(self._under_way.copy(), key=lambda each: each.since):
            if now > min(wait.until, self._stops_at):
                wait.end()
            elif now - wait.since > SLOW_SECONDS:
                host = wait.host()
                hosts[host] += 1
                if host is not None and hosts[host] > self._slow_per_host:
                    wait.end()

    def stop(self, *, within: float) -> None:
        """Let nothing be waited for longer than so many seconds from now."""
        self._stops_at = time.monotonic() + within


class Wait:
    """One wait, which ends once: the thread that ends it goes on with the request."""

    __slots__ = ("_all", "_ended", "_future", "_go_on", "_is_late", "host", "since", "until")

    def __init__(
        self,
        under_way: set[Wait],
        future: Future,
        *,
        since: float,
        until: float,
        host: Callable[[], str | None],
    ) -> None:
        self.since = since
        self.until = until
        self.host = host
        self._all = under_way
        self._future = future
        self._ended = threading.Lock()
        self._is_late = False
        self._go_on: Callable[[Any], None]

    def __await__(self) -> Generator[Wait, None, bytes]:
        yield self
        if self._is_late:
            raise BodyTooSlow
        try:
            return bytes(self._future.result())
        except BROKEN as error:
            raise BadRequest(BODY_BROKEN) from error

    def add_done_callback(self, callback: Callable[[Any], None], /, *, context: Context) -> None:
        """Begin to wait."""
        self._go_on = callback
        self._all.add(self)
        self._future.add_done_callback(self._arrived, context=context)

    def end(self) -> None:
        """Wait no longer."""
        if self._ended.acquire(blocking=False):
            self._is_late = True
            self._future.cancel()
            self._all.discard(self)
            self._go_on(self)

    def _arrived(self, _future: Any) -> None:
        if self._ended.acquire(blocking=False):
            self._all.discard(self)
            self._go_on(self)
