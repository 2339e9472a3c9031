"""The spread sale: many organisations sell many ticket types at once, and nobody waits for another."""

from __future__ import annotations

import random
from typing import Any

from benchmarks.books import check_books
from benchmarks.orders import Sold, break_in, in_turn, median_round, order_requests, sell
from benchmarks.plan import Plan
from benchmarks.seed import found_shop
from benchmarks.server import Stage

CLIENTS = 64
SHUFFLED = 20_000
"""So many random choices are made before the sale and then repeated."""


def measure(stage: Stage, plan: Plan) -> dict[str, Any]:
    """Sell ticket types chosen at random among those of all organisations."""
    shops = [
        found_shop(f"spread-{number}", ticket_types=plan.spread_ticket_types)
        for number in range(plan.spread_organizations)
    ]
    prepared = order_requests(shops)
    requests = in_turn(random.Random(1).choices(prepared, k=SHUFFLED))
    sold, rounds = Sold(), []
    break_in(stage, requests, sold)
    for number in range(plan.rounds):
        rounds.append(sell(stage, requests, sold, clients=CLIENTS, seconds=plan.seconds))
        plan.say(f"spread, round {number + 1}: {rounds[-1].per_second:,.0f} orders/s")
    return {
        "organizations": len(shops),
        "ticket_types": len(prepared),
        "kassa": median_round(rounds),
        "books": check_books(stage.connection, [shop.organization_id for shop in shops], sold.keys),
    }
