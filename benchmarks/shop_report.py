"""What the report says of the shop's pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from benchmarks.tables import RATE, rate_row, section

PAGES = ("page", "page_not_modified", "availability", "availability_not_modified")
WEIGHTS = {
    "requests": "requests",
    "kilobytes": "kB",
    "first_paint_ms": "first paint ms",
    "largest_paint_ms": "largest paint ms",
    "ready_ms": "ready ms",
    "quiet_ms": "quiet after ms",
}


def pages_text(found: dict[str, Any] | None) -> Iterable[str]:
    """Yield the section about reading pages; nothing if that was not measured."""
    if found is None:
        return
    rows = ((name.replace("_", " "), *rate_row(found[name])) for name in PAGES)
    size = found["bytes"]["page"] / 1000
    yield from section(
        f"Pages: an event's, {size:.1f} kB compressed, and what is left", ("answer", *RATE), rows
    )


def on_sale_text(found: dict[str, Any] | None) -> Iterable[str]:
    """Yield the section about the moment everybody comes."""
    if found is None:
        return
    rows = (
        (
            step,
            ", ".join(f"{count:,} times {status}" for status, count in sorted(one["statuses"].items())),
            *(f"{one[name]:,.0f}" for name in ("p50_ms", "p95_ms", "p99_ms")),
        )
        for step, one in found["steps"].items()
    )
    title = f"On-sale: {found['browsers']:,} browsers for {found['places']:,} places"
    yield from section(title, ("step", "answers", "p50 ms", "p95 ms", "p99 ms"), rows)
    books = found["books"]
    ends = "; ".join(f"{name}: {count:,}" for name, count in sorted(found["ends"].items()))
    yield ""
    yield (
        f"{found['requests']:,} requests in {found['seconds']:.0f} s, "
        f"{found['requests_per_second']:,.0f} per second, {found['megabytes']:.0f} MB. "
        f"CPU for each: Kassa {found['web_cpu_ms']:.2f} ms, PostgreSQL {found['postgres_cpu_ms']:.2f} ms, "
        f"load {found['load_cpu_ms']:.2f} ms. There are {books['orders']:,} orders, as told to buyers"
        f"; {books['seats_sold']:,} seats and {books['standing_sold']:,} standing places are sold, none "
        f"twice, and all books balance. How it ended: {ends}."
    )


def weights_text(found: dict[str, Any] | None) -> Iterable[str]:
    """Yield the section about what pages weigh."""
    if found is None:
        return
    rows = (
        (page.replace("_", " "), *(f"{one[name]:,.0f}" for name in WEIGHTS))
        for page, one in found["pages"].items()
    )
    yield from section(
        f"Shop weights: a phone with a processor {found['slower']} times slower, "
        f"{found['latency_ms']} ms and {found['megabits']} Mbit/s away",
        ("page", *WEIGHTS.values()),
        rows,
    )
