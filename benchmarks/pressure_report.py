"""The sections of the report about overload and attacks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from benchmarks.tables import section

HEAD = (
    "orders offered",
    "per second",
    "placed per second",
    "of the best",
    "placed p50 ms",
    "placed p99 ms",
    "refused p99 ms",
    "pages p99 ms",
    "pages at most ms",
)


def best_of(found: dict[str, Any]) -> float:
    """Return the most orders per second that were placed in any round, or by clients that wait."""
    return max([float(found["best"]), *(float(one["placed_per_second"]) for one in found["rounds"])])


def overload_text(found: dict[str, Any] | None) -> Iterable[str]:
    """Yield the section about more orders than can be placed."""
    if found is None:
        return
    best = best_of(found)
    rows = (
        (
            f"{one['times']:.1f} times",
            f"{one['offered_per_second']:,.0f}",
            f"{one['placed_per_second']:,.0f}",
            f"{one['placed_per_second'] / best:.2f}",
            *(f"{one[name]:,.0f}" for name in ("placed_p50_ms", "placed_p99_ms", "refused_p99_ms")),
            *(f"{one[name]:,.0f}" for name in ("pages_p99_ms", "pages_max_ms")),
        )
        for one in found["rounds"]
    )
    yield from section("Overload: orders come as they come, pages beside them", HEAD, rows)
    yield ""
    yield (
        f"The best was {best:,.0f} orders per second in this run. An order counts as placed within "
        f"{found['patience']:.0f} s. No connection was lost without an answer unless it says so: "
        f"{sum(one['lost'] for one in found['rounds'])} were. All books balance."
    )


def attack_text(found: dict[str, Any] | None) -> Iterable[str]:
    """Yield the section about attacks of one address."""
    if found is None:
        return
    rows = ((name, f"{one['p50_ms']:.1f}", f"{one['max_ms']:.1f}") for name, one in found["probes"].items())
    yield from section("Attack: /healthz meanwhile", ("attack", "p50 ms", "at most ms"), rows)
    yield ""
    yield (
        f"Bodies of {found['large_bytes']:,} bytes to pages that take none were refused after "
        f"{found['large_ms']:.1f} ms at most, and {found['written']:,} bytes of them lay on the disk."
    )
