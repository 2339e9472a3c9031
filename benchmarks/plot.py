"""The picture: rates over clients, latency over clients, and what an order costs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt

KASSA, POSTGRES, OTHERS = "#0f766e", "#334155", ("#d97706", "#b45309", "#92400e")


def plot_results(results: dict[str, Any], path: Path) -> None:
    """Draw what was measured; a benchmark that was not run leaves its place out."""
    mpl.use("Agg")
    costs = _costs(results)
    panels = [draw for name, draw in (("hot", _draw_rates), ("hot", _draw_latencies)) if name in results]
    figure, axes = plt.subplots(1, len(panels) + 1, figsize=(5.2 * (len(panels) + 1), 4.2), squeeze=False)
    for axis, draw in zip(axes[0], panels, strict=False):
        draw(axis, results["hot"])
    _draw_costs(axes[0][-1], costs)
    for axis in axes[0]:
        axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _draw_rates(axis: Any, hot: dict[str, Any]) -> None:
    _draw_lines(axis, hot, "per_second")
    axis.set(title="Hot sale: orders per second", xlabel="clients", ylim=(0, None))
    axis.legend(frameon=False)


def _draw_latencies(axis: Any, hot: dict[str, Any]) -> None:
    _draw_lines(axis, hot, "p95_ms")
    axis.set(title="Hot sale: 95th percentile of latency, ms", xlabel="clients", yscale="log")


def _draw_lines(axis: Any, hot: dict[str, Any], figure: str) -> None:
    lines = [("Kassa, over HTTP", hot["kassa"], KASSA)]
    lines += [
        (f"pgbench, {name}", rounds, colour)
        for (name, rounds), colour in zip(hot["pgbench"].items(), OTHERS, strict=False)
    ]
    for label, rounds, colour in lines:
        clients = [one["clients"] for one in rounds]
        axis.plot(clients, [one[figure] for one in rounds], marker="o", label=label, color=colour)
    axis.set_xscale("log", base=2)
    ticks = [one["clients"] for one in hot["kassa"]]
    axis.set_xticks(ticks, [str(number) for number in ticks])
    axis.grid(axis="y", alpha=0.3)


def _draw_costs(axis: Any, costs: list[tuple[str, dict[str, Any]]]) -> None:
    names = [name for name, _ in costs]
    web = [figures["web_cpu_ms"] for _, figures in costs]
    postgres = [figures["postgres_cpu_ms"] for _, figures in costs]
    axis.barh(names, web, color=KASSA, label="Kassa")
    axis.barh(names, postgres, left=web, color=POSTGRES, label="PostgreSQL")
    axis.set(title="CPU per request, ms")
    axis.invert_yaxis()
    axis.legend(frameon=False)


def _costs(results: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    costs: list[tuple[str, dict[str, Any]]] = []
    if hot := results.get("hot"):
        costs.append((f"hot, {hot['kassa'][-1]['clients']} clients", hot["kassa"][-1]))
    costs += [(name, results[name]["kassa"]) for name in ("spread", "seats") if name in results]
    for size in results.get("growth", {}).get("sizes", ()):
        costs.append((f"{size['orders_before']:,} orders", size["kassa"]))
    if reads := results.get("reads"):
        costs += [("read, whole", reads["whole"]), ("read, 304", reads["not_modified"])]
    if pages := results.get("pages"):
        costs += [("event page", pages["page"]), ("event page, 304", pages["page_not_modified"])]
    if sale := results.get("on_sale"):
        costs.append(("on-sale, each request", sale))
    if webhooks := results.get("webhooks"):
        costs += [
            ("webhook received", webhooks["received"]),
            ("webhook settled", _worked(webhooks["settled"])),
        ]
    if refund := results.get("event_refund"):
        costs.append(("order refunded", _worked(refund["promised"])))
    return costs


def _worked(figures: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of a worker's work under the names that those of a web process have."""
    return {**figures, "web_cpu_ms": figures["kassa_cpu_ms"]}
