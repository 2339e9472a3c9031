"""The rows that benchmarks write by their own SQL: a new column must not stop a measurement unseen."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from benchmarks.books import check_books
from benchmarks.cpu import CpuClock
from benchmarks.door import PLAIN
from benchmarks.fill import fill_orders
from benchmarks.seed import Shop, found_shop
from benchmarks.server import Stage
from kassa.admission.domain.lists import create_list
from kassa.admission.models import Scan
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.orders.models import Order, OrderHistory, Ticket

ORDERS = 30
EXPIRED = 3
"""One of ten."""
VARIABLE = re.compile(r"(?<!:):(\w+)")
"""What pgbench puts a value for; a cast has two colons."""


@pytest.fixture
def stage(transactional_db: None, database_url: str) -> Iterator[Stage]:
    with psycopg.connect(database_url, autocommit=True) as own:
        yield Stage(
            database=own.info.dbname,
            url=database_url,
            superuser_url=database_url.replace("//kassa@", "//postgres@"),
            port=0,
            clock=CpuClock(web_pid=os.getpid(), postmaster_pid=os.getpid()),
            connection=own,
        )


@pytest.fixture
def shop(stage: Stage) -> Shop:
    """Return a shop with past orders, written in two steps as the benchmarks do."""
    shop = found_shop("filled")
    fill_orders(stage, shop, first=0, last=20)
    fill_orders(stage, shop, first=20, last=ORDERS)
    return shop


def test_orders_of_the_past_are_whole_and_agree_with_the_counts(stage: Stage, shop: Shop) -> None:
    books = check_books(stage.connection, [shop.organization_id], answered=[])

    assert (books["orders"], books["live_tickets"]) == (ORDERS, 2 * (ORDERS - EXPIRED))
    orders = Order.objects.of(shop.organization_id)
    assert orders.filter(status="confirmed", payment_status="paid").count() == ORDERS - EXPIRED
    assert orders.filter(status="expired", payment_status="cancelled").count() == EXPIRED


def test_their_history_ends_with_their_status(stage: Stage, shop: Shop) -> None:
    changes = OrderHistory.objects.of(shop.organization_id).order_by("order_id", "position")
    histories: dict[str, list[tuple[int, str | None, str]]] = {}
    for change in changes.select_related("order"):
        lines = histories.setdefault(change.order.status, [])
        lines.append((change.position, change.from_status, change.to_status))

    assert histories == {
        "confirmed": [(1, None, "draft"), (2, "draft", "confirmed")] * (ORDERS - EXPIRED),
        "expired": [(1, None, "draft"), (2, "draft", "expired")] * EXPIRED,
    }


def test_the_plain_scan_of_the_door_can_be_written(stage: Stage, shop: Shop) -> None:
    [insert] = [one for one in PLAIN.split(";") if "INSERT INTO admission_scan" in one]
    ticket = Ticket.objects.of(shop.organization_id).filter(status="valid")[0]
    created = create_list(
        CommandContext.system(shop.organization_id, now=utc_now()), shop.event_id, fields={"name": "Entrance"}
    )

    values = {
        "scan": uuid4(),
        "organization": shop.organization_id,
        "list": created.id,
        "event": shop.event_id,
        "ticket": ticket.id,
        "turn": 1,
    }
    stage.connection.execute(VARIABLE.sub(r"%(\1)s", insert[insert.index("INSERT") :]).encode(), values)

    [scan] = Scan.objects.of(shop.organization_id)
    assert (scan.ticket_id, scan.result, scan.turn) == (ticket.id, "valid", 1)
