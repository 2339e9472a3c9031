"""What the figures should be on a 2-core machine, and whether they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchmarks.pgbench import PLAIN
from benchmarks.pressure_report import best_of


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure and its bound."""

    name: str
    value: float
    bound: float
    at_least: bool
    """False: at most."""
    unit: str = ""

    @property
    def is_met(self) -> bool:
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    @property
    def sentence(self) -> str:
        verdict = "met" if self.is_met else "NOT met"
        return f"{self.name}: {show(self.value)}{self.unit} (goal {self.bound_text}): {verdict}"

    @property
    def bound_text(self) -> str:
        return f"{'at least' if self.at_least else 'at most'} {show(self.bound)}{self.unit}"


def show(value: float) -> str:
    """Return a figure with as many digits as mean something."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"


def judge(results: dict[str, Any]) -> list[Goal]:  # noqa: C901 - one branch for each benchmark
    """Return the goals of the benchmarks that were run."""
    goals: list[Goal] = []
    if hot := results.get("hot"):
        goals += _of_hot(hot)
    if growth := results.get("growth"):
        first, last = growth["sizes"][0], growth["sizes"][-1]
        name = f"CPU per order with {last['orders_before']:,} orders, against {first['orders_before']:,}"
        goals.append(
            Goal(name, _cpu(last["kassa"]) / _cpu(first["kassa"]), 1.25, at_least=False, unit=" times")
        )
    if reads := results.get("reads"):
        goals += [
            Goal("CPU per read of what is left", _cpu(reads["whole"]), 0.3, at_least=False, unit=" ms"),
            Goal(
                "CPU per such read, not modified",
                _cpu(reads["not_modified"]),
                0.3,
                at_least=False,
                unit=" ms",
            ),
        ]
    if webhooks := results.get("webhooks"):
        goals += _of_webhooks(webhooks)
    if room := results.get("waiting_room"):
        asking, joining = _cpu(room["asking"]), _cpu(room["joining"])
        goals += [
            Goal("CPU per look at who is being served", asking, 0.3, at_least=False, unit=" ms"),
            Goal("CPU of joining, against looking", joining / asking, 8, at_least=False, unit=" times"),
        ]
    goals += _of_shop(results)
    if refund := results.get("event_refund"):
        name = f"{refund['orders']:,} orders of a cancelled event refunded, the money sent"
        goals.append(Goal(name, refund["whole"]["seconds"], 120, at_least=False, unit=" s"))
    if overload := results.get("overload"):
        goals += _of_overload(overload)
    if attack := results.get("attack"):
        slowest = max(attack["probes"].values(), key=lambda one: float(one["max_ms"]))
        goals += [
            Goal("/healthz under attack, at most", slowest["max_ms"], 100, at_least=False, unit=" ms"),
            Goal("Bytes written of bodies too large", attack["written"], 0, at_least=False),
        ]
    if scanner := results.get("scanner"):
        name = f"{scanner['tickets']:,} tickets fetched by a scanner"
        goals += [
            Goal(name, scanner["seconds"], 10, at_least=False, unit=" s"),
            Goal("One search among them", scanner["search_ms"]["median"], 50, at_least=False, unit=" ms"),
        ]
    if tickets := results.get("tickets"):
        goals += [
            Goal("CPU per printed ticket", tickets["one_page"]["cpu_ms"], 8, at_least=False, unit=" ms"),
            Goal("The same, ten in a file", tickets["ten_pages"]["cpu_ms"], 8, at_least=False, unit=" ms"),
        ]
    if door := results.get("door"):
        goals += [
            Goal("CPU of Kassa per scan", door["scanned"]["web_cpu_ms"], 3, at_least=False, unit=" ms"),
            Goal(
                "List of a full house downloaded", door["download"]["seconds"], 5, at_least=False, unit=" s"
            ),
        ]
    return goals


def _of_shop(results: dict[str, Any]) -> list[Goal]:
    goals: list[Goal] = []
    if pages := results.get("pages"):
        names = {"page": "CPU per page of an event", "availability": "CPU per look at what is left there"}
        goals += [Goal(names[one], _cpu(pages[one]), 0.5, at_least=False, unit=" ms") for one in names]
    if sale := results.get("on_sale"):
        name = f"{sale['browsers']:,} browsers through an on-sale"
        goals.append(Goal(name, sale["seconds"], 60, at_least=False, unit=" s"))
    if weights := results.get("shop_weights"):
        event = weights["pages"]["event"]
        goals += [
            Goal("An event's page, with all it loads", event["kilobytes"], 100, at_least=False, unit=" kB"),
            Goal("Until it is quiet, on a slow phone", event["quiet_ms"], 5000, at_least=False, unit=" ms"),
        ]
    return goals


def _of_webhooks(webhooks: dict[str, Any]) -> list[Goal]:
    settled, rate = webhooks["settled"], webhooks["settled"]["per_second"]
    one_by_one, plain = webhooks["one_by_one"]["per_second"], webhooks["plain_sql"]["per_second"]
    return [
        Goal("Webhooks settled by one worker", rate, 1000, at_least=True, unit="/s"),
        Goal("CPU of Kassa per webhook settled", settled["kassa_cpu_ms"], 1, at_least=False, unit=" ms"),
        Goal("Against settling them one by one", rate / one_by_one, 2, at_least=True, unit=" times"),
        Goal("Against plain SQL, one by one", rate / plain, 1, at_least=True, unit=" times"),
    ]


def _of_overload(overload: dict[str, Any]) -> list[Goal]:
    rounds = overload["rounds"]
    best = best_of(overload)
    most = max(rounds, key=lambda one: float(one["times"]))
    name = f"Orders placed when {most['times']:.0f} times as many come, against the best"
    return [
        Goal(name, most["placed_per_second"] / best, 0.8, at_least=True),
        Goal("Pages then, 99th percentile", most["pages_p99_ms"], 1000, at_least=False, unit=" ms"),
    ]


def _of_hot(hot: dict[str, Any]) -> list[Goal]:
    kassa = hot["kassa"][-1]
    plain = hot["pgbench"][PLAIN]
    crowded = plain[-1]["per_second"]
    best = max(one["per_second"] for one in plain)
    rate = kassa["per_second"]
    return [
        Goal("Hot sale", rate, 1000, at_least=True, unit=" orders/s"),
        Goal("Against pgbench with as many clients", rate / crowded, 2, at_least=True, unit=" times"),
        Goal("Against pgbench at its best", rate / best, 1, at_least=True, unit=" times"),
        Goal("CPU of Kassa per order", kassa["web_cpu_ms"], 1.5, at_least=False, unit=" ms"),
        Goal("CPU of PostgreSQL per order", kassa["postgres_cpu_ms"], 0.4, at_least=False, unit=" ms"),
    ]


def _cpu(figures: dict[str, Any]) -> float:
    return float(figures["web_cpu_ms"] + figures["postgres_cpu_ms"])
