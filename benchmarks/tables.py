"""Tables of figures in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

RATE = (
    "clients",
    "per second",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "CPU Kassa ms",
    "CPU PostgreSQL ms",
    "CPU load ms",
)


def rate_row(figures: dict[str, Any]) -> tuple[str, ...]:
    names = ("p50_ms", "p95_ms", "p99_ms", "web_cpu_ms", "postgres_cpu_ms", "load_cpu_ms")
    return (
        str(figures["clients"]),
        f"{figures['per_second']:,.0f}",
        *(f"{figures[name]:.2f}" for name in names),
    )


def section(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[str]:
    found = list(rows)
    if not found:
        return
    yield from ("", f"## {title}", "")
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'---:|' * (len(head) - 1)}"
    yield from (f"| {' | '.join(row)} |" for row in found)
