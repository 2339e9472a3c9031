"""Orders of the past, written set-wise by SQL: what a busy organisation has after a year.

Nine of ten are paid, with valid tickets; one of ten ran out unpaid. Ids are of version 7 and
of the moment of their order, so the indexes look as if the orders had come one by one. Foreign
keys and triggers are off meanwhile (the rows agree by construction, and the books are checked
afterwards); the history that the trigger would have written is written here.
"""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg

from benchmarks.seed import Shop
from benchmarks.server import Stage

CHUNK = 25_000
WRITERS = 2
TABLES = (
    *("orders_order", "orders_orderitem", "orders_ticket", "orders_orderhistory"),
    *("core_outboxevent", "inventory_quota"),
)

SESSION = """
SET session_replication_role = replica;
SET synchronous_commit = off;
CREATE FUNCTION pg_temp.id_at(moment timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
        PLACING substring(int8send((extract(epoch FROM moment) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
        52, 1), 53, 1), 'hex')::uuid
$$;
CREATE TEMPORARY TABLE part (
    n bigint, moment timestamptz, paid_at timestamptz, email text, order_id uuid, item_id uuid
)
"""
CHOOSE = """
INSERT INTO part
SELECT n, moment, CASE WHEN n %% 10 > 0 THEN moment + interval '90 seconds' END,
       'customer' || (n * 7919 %% 300007) || '@example.com', pg_temp.id_at(moment), pg_temp.id_at(moment)
FROM (SELECT n, date_trunc('day', now()) - interval '360 days' + n * interval '30 seconds' AS moment
      FROM generate_series(%(first)s::bigint, %(last)s::bigint - 1) AS n) chosen
"""
ORDERS = """
INSERT INTO orders_order (
    id, organization_id, number, status, payment_status, event_id, customer_key, customer_email,
    customer_first_name, customer_last_name, subtotal, total, currency, price_trace, idempotency_key,
    fingerprint, expires_at, placed_by_kind, created_at, updated_at, paid_at, confirmed_at, expired_at)
SELECT order_id, %(organization)s, 'ORD-2000-' || n,
       CASE WHEN paid_at IS NULL THEN 'expired' ELSE 'confirmed' END,
       CASE WHEN paid_at IS NULL THEN 'cancelled' ELSE 'paid' END,
       %(event)s, 'email:' || email, email, 'Ada', 'Lovelace', 90, 90, 'EUR',
       '[{"step": "base", "line": 0, "label": "Standing 1", "amount": "90.00"}]', 'past-' || n,
       sha256(order_id::text::bytea), CASE WHEN paid_at IS NULL THEN moment + interval '30 minutes' END,
       'api_key', moment, coalesce(paid_at, moment + interval '30 minutes'), paid_at, paid_at,
       CASE WHEN paid_at IS NULL THEN moment + interval '30 minutes' END
FROM part ORDER BY n
"""
ITEMS = """
INSERT INTO orders_orderitem (id, organization_id, order_id, position, kind, event_id, ticket_type_id, name,
                              quantity, unit_price, subtotal, total, quota_ids, created_at)
SELECT item_id, %(organization)s, order_id, 0, 'ticket', %(event)s, %(ticket_type)s, 'Standing 1',
       2, 45, 90, 90, %(quotas)s, moment
FROM part ORDER BY n
"""
TICKETS = """
INSERT INTO orders_ticket (id, organization_id, order_id, item_id, event_id, ticket_type_id, code, status,
                           base_price, price_paid, created_at, updated_at)
SELECT pg_temp.id_at(moment), %(organization)s, order_id, item_id, %(event)s, %(ticket_type)s,
       upper(substr(md5(order_id::text || nth), 1, 16)),
       CASE WHEN paid_at IS NULL THEN 'expired' ELSE 'valid' END,
       45, 45, moment, coalesce(paid_at, moment + interval '30 minutes')
FROM part, generate_series(1, 2) AS nth ORDER BY n, nth
"""
HISTORY = """
INSERT INTO orders_orderhistory (id, organization_id, order_id, position, from_status, to_status,
                                 from_payment_status, to_payment_status, changed_by_kind, created_at)
SELECT order_id, %(organization)s, order_id, 1, NULL, 'draft', NULL, 'pending', 'api_key', moment FROM part
UNION ALL
SELECT pg_temp.id_at(moment), %(organization)s, order_id, 2, 'draft',
       CASE WHEN paid_at IS NULL THEN 'expired' ELSE 'confirmed' END, 'pending',
       CASE WHEN paid_at IS NULL THEN 'cancelled' ELSE 'paid' END, 'system',
       coalesce(paid_at, moment + interval '30 minutes') FROM part
ORDER BY 3, 4
"""
OUTBOX = """
INSERT INTO core_outboxevent (id, organization_id, type, subject, key, envelope, created_at)
SELECT pg_temp.id_at(moment), %(organization)s, 'order.created', 'orders/' || order_id, order_id,
       jsonb_build_object(
           'specversion', '1.0', 'type', 'order.created', 'subject', 'orders/' || order_id, 'time', moment,
           'data', jsonb_build_object(
               'id', order_id, 'number', 'ORD-2000-' || n, 'status', 'draft', 'currency', 'EUR',
               'total', '90.00', 'customer', email)),
       moment
FROM part ORDER BY n
"""
COUNT = """
UPDATE inventory_quota SET sold = sold + 2 * (
    SELECT count(*) FROM generate_series(%(first)s::bigint, %(last)s::bigint - 1) AS n WHERE n %% 10 > 0)
WHERE organization_id = %(organization)s AND id = ANY(%(quotas)s)
"""
QUOTAS = """
SELECT ARRAY[t.quota_id, e.capacity_quota_id] FROM catalog_tickettype t
JOIN catalog_event e ON e.organization_id = t.organization_id AND e.id = t.event_id
WHERE t.organization_id = %s AND t.id = %s
"""


def fill_orders(stage: Stage, shop: Shop, *, first: int, last: int) -> None:
    """Write the past orders from ``first`` up to ``last`` of a shop, and clean up after it."""
    [ticket_type_id] = shop.ticket_type_ids
    row = stage.connection.execute(QUOTAS, (shop.organization_id, ticket_type_id)).fetchone()
    values: dict[str, Any] = {
        "organization": shop.organization_id,
        "event": shop.event_id,
        "ticket_type": ticket_type_id,
        "quotas": row[0] if row else [],
    }
    chunks = [(start, min(start + CHUNK, last)) for start in range(first, last, CHUNK)]
    turns = itertools.cycle(range(WRITERS))
    shares: list[list[tuple[int, int]]] = [[] for _ in range(WRITERS)]
    for chunk, writer in zip(chunks, turns, strict=False):
        shares[writer].append(chunk)
    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(lambda share: _write(stage.superuser_url, share, values), shares))
    stage.connection.execute(COUNT, {**values, "first": first, "last": last})
    for table in TABLES:
        stage.connection.execute(f"VACUUM (ANALYZE) {table}")


def _write(url: str, chunks: list[tuple[int, int]], values: dict[str, Any]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SESSION)
        for first, last in chunks:
            with connection.transaction():
                connection.execute("TRUNCATE part")
                for statement in (CHOOSE, ORDERS, ITEMS, TICKETS, HISTORY, OUTBOX):
                    connection.execute(statement, {**values, "first": first, "last": last})
