"""What is left: asked all the time by everybody who waits for a sale to begin."""

from __future__ import annotations

import http.client
from typing import Any

from benchmarks.load import Requests, run_load
from benchmarks.orders import Round, figures, get_requests, median_round
from benchmarks.plan import Plan
from benchmarks.seed import found_shop
from benchmarks.server import Stage

CLIENTS = 64
WARM_UP_SECONDS = 1.0


def measure(stage: Stage, plan: Plan) -> dict[str, Any]:
    """Read the availability of an event with three ticket types: whole answers, and `not modified`."""
    shop = found_shop("reads", ticket_types=3)
    path = f"/api/v1/events/{shop.event_id}/availability"
    etag = _etag(stage.port, path, shop.key)
    whole = get_requests(path, shop.key)
    unchanged = get_requests(path, shop.key, If_None_Match=etag)
    of_whole, of_unchanged = [], []
    for number in range(plan.rounds):
        of_whole.append(_read(stage, whole, status=200, seconds=plan.seconds))
        of_unchanged.append(_read(stage, unchanged, status=304, seconds=plan.seconds))
        plan.say(
            f"reads, round {number + 1}: {of_whole[-1].per_second:,.0f}/s whole, "
            f"{of_unchanged[-1].per_second:,.0f}/s not modified"
        )
    return {"whole": median_round(of_whole), "not_modified": median_round(of_unchanged)}


def _read(stage: Stage, requests: Requests, *, status: int, seconds: float) -> Round:
    for length in (WARM_UP_SECONDS, seconds):
        result = run_load(stage.port, requests, clients=CLIENTS, read_cpu=stage.clock.read, seconds=length)
    return figures(result, clients=CLIENTS, status=status)


def _etag(port: int, path: str, key: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
        return connection.getresponse().headers["ETag"] or ""
    finally:
        connection.close()
