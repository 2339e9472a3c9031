"""Caches of the process: one loads, the others wait; entries expire; all are cleared at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest

from kassa.core.errors import Busy
from kassa.core.ttl_cache import CacheStatistics, TTLCache, cache_statistics, clear_caches


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    moment = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: moment[0])
    return moment


def make_cache(**given: Any) -> TTLCache[str, Any]:
    return TTLCache("cache of a test", **({"ttl": 60.0, "maxsize": 10, "wait": 30.0} | given))


def test_one_of_many_callers_loads() -> None:
    cache = make_cache()
    gate, loaded = threading.Barrier(16), []

    def load() -> object:
        loaded.append(1)
        return object()

    def ask(_: int) -> object:
        gate.wait()
        return cache.get("key", load)

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(ask, range(16)))

    assert loaded == [1]
    assert len(set(map(id, found))) == 1


def test_caller_that_would_wait_too_long_is_refused() -> None:
    cache = make_cache(wait=0)
    begun, gate = threading.Event(), threading.Event()

    def load_slowly() -> int:
        begun.set()
        gate.wait(30)
        return 1

    first = threading.Thread(target=cache.get, args=("key", load_slowly))
    first.start()
    begun.wait(30)
    with pytest.raises(Busy):
        cache.get("key", load_slowly)
    gate.set()
    first.join()

    assert cache.get("key", load_slowly) == 1


def test_entry_expires_after_its_time(clock: list[float]) -> None:
    cache, numbers = make_cache(ttl=5.0), count(1)

    first = cache.get("key", lambda: next(numbers))
    clock[0] += 4.9
    second = cache.get("key", lambda: next(numbers))
    clock[0] += 0.2
    third = cache.get("key", lambda: next(numbers))

    assert (first, second, third) == (1, 1, 2)


def test_value_says_itself_for_how_long_it_is_good(clock: list[float]) -> None:
    cache: TTLCache[str, list[int]] = make_cache(ttl=lambda value: 60.0 if value else 1.0)

    cache.get("empty", list)
    cache.get("full", lambda: [1])
    clock[0] += 2

    assert cache.get("empty", lambda: [2]) == [2]
    assert cache.get("full", lambda: [2]) == [1]


def test_none_is_a_value() -> None:
    cache = make_cache()
    cache.get("key", lambda: None)

    assert cache.get("key", lambda: "loaded again") is None


def test_failure_is_not_kept_and_fills_nothing() -> None:
    cache = make_cache(maxsize=2)
    cache.get("good", lambda: "kept")

    for number in range(10):
        with pytest.raises(KeyError):
            cache.get(f"invented {number}", {}.popitem)

    assert cache.get("good", lambda: "loaded again") == "kept"


def test_full_cache_starts_anew() -> None:
    cache = make_cache(maxsize=2)
    for key in ("one", "two", "three"):
        cache.get(key, lambda: 1)

    assert cache.statistics().entries == 1


def test_values_are_put_and_changed_without_living_longer(clock: list[float]) -> None:
    cache: TTLCache[str, int] = make_cache(ttl=5.0)

    cache.put("key", 1)
    cache.update("nothing", lambda number: number + 1)
    clock[0] += 3
    cache.update("key", lambda number: number + 1)

    assert (cache.peek("key"), cache.peek("nothing")) == (2, None)
    clock[0] += 3
    assert cache.peek("key") is None


def test_all_caches_are_cleared_and_counted_by_name() -> None:
    cache = make_cache()
    for _ in range(3):
        cache.get("key", lambda: 1)

    assert cache_statistics()["cache of a test"] == CacheStatistics(hits=2, loads=1, entries=1)
    clear_caches()
    assert cache_statistics()["cache of a test"] == CacheStatistics(hits=2, loads=1, entries=0)


def test_names_are_unique() -> None:
    cache = make_cache()

    with pytest.raises(ValueError, match="already"):
        make_cache()
    assert cache.name in cache_statistics()
