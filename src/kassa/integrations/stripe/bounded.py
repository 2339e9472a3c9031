"""Calls that end in time, whatever the other side does.

Timeouts of sockets bound each wait, not their sum, and none of them bounds the search for a name in the
DNS. So each operation runs in a thread of its own, and who asked stops waiting when the time is up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextvars import ContextVar
from threading import BoundedSemaphore, Thread
from typing import Any, TypeVar

import stripe

from kassa.payments.providers.protocol import ProviderUnreachable

CONNECT_SECONDS = 3.0
CALLS_AT_ONCE = 32
"""Per account: what a dead or dripping server can bind of this process."""

Result = TypeVar("Result")

_deadline: ContextVar[float | None] = ContextVar("_deadline", default=None)


class BoundedHttp(stripe.RequestsClient):
    """The SDK's HTTP client: one pool of connections for all threads, and no request after the time is up."""

    def __init__(self, seconds: float) -> None:
        super().__init__(timeout=(min(CONNECT_SECONDS, seconds), seconds))
        # The SDK would keep one pool for each thread, and here every call has a thread of its own.
        self._session = self.requests.Session()
        # Stripe redirects nobody: a redirect would carry the request to an address nobody has checked.
        self._session.max_redirects = 0

    # The SDK's own two signatures of this method differ; this is the one that is called.
    def request(  # type: ignore[override]
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Send a request, unless whoever asked for it has stopped waiting."""
        deadline = _deadline.get()
        if deadline is not None and time.monotonic() >= deadline:
            raise ProviderUnreachable("The time for this call is up.")
        return super().request(method, url, headers, post_data)


class Gate:
    """Lets a number of operations through at a time, each for a number of seconds."""

    def __init__(self, *, seconds: float, at_once: int = CALLS_AT_ONCE) -> None:
        self._seconds = seconds
        self._free = BoundedSemaphore(at_once)

    def run(self, operation: Callable[[], Result]) -> Result:
        """Run an operation and return what it returns, or raise what it raises.

        Raises:
            ProviderUnreachable: it took too long and goes on unwatched, or too many others still do.
        """
        if not self._free.acquire(blocking=False):
            raise ProviderUnreachable("Too many calls to Stripe are still without an answer.")
        future: Future[Result] = Future()
        thread = Thread(target=self._work, args=(operation, future), name="stripe-call", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            self._free.release()
            raise ProviderUnreachable("There is no thread left to call Stripe with.") from error
        try:
            return future.result(timeout=self._seconds)
        except TimeoutError:
            raise ProviderUnreachable("Stripe took too long to answer.") from None

    def _work(self, operation: Callable[[], Result], future: Future[Result]) -> None:
        _deadline.set(time.monotonic() + self._seconds)
        try:
            result = operation()
        except Exception as error:  # noqa: BLE001 - it is raised again in the thread that waits
            self._free.release()
            future.set_exception(error)
        else:
            self._free.release()
            future.set_result(result)
