"""Work that Kassa does without being asked over HTTP: how long it took, and what it cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.books import BooksDoNotBalance
from benchmarks.server import Stage
from kassa.audit.run import run_audit

FIGURES = ("items", "seconds", "per_second", "kassa_cpu_ms", "postgres_cpu_ms")


@dataclass(frozen=True, slots=True)
class Work:
    """A number of things that were done, one after the other, by one process."""

    items: int
    seconds: float
    per_second: float
    kassa_cpu_ms: float
    """For each item."""
    postgres_cpu_ms: float


def measure_work(stage: Stage, work: Callable[[], int]) -> Work:
    """Do work in this process, as a worker would, and return its figures; it returns how much was done."""
    before, started = stage.clock.read(), time.perf_counter()
    items = work()
    seconds, used = time.perf_counter() - started, stage.clock.read() - before
    return work_of(items, seconds, kassa=used.load, postgres=used.postgres)


def work_of(items: int, seconds: float, *, kassa: float, postgres: float) -> Work:
    """Return the figures of work that took so many seconds, and seconds of CPU."""
    counted = items or 1
    return Work(items, seconds, items / seconds, 1000 * kassa / counted, 1000 * postgres / counted)


def median_work(rounds: Sequence[Work]) -> dict[str, Any]:
    """Return the median of each figure over rounds, and the rates of all of them."""
    return {
        **{name: median(getattr(one, name) for one in rounds) for name in FIGURES},
        "rounds": len(rounds),
        "per_second_of_each_round": [one.per_second for one in rounds],
    }


def audit() -> dict[str, int]:
    """Hold every book against every other, as ``kassa audit`` does.

    Raises:
        BooksDoNotBalance: something is wrong.
    """
    report = run_audit(None)
    if report.findings:
        checks = sorted({finding.check.name for finding in report.findings})
        raise BooksDoNotBalance(f"{len(report.findings)} findings of the audit: {', '.join(checks)}.")
    return {"orders": report.orders, "payments": report.payments, "entries": report.entries, "findings": 0}
