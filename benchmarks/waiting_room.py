"""The waiting room: a crowd joins, asks all the time who is being served, works its places out, and goes in.

All of it runs over HTTP against the web process, and without a cache before it, which would answer nearly all
of the asking by itself. How many browsers that carries follows from how often each of them asks.
"""

from __future__ import annotations

import http.client
import itertools
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from benchmarks.errors import BenchmarkFailed
from benchmarks.load import Requests, run_load
from benchmarks.orders import Round, figures, median_round
from benchmarks.plan import Plan
from benchmarks.reads import CLIENTS, WARM_UP_SECONDS
from benchmarks.seed import Shop, found_shop
from benchmarks.server import Stage
from kassa.core.command_context import CommandContext
from kassa.waiting.domain.draw import drawn_rank
from kassa.waiting.domain.join import take_numbers
from kassa.waiting.domain.places import place_token, seed_of
from kassa.waiting.domain.rooms import set_up_room
from kassa.waiting.models import Entry, WaitingRoom

CROWD = 50_000
ASKS_EVERY = 10.0
"""Seconds between two questions of a browser that is not near the front."""
DRAWN_SAMPLE = 5_000


def measure(stage: Stage, plan: Plan) -> dict[str, Any]:
    """Let a crowd of 50,000 stand in line, and measure what each thing it does costs."""
    shop = found_shop("waiting-room")
    room = _room(shop)
    path = f"/waiting/waiting-room/{shop.event_id}"
    joining, asking, unchanged, entering = [], [], [], []
    etag = _etag(stage.port, f"{path}/now")
    for number in range(plan.rounds):
        joining.append(_run(stage, _posts(f"{path}/place"), status=200, seconds=plan.seconds))
        if number == 0:
            _fill(room)
            etag = _etag(stage.port, f"{path}/now")
        asking.append(_run(stage, _gets(f"{path}/now"), status=200, seconds=plan.seconds))
        etag = _etag(stage.port, f"{path}/now")
        unchanged.append(_run(stage, _gets(f"{path}/now", etag), status=304, seconds=plan.seconds))
        entering.append(_enter(stage, room, f"{path}/entry", plan, number))
        plan.say(
            f"waiting_room, round {number + 1}: {joining[-1].per_second:,.0f} joined, "
            f"{asking[-1].per_second:,.0f} asked, {entering[-1].per_second:,.0f} let in per second"
        )
    room.refresh_from_db()
    _check(room)
    found = {
        name: median_round(rounds)
        for name, rounds in (
            ("joining", joining),
            ("asking", asking),
            ("not_modified", unchanged),
            ("entering", entering),
        )
    }
    cpu = {name: one["web_cpu_ms"] + one["postgres_cpu_ms"] for name, one in found.items()}
    return {
        "crowd": room.joined,
        **found,
        "draw_cpu_ms": _draw(room),
        "joining_against_asking": cpu["joining"] / cpu["asking"],
        "cores_for_the_crowd": cpu["asking"] / 1000 * CROWD / ASKS_EVERY,
        "asks_every_seconds": ASKS_EVERY,
    }


def _room(shop: Shop) -> WaitingRoom:
    now = datetime.now(UTC)
    changes = {"starts_at": now, "rate_per_minute": 100_000, "is_paused": True}
    return set_up_room(CommandContext.system(shop.organization_id, now=now), shop.event_id, changes=changes)


def _fill(room: WaitingRoom) -> None:
    room.refresh_from_db()
    now = datetime.now(UTC)
    missing = max(1, CROWD - room.joined)
    take_numbers(room.organization_id, room_id=room.id, count=missing, now=now)
    # All are called, and the line stands still: nothing but how fast they ask decides who goes in.
    WaitingRoom.objects.of(room.organization_id).update(served_millionths=10**15)


def _enter(stage: Stage, room: WaitingRoom, path: str, plan: Plan, number: int) -> Round:
    time.sleep(1.1)  # the web process believes for a second what it has read
    share = CROWD // plan.rounds
    places = range(number * share + 1, (number + 1) * share + 1)
    cookies = [place_token(room.organization_id, room.id, place) for place in places]
    requests = [(b"", _post(path, f"kassa_place={cookie}")) for cookie in cookies]
    result = run_load(
        stage.port,
        iter(requests),
        clients=CLIENTS,
        read_cpu=stage.clock.read,
        seconds=plan.seconds,
        limit=len(requests),
    )
    return figures(result, clients=CLIENTS, status=303)


def _check(room: WaitingRoom) -> None:
    """Let the run pass if nobody has come in twice and no number was given twice."""
    entries = list(Entry.objects.of(room.organization_id).values_list("number", "turn"))
    if len({number for number, _ in entries}) != len(entries) or any(turn != 1 for _, turn in entries):
        raise BenchmarkFailed("A place was turned into an entry more than once.")
    if not entries or max(number for number, _ in entries) > room.joined:
        raise BenchmarkFailed("Somebody came in without a number.")


def _draw(room: WaitingRoom) -> float:
    """Return the milliseconds that working out a drawn place takes, among all of the crowd."""
    seed, started = seed_of(room.organization_id, room.id), time.process_time()
    for number in range(1, DRAWN_SAMPLE + 1):
        drawn_rank(seed, number, CROWD)
    return 1000 * (time.process_time() - started) / DRAWN_SAMPLE


def _run(stage: Stage, requests: Requests, *, status: int, seconds: float) -> Round:
    for length in (WARM_UP_SECONDS, seconds):
        result = run_load(stage.port, requests, clients=CLIENTS, read_cpu=stage.clock.read, seconds=length)
    return figures(result, clients=CLIENTS, status=status)


def _gets(path: str, etag: str = "") -> Requests:
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"If-None-Match: {etag}"] if etag else []
    return itertools.repeat((b"", "\r\n".join([*lines, "", ""]).encode()))


def _posts(path: str) -> Iterator[tuple[bytes, bytes]]:
    return itertools.repeat((b"", _post(path)))


def _post(path: str, cookie: str = "") -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json", "Content-Length: 0"]
    lines += [f"Cookie: {cookie}"] if cookie else []
    return "\r\n".join([*lines, "", ""]).encode()


def _etag(port: int, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        json.loads(answer.read())
        return answer.headers["ETag"] or ""
    finally:
        connection.close()
