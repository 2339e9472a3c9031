"""The hot sale: everybody wants the same ticket type, against pgbench on the same rows."""

from __future__ import annotations

from typing import Any

from benchmarks.books import check_books
from benchmarks.orders import Round, Sold, in_turn, median_round, order_requests, sell
from benchmarks.pgbench import run_pgbench, script_like
from benchmarks.plan import Plan
from benchmarks.seed import found_shop
from benchmarks.server import Stage

CLIENTS = (1, 2, 4, 8, 16, 32, 64)
MOST = CLIENTS[-1]


def measure(stage: Stage, plan: Plan) -> dict[str, Any]:
    """Sell with Kassa and with pgbench by turns, at each number of clients, and compare."""
    shop, rival = found_shop("hot"), found_shop("hot-pgbench")
    sold, sample = Sold(), Sold()
    requests = in_turn(order_requests([shop]))
    sell(stage, in_turn(order_requests([rival])), sample, clients=1, seconds=0.2)
    script = script_like(stage.connection, rival)
    kassa: dict[int, list[Round]] = {clients: [] for clients in CLIENTS}
    pgbench: dict[int, list[Round]] = {clients: [] for clients in CLIENTS}
    for number in range(plan.rounds):
        stage.checkpoint()
        for clients in reversed(CLIENTS) if number % 2 else CLIENTS:
            kassa[clients].append(sell(stage, requests, sold, clients=clients, seconds=plan.seconds))
            pgbench[clients].append(run_pgbench(stage, script, clients=clients, seconds=plan.seconds))
            plan.say(
                f"hot, round {number + 1}, {clients} clients: "
                f"{kassa[clients][-1].per_second:,.0f} orders/s, pgbench {pgbench[clients][-1].per_second:,.0f}"
            )
    return {
        "kassa": [median_round(kassa[clients]) for clients in CLIENTS],
        "pgbench": [median_round(pgbench[clients]) for clients in CLIENTS],
        "books": check_books(stage.connection, [shop.organization_id], sold.keys),
        "books_of_pgbench": check_books(stage.connection, [rival.organization_id], sample.keys),
        "pgbench_script": script.text,
    }
