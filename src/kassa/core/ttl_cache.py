"""A cache of the process whose entries expire, so that however many ask, the database is asked once."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from kassa.core.database import give_back_connection
from kassa.core.errors import Busy

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_caches: weakref.WeakValueDictionary[str, TTLCache[object, object]] = weakref.WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class CacheStatistics:
    """How a cache has done since the process started; hits are counted without a lock, so roughly."""

    hits: int
    loads: int
    entries: int


class TTLCache(Generic[K, V]):
    """Keeps values by key for a time. One caller loads an expired one again; the others wait for it.

    Args:
        name: what it is called in statistics; no two caches of a process have the same.
        ttl: seconds for which a value is good once it is loaded; a function says it for each value.
        maxsize: how many keys it holds; when there are more, all are dropped.
        wait: seconds for which a caller waits for another that loads the same.
    """

    def __init__(self, name: str, *, ttl: float | Callable[[V], float], maxsize: int, wait: float) -> None:
        if name in _caches:
            raise ValueError(f"There is a cache named {name!r} already.")
        self.name = name
        self._ttl = ttl
        self._maxsize = maxsize
        self._wait = wait
        self._entries: dict[K, tuple[V, float]] = {}
        self._locks: dict[K, threading.Lock] = {}
        self._guard = threading.Lock()
        self._hits = 0
        self._loads = 0
        _caches[name] = self  # type: ignore[assignment]  # whatever its keys and values are

    def get(self, key: K, load: Callable[[], V]) -> V:
        """Return the value of a key, loaded if there is none or it has expired.

        Raises:
            Busy: another caller has been loading it for longer than `wait`.
        """
        entry = self._entries.get(key)
        if entry is not None and entry[1] > time.monotonic():
            self._hits += 1
            return entry[0]
        with self._guard:
            self._make_room(key)
            lock = self._locks.setdefault(key, threading.Lock())
        give_back_connection()
        if not lock.acquire(timeout=self._wait):
            raise Busy("Too many ask just now, and the database is slow to answer. Try again.")
        try:
            entry = self._entries.get(key)
            if entry is not None and entry[1] > time.monotonic():
                return entry[0]
            value = self._load(key, load)
            with self._guard:
                self._entries[key] = (value, self._expires_at(value))
            return value
        finally:
            lock.release()

    def peek(self, key: K) -> V | None:
        """Return the value of a key; None: there is none, or it has expired."""
        entry = self._entries.get(key)
        return entry[0] if entry is not None and entry[1] > time.monotonic() else None

    def put(self, key: K, value: V) -> None:
        """Set the value of a key, as if it had just been loaded: for what is loaded for many keys at once."""
        with self._guard:
            self._make_room(key)
            self._entries[key] = (value, self._expires_at(value))

    def update(self, key: K, change: Callable[[V], V]) -> None:
        """Change the value of a key, if there is one; it expires when it would have."""
        with self._guard:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries[key] = (change(entry[0]), entry[1])

    def clear(self) -> None:
        """Drop all entries."""
        with self._guard:
            self._entries.clear()

    def statistics(self) -> CacheStatistics:
        """Return how it has done."""
        return CacheStatistics(self._hits, self._loads, len(self._entries))

    def _make_room(self, key: K) -> None:
        is_new = key not in self._entries and key not in self._locks
        if is_new and max(len(self._entries), len(self._locks)) >= self._maxsize:
            self._entries.clear()
            self._locks.clear()

    def _load(self, key: K, load: Callable[[], V]) -> V:
        try:
            value = load()
        except BaseException:
            with self._guard:
                self._locks.pop(key, None)  # keys without a value, which anybody may invent, fill nothing
            raise
        self._loads += 1
        return value

    def _expires_at(self, value: V) -> float:
        ttl = self._ttl(value) if callable(self._ttl) else self._ttl
        return time.monotonic() + ttl


def clear_caches() -> None:
    """Drop the entries of every cache of this process."""
    for cache in list(_caches.values()):
        cache.clear()


def cache_statistics() -> dict[str, CacheStatistics]:
    """Return how each cache of this process has done, by name."""
    return {name: cache.statistics() for name, cache in sorted(_caches.items())}
