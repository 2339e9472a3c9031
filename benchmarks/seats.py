"""The hall: every seat is sold, once, by clients that all want the best ones."""

from __future__ import annotations

from typing import Any

from benchmarks.books import BooksDoNotBalance, check_books
from benchmarks.load import LoadResult, run_load
from benchmarks.orders import Round, Sold, break_in, figures, in_turn, median_round, order_requests
from benchmarks.plan import Plan
from benchmarks.seed import Shop, found_hall, found_shop
from benchmarks.server import Stage

CLIENTS = 64
TOO_MANY = 256
"""Orders sent after the last seat is gone: each has to be refused."""
LONGEST_SECONDS = 60.0
"""A sale that takes longer is broken off."""
TRIES = 5
"""An order that is refused while seats are left is sent again, in another go, so often."""


def measure(stage: Stage, plan: Plan) -> dict[str, Any]:
    """Sell out a hall per round, in orders of two seats, best available."""
    seats = plan.hall_rows * plan.hall_seats_per_row
    rounds: list[Round] = []
    books: dict[str, int] = {}
    break_in(stage, in_turn(order_requests([found_shop("before-the-halls")])), Sold())
    for number in range(plan.rounds):
        shop = found_hall(f"hall-{number}", rows=plan.hall_rows, seats_per_row=plan.hall_seats_per_row)
        stage.checkpoint()
        one, books = _sell_out(stage, shop, seats)
        rounds.append(one)
        plan.say(f"seats, hall {number + 1} of {seats:,} seats: {one.per_second:,.0f} orders/s")
    return {"seats": seats, "kassa": median_round(rounds), "books": books}


def _sell_out(stage: Stage, shop: Shop, seats: int) -> tuple[Round, dict[str, int]]:
    requests = in_turn(order_requests([shop], best_available=True))

    def send(limit: int) -> LoadResult:
        return run_load(
            stage.port,
            requests,
            clients=CLIENTS,
            read_cpu=stage.clock.read,
            seconds=LONGEST_SECONDS,
            limit=limit,
        )

    sold = Sold()
    sale = sold.add(send(seats // 2))
    for _ in range(TRIES):
        if left := seats // 2 - len(sold.keys):
            sold.add(send(left))
    late = sold.add(send(TOO_MANY))
    books = check_books(stage.connection, [shop.organization_id], sold.keys)
    refused = late.refusals["409 sold_out"]
    if books["live_tickets"] != seats or refused != TOO_MANY:
        raise BooksDoNotBalance(
            f"{books['live_tickets']} tickets for {seats} seats; {refused} of {TOO_MANY} late orders refused."
        )
    return figures(sale, clients=CLIENTS, status=201), {**books, "refused_when_sold_out": refused}
