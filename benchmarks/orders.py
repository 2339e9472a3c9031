"""The requests of a sale, and one measured round of it."""

from __future__ import annotations

import itertools
import json
import statistics
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.load import LoadResult, Requests, run_load
from benchmarks.seed import Shop
from benchmarks.server import Stage

WARM_UP_SECONDS = 1.0
BREAK_IN_SECONDS = 2.0
BREAK_IN_CLIENTS = 16
_runs = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Round:
    """The figures of one measured time."""

    clients: int
    per_second: float
    """Answers of the expected status."""
    p50_ms: float
    p95_ms: float
    p99_ms: float
    web_cpu_ms: float
    """CPU of the web processes per such answer."""
    postgres_cpu_ms: float
    load_cpu_ms: float
    refusals: dict[str, int]


@dataclass(slots=True)
class Sold:
    """What clients were told across all rounds of a sale: the books have to agree."""

    keys: list[bytes] = field(default_factory=list)

    def add(self, result: LoadResult) -> LoadResult:
        self.keys.extend(result.created)
        return result


def order_requests(shops: Sequence[Shop], *, best_available: bool = False) -> list[tuple[bytes, bytes]]:
    """Return orders of two tickets, one for each ticket type, split where the idempotency key goes."""
    return [
        _order_request(shop.key, str(ticket_type_id), best_available=best_available)
        for shop in shops
        for ticket_type_id in shop.ticket_type_ids
    ]


def in_turn(prepared: Sequence[tuple[bytes, bytes]]) -> Requests:
    """Return the prepared requests over and over, each time under a key that was never used."""
    prefix = f"{uuid.uuid4().hex[:20]}-{next(_runs):03d}-".encode()
    for number, (before, after) in zip(itertools.count(), itertools.cycle(prepared), strict=False):
        key = prefix + b"%08d" % number
        yield key, before + key + after


def get_requests(path: str, key: str, **headers: str) -> Requests:
    """Return the same reading request for ever."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {key}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    request = "\r\n".join([*lines, "", ""]).encode()
    return itertools.repeat((b"", request))


def break_in(stage: Stage, requests: Requests, sold: Sold) -> None:
    """Sell a little and let PostgreSQL look at the tables, as its autovacuum does within the first minute.

    It plans foreign keys for the empty tables of a new database otherwise, and keeps the plans.
    """
    sold.add(_load(stage, requests, BREAK_IN_CLIENTS, seconds=BREAK_IN_SECONDS))
    stage.connection.execute("ANALYZE")
    stage.checkpoint()


def sell(stage: Stage, requests: Requests, sold: Sold, *, clients: int, seconds: float) -> Round:
    """Warm up, sell for so many seconds, and return the figures."""
    sold.add(_load(stage, requests, clients, seconds=min(WARM_UP_SECONDS, seconds)))
    return figures(sold.add(_load(stage, requests, clients, seconds=seconds)), clients=clients, status=201)


def figures(result: LoadResult, *, clients: int, status: int) -> Round:
    """Return the figures of a run in which answers of one status are what counts."""
    answered = result.statuses[status] or 1
    quantiles = percentiles(result.latencies)
    return Round(
        clients=clients,
        per_second=result.statuses[status] / result.seconds,
        p50_ms=quantiles[0],
        p95_ms=quantiles[1],
        p99_ms=quantiles[2],
        web_cpu_ms=1000 * result.cpu.web / answered,
        postgres_cpu_ms=1000 * result.cpu.postgres / answered,
        load_cpu_ms=1000 * result.cpu.load / answered,
        refusals=dict(result.refusals),
    )


def percentiles(latencies: Sequence[float]) -> tuple[float, float, float]:
    """Return the 50th, 95th and 99th percentile in milliseconds of latencies in seconds."""
    if len(latencies) < 2:
        latencies = [*latencies, 0.0, 0.0]
    cuts = statistics.quantiles(latencies, n=100, method="inclusive")
    return 1000 * cuts[49], 1000 * cuts[94], 1000 * cuts[98]


def median_round(rounds: Sequence[Round]) -> dict[str, Any]:
    """Return the median of each figure over rounds, their number, and the rates of all of them."""
    names = ("per_second", "p50_ms", "p95_ms", "p99_ms", "web_cpu_ms", "postgres_cpu_ms", "load_cpu_ms")
    medians = {name: statistics.median(getattr(one, name) for one in rounds) for name in names}
    refusals: Counter[str] = Counter()
    for one in rounds:
        refusals.update(one.refusals)
    return {
        "clients": rounds[0].clients,
        "rounds": len(rounds),
        **medians,
        "per_second_of_each_round": [one.per_second for one in rounds],
        "refusals": dict(refusals),
    }


def _load(stage: Stage, requests: Requests, clients: int, *, seconds: float) -> LoadResult:
    return run_load(stage.port, requests, clients=clients, read_cpu=stage.clock.read, seconds=seconds)


def _order_request(key: str, ticket_type_id: str, *, best_available: bool) -> tuple[bytes, bytes]:
    line: dict[str, Any] = {"ticket_type": ticket_type_id, "quantity": 2}
    if best_available:
        line["best_available"] = True
    body = json.dumps(
        {
            "lines": [line],
            "customer": {"email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace"},
        }
    ).encode()
    head = (
        "POST /api/v1/orders HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\n"
        f"Authorization: Bearer {key}\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Idempotency-Key: "
    )
    return head.encode(), b"\r\n\r\n" + body
