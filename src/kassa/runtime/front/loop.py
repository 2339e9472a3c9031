"""An event loop whose requests run on the thread that has news of them.

granian tells of requests, and of bodies that have arrived, on one thread of its own: the network thread.
asyncio would wake its loop in another thread each time, which costs more than a tenth of an order. Here that
thread runs the coroutine of the request itself, until it waits for something. asyncio remains in the main
thread, for signals and timers.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, Protocol, TypeVarTuple, cast

from granian import loops

NAME = "kassa"
"""Under which granian finds the loop."""
ON_THIS_THREAD = Context()
"""Marks callbacks that run at once, on the thread that has called."""

Arguments = TypeVarTuple("Arguments")


class Awaited(Protocol):
    """What the coroutine of a request may wait for."""

    def add_done_callback(self, callback: Callable[[Any], None], /, *, context: Context) -> object:
        """Call once it is there, on whichever thread knows first; at once if it is there already."""


class RequestTask:
    """Runs the coroutine of one request, on each thread that brings what it waits for."""

    __slots__ = ("_coroutine",)

    def __init__(self, coroutine: Coroutine[Any, None, Any]) -> None:
        self._coroutine = coroutine

    def resume(self) -> None:
        """Run it until it waits for something that is not there, or ends."""
        while True:
            try:
                awaited = cast("Awaited", self._coroutine.send(None))
            except StopIteration:
                return
            step = _Step(self)
            awaited.add_done_callback(step, context=ON_THIS_THREAD)
            step.is_added = True
            if not step.is_done:
                return


class _Step:
    """Goes on with a coroutine when what it waits for is there.

    If that is at once, the loop of `resume` does, so that many pieces of a body do not become as many calls
    within each other.
    """

    __slots__ = ("_task", "_thread", "is_added", "is_done")

    def __init__(self, task: RequestTask) -> None:
        self._task = task
        self._thread = threading.get_ident()
        self.is_added = False
        self.is_done = False

    def __call__(self, _awaited: object = None) -> None:
        if not self.is_added and threading.get_ident() == self._thread:
            self.is_done = True
        else:
            self._task.resume()


class FrontLoop(asyncio.SelectorEventLoop):
    """asyncio's loop in the thread that has made it; requests on the threads that bring them."""

    def __init__(self) -> None:
        super().__init__()
        self._own_thread = threading.get_ident()
        self.on_stop: Callable[[], None] = lambda: None
        """Called when a signal says stop, before granian stops to listen."""

    def call_soon_threadsafe(
        self,
        callback: Callable[[*Arguments], object],
        *args: *Arguments,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """Call at once what granian tells of a request, which comes with a context.

        Anything else, such as that the last connection is closed, is for the main thread.
        """
        if context is None or threading.get_ident() == self._own_thread:
            return super().call_soon_threadsafe(callback, *args, context=context)
        callback(*args)
        return CALLED

    def call_soon(
        self,
        callback: Callable[[*Arguments], object],
        *args: *Arguments,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """Call at once what goes on with a request whose body was there already."""
        if context is not ON_THIS_THREAD:
            return super().call_soon(callback, *args, context=context)
        callback(*args)
        return CALLED

    def create_task(  # type: ignore[override]  # that of a request is no task of asyncio
        self, coroutine: Any, **options: Any
    ) -> asyncio.Task[Any] | RequestTask:
        """Begin a request, on the network thread; or make a task of asyncio, in the main thread."""
        if threading.get_ident() == self._own_thread:
            return super().create_task(coroutine, **options)
        task = RequestTask(coroutine)
        task.resume()
        return task

    def add_signal_handler(
        self, sig: int, callback: Callable[[*Arguments], object], *args: *Arguments
    ) -> None:
        """Tell `on_stop` as well when the process is asked to stop."""

        def stop() -> None:
            self.on_stop()
            callback(*args)

        super().add_signal_handler(sig, stop)


CALLED = cast("asyncio.Handle", None)
"""Nobody cancels what has run already."""


@loops.register(NAME)
def build_loop() -> asyncio.AbstractEventLoop:
    """Make the loop of a web process and set it, as granian's own builders do."""
    loop = FrontLoop()
    asyncio.set_event_loop(loop)
    return loop
