"""Waiting for what other threads and processes do, for a bounded time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], *, seconds: float = 30) -> None:
    """Wait for a condition, for a bounded time."""
    deadline = time.monotonic() + seconds
    never = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        never.wait(0.02)
