"""The hot sale: everybody wants the same ticket type, against pgbench on the same rows."""

from __future__ import annotations

from typing import Any

from benchmarks.books import check_books
from benchmarks.orders import Round, Sold, break_in, in_turn, median_round, order_requests, sell
from benchmarks.pgbench import PLAIN, run_pgbench, scripts_like
from benchmarks.plan import Plan
from benchmarks.seed import found_shop
from benchmarks.server import Stage

CLIENTS = (1, 2, 4, 8, 16, 32, 64)
SOME_CLIENTS = (2, 8, 64)
"""At which the other two scripts of pgbench are measured."""


def measure(stage: Stage, plan: Plan) -> dict[str, Any]:
    """Sell with Kassa and with pgbench by turns, at each number of clients."""
    shop, rival = found_shop("hot"), found_shop("hot-pgbench")
    sold, sample = Sold(), Sold()
    requests = in_turn(order_requests([shop]))
    break_in(stage, requests, sold)
    sell(stage, in_turn(order_requests([rival])), sample, clients=1, seconds=0.2)
    scripts = scripts_like(stage.connection, rival)
    kassa: list[Round] = []
    pgbench: dict[str, list[Round]] = {name: [] for name in scripts}
    for number in range(plan.rounds):
        stage.checkpoint()
        for clients in reversed(CLIENTS) if number % 2 else CLIENTS:
            kassa.append(sell(stage, requests, sold, clients=clients, seconds=plan.seconds))
            said = f"hot, round {number + 1}, {clients} clients: {kassa[-1].per_second:,.0f} orders/s"
            for name, script in scripts.items():
                if name == PLAIN or clients in SOME_CLIENTS:
                    one = run_pgbench(stage, script, clients=clients, seconds=plan.pgbench_seconds)
                    pgbench[name].append(one)
                    said += f"; pgbench, {name}: {one.per_second:,.0f}"
            plan.say(said)
    return {
        "kassa": _medians(kassa),
        "pgbench": {name: _medians(rounds) for name, rounds in pgbench.items()},
        "books": check_books(stage.connection, [shop.organization_id], sold.keys),
        "books_of_pgbench": check_books(stage.connection, [rival.organization_id], sample.keys),
        "pgbench_scripts": {name: script.text.splitlines() for name, script in scripts.items()},
    }


def _medians(rounds: list[Round]) -> list[dict[str, Any]]:
    """Return the medians for each number of clients."""
    counts = sorted({one.clients for one in rounds})
    return [median_round([one for one in rounds if one.clients == clients]) for clients in counts]
