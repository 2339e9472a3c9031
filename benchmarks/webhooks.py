"""Webhooks: how many payments the bank can tell of in a second, and how many are settled."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.books import BooksDoNotBalance
from benchmarks.confirm_sql import confirming_script
from benchmarks.cpu import tree_seconds
from benchmarks.load import run_load
from benchmarks.orders import Round, figures, median_round
from benchmarks.pgbench import run_pgbench
from benchmarks.plan import Plan
from benchmarks.seed import Shop, found_shop
from benchmarks.server import NotMeasurable, Stage, run_worker
from benchmarks.waiting import offer_payment, place_waiting, webhook_requests
from benchmarks.working import Work, audit, measure_work, median_work, work_of
from kassa.payments.domain.webhooks import settle as settle_webhooks

CLIENTS = 16
LONGEST_SECONDS = 120.0
SETTLED_SOON = 60.0
"""Seconds that the worker may take for what has come, once all of it has."""
LEFT = "SELECT count(*) FROM orders_order WHERE organization_id = %s AND status <> 'confirmed'"
BREAK_IN = 200
SHARE_ONE_BY_ONE = 10
"""One of so many messages is settled in a transaction of its own, for comparison: that takes long."""


def measure(stage: Stage, plan: Plan) -> dict[str, Any]:
    """Receive webhooks and settle them, many at a time and one by one, by turns; then with a worker."""
    shop, rival = found_shop("settling"), found_shop("settling-pgbench")
    for one in (shop, rival):
        offer_payment(one)
        _receive(stage, one, BREAK_IN)
        _settle(stage, one)
    stage.connection.execute("ANALYZE")
    script = confirming_script(stage, rival)
    received: list[Round] = []
    settled: list[Work] = []
    one_by_one: list[Work] = []
    plain: list[Round] = []
    for number in range(plan.rounds):
        received.append(_receive(stage, shop, plan.webhooks))
        settled.append(_settle(stage, shop))
        few = plan.webhooks // SHARE_ONE_BY_ONE
        _receive(stage, shop, few)
        with _one_at_a_time():
            one_by_one.append(_settle(stage, shop))
        _receive(stage, rival, few)
        plain.append(run_pgbench(stage, script, clients=1, seconds=LONGEST_SECONDS, transactions=few))
        plan.say(
            f"webhooks, round {number + 1}: {received[-1].per_second:,.0f}/s received, "
            f"{settled[-1].per_second:,.0f}/s settled; one by one {one_by_one[-1].per_second:,.0f}/s, "
            f"in plain SQL {plain[-1].per_second:,.0f}/s"
        )
    with tempfile.TemporaryDirectory(prefix="kassa-worker-") as folder:
        whole = _from_end_to_end(stage, shop, plan.webhooks, Path(folder))
    plan.say(f"webhooks, received and settled by a worker: {whole['per_second']:,.0f}/s")
    return {
        "received": median_round(received),
        "settled": median_work(settled),
        "one_by_one": median_work(one_by_one),
        "plain_sql": median_round(plain),
        "end_to_end": whole,
        "books": audit(),
        "script": script.text.splitlines(),
    }


def _receive(stage: Stage, shop: Shop, count: int) -> Round:
    """Place orders, and have the bank tell over HTTP that they are paid; nothing settles that yet."""
    payments = place_waiting(stage, shop, count)
    result = run_load(
        stage.port,
        webhook_requests(shop.organization_id, payments),
        clients=CLIENTS,
        read_cpu=stage.clock.read,
        seconds=LONGEST_SECONDS,
        limit=count,
    )
    if result.statuses[200] != count:
        raise NotMeasurable(f"{dict(result.statuses)} for {count} webhooks: {dict(result.refusals)}")
    return figures(result, clients=CLIENTS, status=200)


def _settle(stage: Stage, shop: Shop) -> Work:
    """Settle in this process what has come, as the worker's job does."""
    waiting = _left(stage, shop)
    work = measure_work(
        stage, lambda: settle_webhooks.settle_webhooks(shop.organization_id, now=datetime.now(UTC))
    )
    if work.items != waiting or _left(stage, shop):
        raise BooksDoNotBalance(f"{work.items} of {waiting} webhooks were settled.")
    return work


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Have each message settled in transactions of its own, as an application without batches does."""
    batch = settle_webhooks.BATCH
    settle_webhooks.BATCH = 1
    try:
        yield
    finally:
        settle_webhooks.BATCH = batch


def _from_end_to_end(stage: Stage, shop: Shop, count: int, folder: Path) -> dict[str, Any]:
    """Send webhooks while a worker runs, and wait until every order is confirmed."""
    payments = place_waiting(stage, shop, count)
    with run_worker(stage, folder) as worker:
        requests = webhook_requests(shop.organization_id, payments[BREAK_IN:])
        first = webhook_requests(shop.organization_id, payments[:BREAK_IN])
        _send(stage, first, BREAK_IN)
        _wait_for_settled(stage, shop, left=count - BREAK_IN)
        before, worked = stage.clock.read(), tree_seconds(worker.pid)[worker.pid]
        started = time.perf_counter()
        _send(stage, requests, count - BREAK_IN)
        sent = time.perf_counter() - started
        _wait_for_settled(stage, shop, left=0)
        seconds, used = time.perf_counter() - started, stage.clock.read() - before
        worked = tree_seconds(worker.pid)[worker.pid] - worked
    work = work_of(count - BREAK_IN, seconds, kassa=used.web + worked, postgres=used.postgres)
    return {
        "items": work.items,
        "seconds": work.seconds,
        "seconds_until_received": sent,
        "seconds_after_the_last": work.seconds - sent,
        "per_second": work.per_second,
        "kassa_cpu_ms": work.kassa_cpu_ms,
        "worker_cpu_ms": 1000 * worked / work.items,
        "postgres_cpu_ms": work.postgres_cpu_ms,
    }


def _send(stage: Stage, requests: Iterator[tuple[bytes, bytes]], count: int) -> None:
    run_load(
        stage.port,
        requests,
        clients=CLIENTS,
        read_cpu=stage.clock.read,
        seconds=LONGEST_SECONDS,
        limit=count,
    )


def _wait_for_settled(stage: Stage, shop: Shop, *, left: int) -> None:
    deadline = time.monotonic() + SETTLED_SOON
    while (now_left := _left(stage, shop)) > left:
        if time.monotonic() > deadline:
            raise NotMeasurable(f"The worker has left {now_left} orders unconfirmed.")
        time.sleep(0.05)


def _left(stage: Stage, shop: Shop) -> int:
    row = stage.connection.execute(LEFT, (shop.organization_id,)).fetchone()
    return int(row[0]) if row else 0
