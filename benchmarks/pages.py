"""The page of an event, and what is left of it, asked by everybody who waits for a sale to begin."""

from __future__ import annotations

import http.client
import itertools
from typing import Any

from benchmarks.errors import BenchmarkFailed
from benchmarks.load import Requests, run_load
from benchmarks.orders import Round, figures, median_round
from benchmarks.plan import Plan
from benchmarks.reads import CLIENTS, WARM_UP_SECONDS
from benchmarks.seed import found_shop
from benchmarks.server import Stage

BROWSER = {"Host": "127.0.0.1", "Accept-Encoding": "gzip, deflate, br", "Accept-Language": "en-GB,en;q=0.8"}


def measure(stage: Stage, plan: Plan) -> dict[str, Any]:
    """Read an event's page and its availability as browsers do: whole, and `not modified`."""
    shop = found_shop("pages", ticket_types=3)
    page = canonical(stage.port, f"/pages/events/{shop.event_id}")
    paths = {"page": page, "availability": f"{page}/availability"}
    rounds: dict[str, list[Round]] = {f"{name}{kind}": [] for name in paths for kind in ("", "_not_modified")}
    sizes = {}
    for number in range(plan.rounds):
        for name, path in paths.items():
            etag, sizes[name] = _look(stage.port, path)
            rounds[name].append(_read(stage, gets(path), status=200, seconds=plan.seconds))
            again = gets(path, **{"If-None-Match": _look(stage.port, path)[0] or etag})
            rounds[f"{name}_not_modified"].append(_read(stage, again, status=304, seconds=plan.seconds))
        plan.say(
            f"pages, round {number + 1}: "
            + ", ".join(
                f"{one[-1].per_second:,.0f}/s {name.replace('_', ' ')}" for name, one in rounds.items()
            )
        )
    return {**{name: median_round(of_one) for name, of_one in rounds.items()}, "bytes": sizes}


def gets(path: str, **headers: str) -> Requests:
    """Return the same request of a browser for ever."""
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in {**BROWSER, **headers}.items())]
    return itertools.repeat((b"", "\r\n".join([*lines, "", ""]).encode()))


def canonical(port: int, path: str) -> str:
    """Return the address that an event's page leads to, which has its title in it."""
    answer = _get(port, path)
    return answer.headers["Location"] if answer.status in (301, 302, 308) else path


def _look(port: int, path: str) -> tuple[str, int]:
    answer = _get(port, path)
    if answer.status != 200:
        raise BenchmarkFailed(f"{path} answers {answer.status}.")
    return answer.headers["ETag"] or "", int(answer.headers["Content-Length"] or 0)


def _get(port: int, path: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers=BROWSER)
        answer = connection.getresponse()
        answer.read()
        return answer
    finally:
        connection.close()


def _read(stage: Stage, requests: Requests, *, status: int, seconds: float) -> Round:
    for length in (WARM_UP_SECONDS, seconds):
        result = run_load(stage.port, requests, clients=CLIENTS, read_cpu=stage.clock.read, seconds=length)
    return figures(result, clients=CLIENTS, status=status)
