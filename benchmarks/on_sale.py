"""The moment everybody comes: a thousand browsers look, choose, check out and pay by the pages of the shop.

They want several times as many places as there are. Whatever comes back has to be a page that was asked for
or a refusal that says why; afterwards nothing is sold twice, and there are just the orders that buyers know.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.browser import Answer, Browser, Told, fields_of, said
from benchmarks.errors import BenchmarkFailed
from benchmarks.orders import percentiles
from benchmarks.plan import Plan
from benchmarks.seed import Shop, found_hall, found_shop
from benchmarks.server import Stage, run_worker
from benchmarks.waiting import offer_payment
from benchmarks.working import audit

ROWS, SEATS_PER_ROW = 20, 25
STANDING = 200
LONGEST = 240.0
"""Seconds until the last buyer has to be through."""
SETTLED_WITHIN = 60.0
"""Seconds until the last payment has to be booked."""
ARRIVE_WITHIN = 5.0
LOOKS = 3
TRIES = 3
BANK = re.compile(r'href="(?:https?://[^/"]+)?(/demo-bank/pay/[^"]+)"')
GO_ON = re.compile(r'href="(/orders/[^"/]+/pay)"')
FINE = {200, 301, 302, 303, 304, 307}
HONEST = {409, 410, 422, 429, 503}

ORDERED = "SELECT count(*) FROM orders_order WHERE organization_id = ANY(%s)"
PLACES = """
SELECT count(*) FILTER (WHERE t.status IN ('valid', 'used')) AS sold,
       count(*) FILTER (WHERE t.status NOT IN ('cancelled', 'refunded', 'expired')) AS held,
       count(DISTINCT t.seat_id) FILTER (WHERE t.status IN ('valid', 'used')) AS seats
FROM orders_ticket t WHERE t.event_id = %s
"""
UNPAID = "SELECT count(*) FROM orders_order WHERE organization_id = ANY(%s) AND status <> 'confirmed'"


@dataclass(slots=True)
class Sale:
    """What happened to the buyers."""

    told: Told = field(default_factory=Told)
    ends: Counter[str] = field(default_factory=Counter)


def measure(stage: Stage, plan: Plan) -> dict[str, Any]:
    """Open the sale of a hall and of standing places to a thousand browsers at once."""
    hall = found_hall("on-sale-hall", rows=ROWS, seats_per_row=SEATS_PER_ROW)
    floor = found_shop("on-sale-floor", quantity=STANDING)
    for shop in (hall, floor):
        offer_payment(shop)
    sale = Sale()
    with tempfile.TemporaryDirectory(prefix="kassa-bench-") as folder, run_worker(stage, Path(folder)):
        before, started = stage.clock.read(), time.perf_counter()
        asyncio.run(_open(stage.port, hall, floor, sale, browsers=plan.browsers))
        seconds, used = time.perf_counter() - started, stage.clock.read() - before
        plan.say(f"on_sale: {dict(sale.ends)} in {seconds:.1f} s")
        _wait_until_settled(stage, hall, floor)
    requests = sum(sale.told.statuses.values())
    return {
        "browsers": plan.browsers,
        "places": ROWS * SEATS_PER_ROW + STANDING,
        "seconds": seconds,
        "requests": requests,
        "requests_per_second": requests / seconds,
        "megabytes": sale.told.bytes / 1e6,
        "ends": dict(sale.ends),
        "web_cpu_ms": 1000 * used.web / requests,
        "postgres_cpu_ms": 1000 * used.postgres / requests,
        "load_cpu_ms": 1000 * used.load / requests,
        "steps": _steps(sale.told),
        "books": {**_check(stage, hall, floor, sale), "audit": audit()},
    }


async def _open(port: int, hall: Shop, floor: Shop, sale: Sale, *, browsers: int) -> None:
    async with asyncio.timeout(LONGEST):
        await asyncio.gather(*(_visit(number, port, hall, floor, sale) for number in range(browsers)))


async def _visit(number: int, port: int, hall: Shop, floor: Shop, sale: Sale) -> None:
    chance = random.Random(number)
    await asyncio.sleep(chance.random() * ARRIVE_WITHIN)
    browser = Browser(port, sale.told)
    try:
        is_seated = number % 5 != 0
        shop, slug = (hall, "on-sale-hall") if is_seated else (floor, "on-sale-floor")
        path = f"/{slug}/events/{shop.event_id}"
        end = await _buy(browser, chance, number, path, shop, is_seated=is_seated)
    except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
        end = f"lost: {type(error).__name__}"
    finally:
        await browser.close()
    sale.ends[end] += 1


async def _buy(
    browser: Browser, chance: random.Random, number: int, path: str, shop: Shop, *, is_seated: bool
) -> str:
    page = await browser.get("event page", path)
    if page.status != 200:
        return f"refused at the page: {page.status}"
    plan = re.search(r'data-plan="([^"]+)"', page.text)
    seats = len(json.loads((await browser.get("seat plan", plan[1])).text)["x"]) if plan else 0
    etag = ""
    for _ in range(LOOKS):
        left = await browser.get("availability", f"{page.path}/availability", etag=etag)
        etag = left.etag or etag
        await asyncio.sleep(chance.random())
    checkout = await _choose(browser, chance, page.path, shop, seats if is_seated else 0)
    if "/checkout/" not in checkout.path:
        return f"refused: {checkout.status}"
    ordered = await _order(browser, number, checkout)
    if "/checkout/" in ordered.path:
        return f"refused at the checkout: {ordered.status} {said(ordered.text)}".strip()
    return await _pay(browser, ordered)


async def _choose(browser: Browser, chance: random.Random, path: str, shop: Shop, seats: int) -> Answer:
    """Choose two places; who is refused tries others, as people do."""
    [type_id] = shop.ticket_type_ids
    for nth in range(TRIES):
        chosen = [(f"type-{type_id}", "2")]
        if seats and (nth == TRIES - 1 or chance.random() < 0.3):
            chosen = [(f"best-{type_id}", "2")]
        elif seats:
            first = min(int(chance.expovariate(1 / 120)), seats - 2)  # everybody wants to sit in front
            chosen = [("seat", f"{first}:{type_id}"), ("seat", f"{first + 1}:{type_id}")]
        answer = await browser.post("choice", f"{path}/choose", chosen)
        if "/checkout/" in answer.path or answer.status not in HONEST:
            break
        await asyncio.sleep(chance.random())
    return answer


async def _order(browser: Browser, number: int, checkout: Answer) -> Answer:
    fields = fields_of(checkout.text) | {
        "email": f"buyer-{number}@example.com",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "provider": "demo",
        "do": "order",
    }
    return await browser.post("order", checkout.path, list(fields.items()))


async def _pay(browser: Browser, answer: Answer) -> str:
    """Pay on the page that the order has led to; where the bank was too busy, ask for its page once more."""
    for _ in range(TRIES):
        if answer.path.startswith("/demo-bank/"):
            break
        answer = await _lead_on(browser, answer)
    if not answer.path.startswith("/demo-bank/"):
        return f"ordered, but led to no bank: {answer.status} {said(answer.text)}".strip()
    paid = await browser.post("payment", answer.path, [*fields_of(answer.text).items(), ("action", "pay")])
    return "bought" if paid.path.startswith(("/orders/", "/demo-bank/")) else f"lost: {paid.status}"


async def _lead_on(browser: Browser, answer: Answer) -> Answer:
    """Do what an order's page offers: go to the bank whose page is open already, or ask for one."""
    if bank := BANK.search(answer.text):
        return await browser.get("bank page", bank[1])
    if link := GO_ON.search(answer.text):
        return await browser.get("payment page", link[1])
    again = {**fields_of(answer.text), "provider": "demo"}
    return await browser.post("payment page", f"{answer.path.partition('?')[0]}/pay", list(again.items()))


