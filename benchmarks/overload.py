"""Overload: up to three times as many orders come as can be placed, and people look at pages meanwhile."""

from __future__ import annotations

from typing import Any

from benchmarks.books import check_books
from benchmarks.open_load import OpenLoad, Stream, in_turn_forever
from benchmarks.orders import Sold, break_in, in_turn, order_requests, percentiles, sell
from benchmarks.plan import Plan
from benchmarks.seed import found_shop
from benchmarks.server import Stage

CLIENTS = (16, 64)
"""At which the best is looked for."""
TIMES = (0.5, 1.0, 2.0, 3.0)
"""How many times the best are offered."""
PAGES_PER_SECOND = 30.0
PATIENCE = 12.0
"""Seconds within which an answer counts: what KASSA_SALE_WAIT_SECONDS promises, and a little."""


def measure(stage: Stage, plan: Plan) -> dict[str, Any]:
    """Find the best with clients that wait, then offer more and more to a crowd that does not."""
    shop = found_shop("overload")
    sold = Sold()
    requests = in_turn(order_requests([shop]))
    break_in(stage, requests, sold)
    best = max(
        sell(stage, requests, sold, clients=clients, seconds=plan.seconds).per_second for clients in CLIENTS
    )
    plan.say(f"overload: at best {best:,.0f} orders/s")
    pages = [_page("/overload/"), _page("/overload/calendar"), _page("/healthz")]
    rounds = []
    for times in TIMES:
        stage.checkpoint()
        orders = Stream(requests, per_second=best * times)
        looks = Stream(in_turn_forever(pages), per_second=PAGES_PER_SECOND)
        before = stage.clock.read()
        OpenLoad(stage.port, [orders, looks]).run(
            warm_up=plan.overload_seconds / 2, seconds=plan.overload_seconds, drain=30
        )
        cpu = stage.clock.read() - before
        sold.keys.extend(orders.created)
        rounds.append(_figures(times, orders, looks, cpu, plan.overload_seconds))
        plan.say(f"overload: {rounds[-1]}")
    return {
        "best": best,
        "rounds": rounds,
        "patience": PATIENCE,
        "books": check_books(stage.connection, [shop.organization_id], sold.keys),
    }


def _figures(times: float, orders: Stream, looks: Stream, cpu: Any, seconds: float) -> dict[str, Any]:
    placed = [latency for latency in orders.latencies.get(b"201", ()) if latency <= PATIENCE]
    refused = [latency for status, found in orders.latencies.items() if status >= b"400" for latency in found]
    looked = [latency for found in looks.latencies.values() for latency in found]
    p50, _, p99 = percentiles(placed)
    return {
        "times": times,
        "offered_per_second": orders.per_second,
        "placed_per_second": len(placed) / seconds,
        "placed_p50_ms": p50,
        "placed_p99_ms": p99,
        "refused_p50_ms": percentiles(refused)[0],
        "refused_p99_ms": percentiles(refused)[2],
        "pages_p50_ms": percentiles(looked)[0],
        "pages_p99_ms": percentiles(looked)[2],
        "pages_max_ms": 1000 * max(looked, default=0.0),
        "statuses": dict(orders.statuses()),
        "page_statuses": dict(looks.statuses()),
        "lost": orders.lost + looks.lost,
        "web_cpu_seconds": cpu.web,
        "load_cpu_seconds": cpu.load,
    }


def _page(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n\r\n".encode()
