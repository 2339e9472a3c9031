"""Tickets: printed, signed and checked, in this process and without a server."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from benchmarks.errors import BenchmarkFailed
from benchmarks.plan import Plan
from benchmarks.seed import found_shop
from benchmarks.server import Stage
from benchmarks.waiting import offer_payment, place_waiting, store_messages
from kassa.orders.domain.codes import new_codes
from kassa.orders.models import Order, Ticket
from kassa.payments.domain.webhooks.settle import settle_webhooks
from kassa.tickets.domain.documents import pages_document, tickets_pdf
from kassa.tickets.domain.genuine import Genuine, check_qr
from kassa.tickets.domain.keys import signing_key
from kassa.tickets.domain.pages import TEMPLATE
from kassa.tickets.domain.printed import read_printed
from kassa.tickets.domain.qr import qr_text
from kassa.tickets.domain.qr_image import qr_svg
from kassa.typesetting.compiler import typeset

ORDERS = 160
"""Of two tickets each. No page is set twice, for typst remembers what it has set."""
PAGES, FILES = 100, 20
LARGE = 10
"""Tickets of an order that is printed as one file."""
WARM = 5
CODES = 100_000
CHECKS = 3_000


@dataclass(frozen=True, slots=True)
class Done:
    """Something done many times, one after the other."""

    times: int
    per_second: float
    cpu_ms: float
    """Of this process, each."""


def measure(stage: Stage, plan: Plan) -> dict[str, Any]:
    """Print tickets of one page and of ten, and make and check what is on them."""
    shop = found_shop("printed-tickets")
    offer_payment(shop)
    store_messages(place_waiting(stage, shop, ORDERS))
    settle_webhooks(shop.organization_id, now=_now())
    organization_id = shop.organization_id
    tickets = list(Ticket.objects.of(organization_id).filter(status="valid").order_by("id"))
    key = signing_key(organization_id, _now())
    texts = [qr_text(ticket, key) for ticket in tickets]

    def set_pages(count: int, files: int) -> Callable[[int], object]:
        """Return what sets pages of tickets that have been read, others at each turn."""
        wanted = [ticket.id for ticket in tickets]
        read = [
            read_printed(organization_id, ticket_ids=wanted[turn * count : (turn + 1) * count])
            for turn in range(files + WARM)
        ]
        return lambda turn: typeset(
            pages_document(read[turn], key, language="en"), template=TEMPLATE, now=_now()
        )

    orders = list(Order.objects.of(organization_id).filter(status="confirmed").values_list("id", flat=True))

    def print_order(turn: int) -> object:
        return tickets_pdf(organization_id, order_id=orders[turn % len(orders)], language=None, now=_now())

    def check(turn: int) -> None:
        if not isinstance(check_qr(organization_id, texts[turn % len(texts)]), Genuine):
            raise BenchmarkFailed("A genuine ticket was doubted.")

    results = {
        "one_page": _run(set_pages(1, PAGES), PAGES),
        "ten_pages": _run(set_pages(LARGE, FILES), FILES, each=LARGE),
        "printed_from_database": _run(print_order, PAGES, each=len(tickets) // max(1, len(orders))),
        "drawn": _run(lambda turn: qr_svg(texts[turn % len(texts)]), CHECKS),
        "signed": _run(lambda turn: qr_text(tickets[turn % len(tickets)], key), CHECKS),
        "checked": _run(check, CHECKS),
        "codes": _run(lambda _: new_codes(2), CODES // 2, each=2),
    }
    one, checked = results["one_page"], results["checked"]
    plan.say(f"tickets: {one.per_second:,.0f} printed/s, {checked.per_second:,.0f} signatures checked/s")
    return {name: asdict(done) for name, done in results.items()}


def _run(work: Callable[[int], object], times: int, *, each: int = 1) -> Done:
    """Do a thing many times once it is warm; ``each`` is how much one time does."""
    for turn in range(WARM):
        work(times + turn)
    started, used = time.perf_counter(), time.process_time()
    for turn in range(times):
        work(turn)
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    return Done(times * each, times * each / seconds, 1000 * cpu / (times * each))


def _now() -> datetime:
    return datetime.now(UTC)
