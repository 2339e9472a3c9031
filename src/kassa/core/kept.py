"""Answers that a process keeps for a moment, so that however many ask, the database is asked once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, Protocol, TypeVar

from kassa.core.database import give_back_connection
from kassa.core.errors import Busy


class Perishable(Protocol):
    """Something that is good until a moment on the monotonic clock."""

    @property
    def until(self) -> float: ...


K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Perishable)


class Shelf(Generic[K, V]):
    """Keeps answers by key; of those who ask for one that is too old, one asks anew and the others wait."""

    def __init__(self, *, limit: int, patience: float) -> None:
        self._limit = limit
        self._patience = patience
        self._kept: dict[K, V] = {}
        self._asking: dict[K, threading.Lock] = {}
        self._guard = threading.Lock()

    def get(self, key: K, ask: Callable[[], V]) -> V:
        """Return what is kept under a key, or ask for it.

        Raises:
            Busy: somebody has been asking for longer than this one's patience, in seconds.
        """
        kept = self._fresh(key)
        if kept is not None:
            return kept
        with self._guard:
            if len(self._asking) >= self._limit:
                self._kept.clear()
                self._asking.clear()
            lock = self._asking.setdefault(key, threading.Lock())
        give_back_connection()
        if not lock.acquire(timeout=self._patience):
            raise Busy("Too many ask just now, and the database is slow to answer. Try again.")
        try:
            kept = self._fresh(key)
            if kept is None:
                kept = ask()
                with self._guard:
                    self._kept[key] = kept
            return kept
        finally:
            lock.release()

    def forget(self) -> None:
        """Drop all that is kept."""
        with self._guard:
            self._kept.clear()

    def _fresh(self, key: K) -> V | None:
        kept = self._kept.get(key)
        return kept if kept is not None and kept.until > time.monotonic() else None