def _wait_until_settled(stage: Stage, *shops: Shop) -> None:
    deadline = time.monotonic() + SETTLED_WITHIN
    ids = [shop.organization_id for shop in shops]
    while _count(stage, UNPAID, ids):
        if time.monotonic() > deadline:
            raise BenchmarkFailed(f"{_count(stage, UNPAID, ids)} orders were not confirmed in time.")
        time.sleep(0.2)


def _check(stage: Stage, hall: Shop, floor: Shop, sale: Sale) -> dict[str, int]:
    """Compare what browsers were told with what is in the tables.

    Raises:
        BenchmarkFailed: more places are sold than there are, an order that nobody knows of is there, or an
            answer was neither a page nor an honest refusal.
    """
    strange = {
        f"{step}: {status}": count
        for (step, status), count in sale.told.statuses.items()
        if status not in FINE | HONEST
    }
    lost = {end: count for end, count in sale.ends.items() if end.startswith(("lost", "ordered, but"))}
    seated = stage.connection.execute(PLACES, [hall.event_id]).fetchone() or (0, 0, 0)
    standing = stage.connection.execute(PLACES, [floor.event_id]).fetchone() or (0, 0, 0)
    orders = _count(stage, ORDERED, [hall.organization_id, floor.organization_id])
    found = {
        "orders": orders,
        "bought": sale.ends["bought"],
        "seats_sold": seated[0],
        "standing_sold": standing[0],
    }
    is_right = (
        orders == sale.ends["bought"]
        and seated[0] == seated[2] <= ROWS * SEATS_PER_ROW
        and standing[0] <= STANDING
        and 2 * orders == seated[0] + standing[0]
    )
    if strange or lost or not is_right:
        raise BenchmarkFailed(f"{found}, {strange}, {lost}")
    return found


def _steps(told: Told) -> dict[str, dict[str, Any]]:
    steps: dict[str, dict[str, Any]] = {}
    for step, latencies in told.latencies.items():
        p50, p95, p99 = percentiles(latencies)
        statuses = {str(status): count for (name, status), count in told.statuses.items() if name == step}
        steps[step] = {"p50_ms": p50, "p95_ms": p95, "p99_ms": p99, "statuses": statuses}
    return steps


def _count(stage: Stage, sql: str, ids: list[Any]) -> int:
    row = stage.connection.execute(sql, [ids]).fetchone()
    return int(row[0]) if row else 0
