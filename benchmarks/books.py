"""The books after a sale: what was answered is there, what is counted is there, nothing twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.errors import BenchmarkFailed
from kassa.orders.enums import LIVE_TICKETS

LIVE = [str(status) for status in LIVE_TICKETS]

ORDERS = "SELECT count(*) FROM orders_order WHERE organization_id = ANY(%s)"
LIVE_COUNT = "SELECT count(*) FROM orders_ticket WHERE organization_id = ANY(%s) AND status = ANY(%s)"
MISSING = """
SELECT count(*) FROM unnest(%s::text[]) AS k(key)
WHERE NOT EXISTS (SELECT FROM orders_order o WHERE o.organization_id = ANY(%s) AND o.idempotency_key = k.key)
"""
WRONG_QUOTAS = """
SELECT count(*) FROM inventory_quota q LEFT JOIN (
    SELECT drawn.quota_id, count(*) AS tickets
    FROM orders_ticket t
    JOIN orders_orderitem i ON i.organization_id = t.organization_id AND i.id = t.item_id,
    unnest(i.quota_ids) AS drawn(quota_id)
    WHERE t.organization_id = ANY(%s) AND t.status = ANY(%s)
    GROUP BY drawn.quota_id
) live ON live.quota_id = q.id
WHERE q.organization_id = ANY(%s) AND q.reserved + q.sold <> coalesce(live.tickets, 0)
"""
SEATS_TWICE = """
SELECT count(*) FROM (
    SELECT FROM orders_ticket WHERE organization_id = ANY(%s) AND status = ANY(%s) AND seat_id IS NOT NULL
    GROUP BY organization_id, seat_id HAVING count(*) > 1
) twice
"""
WITHOUT_PARTS = """
SELECT count(*) FROM orders_order o WHERE o.organization_id = ANY(%s) AND (
    NOT EXISTS (SELECT FROM orders_ticket t WHERE t.organization_id = o.organization_id AND t.order_id = o.id)
    OR NOT EXISTS (SELECT FROM orders_orderhistory h
                   WHERE h.organization_id = o.organization_id AND h.order_id = o.id))
"""


class BooksDoNotBalance(BenchmarkFailed):
    """What was sold is not what is written: no figure of such a run is worth anything."""


@dataclass(frozen=True, slots=True)
class Books:
    """What was found; the last four are mistakes and have to be 0."""

    orders: int
    live_tickets: int
    answered_but_missing: int
    quotas_that_count_wrongly: int
    seats_sold_twice: int
    orders_without_tickets_or_history: int


def check_books(
    connection: psycopg.Connection[Any], organization_ids: Sequence[UUID], answered: Sequence[bytes]
) -> dict[str, int]:
    """Compare what clients were answered with what is in the tables.

    Raises:
        BooksDoNotBalance: an order that was answered is missing, a quota does not equal its live
            tickets, a seat has two, or an order has no tickets or no history.
    """
    shops = list(organization_ids)
    keys = [key.decode() for key in answered]
    books = Books(
        orders=_count(connection, ORDERS, shops),
        live_tickets=_count(connection, LIVE_COUNT, shops, LIVE),
        answered_but_missing=_count(connection, MISSING, keys, shops),
        quotas_that_count_wrongly=_count(connection, WRONG_QUOTAS, shops, LIVE, shops),
        seats_sold_twice=_count(connection, SEATS_TWICE, shops, LIVE),
        orders_without_tickets_or_history=_count(connection, WITHOUT_PARTS, shops),
    )
    found = asdict(books)
    mistakes = {name: found[name] for name in found if name not in ("orders", "live_tickets") and found[name]}
    if mistakes or len(set(keys)) != len(keys):
        raise BooksDoNotBalance(f"{mistakes} of {books.orders} orders and {len(keys)} answers.")
    return {**found, "answered": len(keys)}


def _count(connection: psycopg.Connection[Any], sql: str, *parameters: Any) -> int:
    row = connection.execute(sql, parameters).fetchone()
    return int(row[0]) if row else 0
