"""Growth: what an order costs when there are many others already."""

from __future__ import annotations

from typing import Any

from benchmarks.books import check_books
from benchmarks.fill import fill_orders
from benchmarks.orders import Round, Sold, in_turn, median_round, order_requests, sell
from benchmarks.plan import Plan
from benchmarks.seed import Shop, found_shop
from benchmarks.server import Stage

CLIENTS = 64


def measure(stage: Stage, plan: Plan) -> dict[str, Any]:
    """Sell the hot ticket type with few orders in the tables, and again with many."""
    shop, sold = found_shop("growth"), Sold()
    sizes = []
    there = 0
    for size in (plan.growth_small, plan.growth_large):
        plan.say(f"growth: filling up to {size:,} orders")
        fill_orders(stage, shop, first=there, last=size)
        there = size
        stage.checkpoint()
        rounds = _sell(stage, plan, shop, sold, size)
        sizes.append({"orders_before": size, "kassa": median_round(rounds)})
    return {"sizes": sizes, "books": check_books(stage.connection, [shop.organization_id], sold.keys)}


def _sell(stage: Stage, plan: Plan, shop: Shop, sold: Sold, size: int) -> list[Round]:
    requests = in_turn(order_requests([shop]))
    rounds = []
    for number in range(plan.rounds):
        rounds.append(sell(stage, requests, sold, clients=CLIENTS, seconds=plan.seconds))
        plan.say(f"growth, {size:,} orders, round {number + 1}: {rounds[-1].per_second:,.0f} orders/s")
    return rounds
