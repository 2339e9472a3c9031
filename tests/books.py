"""The audit: whatever was sold, held and given back, the books agree with each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

SHOWN = 5
"""How many wrong rows of each kind a failure names."""

OF = "(%(organization)s::uuid IS NULL OR {}.organization_id = %(organization)s::uuid)"

QUOTAS = f"""
WITH held AS (
    SELECT t.organization_id, q.id AS quota_id,
           count(*) FILTER (WHERE t.status = 'reserved') AS reserved,
           count(*) FILTER (WHERE t.status <> 'reserved') AS sold
    FROM orders_ticket t
    JOIN orders_orderitem i ON i.organization_id = t.organization_id AND i.id = t.item_id
    CROSS JOIN LATERAL unnest(i.quota_ids) AS q(id)
    WHERE t.status IN ('reserved', 'valid', 'used') AND {OF.format("t")}
    GROUP BY 1, 2
    UNION ALL
    SELECT i.organization_id, q.id,
           sum(i.quantity) FILTER (WHERE o.status IN ('draft', 'pending')),
           sum(i.quantity) FILTER (WHERE o.status NOT IN ('draft', 'pending'))
    FROM orders_orderitem i
    JOIN orders_order o ON o.organization_id = i.organization_id AND o.id = i.order_id
    CROSS JOIN LATERAL unnest(i.quota_ids) AS q(id)
    WHERE i.kind = 'merchandise' AND o.status NOT IN ('cancelled', 'expired', 'refunded') AND {OF.format("i")}
    GROUP BY 1, 2
    UNION ALL
    SELECT i.organization_id, q.id, sum(i.quantity), 0
    FROM sales_cartitem i
    JOIN sales_cart c ON c.organization_id = i.organization_id AND c.id = i.cart_id
    CROSS JOIN LATERAL unnest(i.quota_ids) AS q(id)
    WHERE c.status = 'active' AND {OF.format("i")}
    GROUP BY 1, 2
), wanted AS (
    SELECT organization_id, quota_id, sum(coalesce(reserved, 0)) AS reserved, sum(coalesce(sold, 0)) AS sold
    FROM held GROUP BY 1, 2
)
SELECT coalesce(q.id, w.quota_id) AS quota, q.name, q.capacity,
       q.reserved, w.reserved AS reserved_by_orders, q.sold, w.sold AS sold_by_orders
FROM (SELECT * FROM inventory_quota q WHERE {OF.format("q")}) q
FULL JOIN wanted w ON w.organization_id = q.organization_id AND w.quota_id = q.id
WHERE q.id IS NULL OR q.reserved <> coalesce(w.reserved, 0) OR q.sold <> coalesce(w.sold, 0)
   OR q.reserved + q.sold > q.capacity
"""

TICKETS = f"""
SELECT t.id AS ticket, o.number, o.status AS order_status, t.status
FROM orders_ticket t
JOIN orders_order o ON o.organization_id = t.organization_id AND o.id = t.order_id
JOIN orders_orderitem i ON i.organization_id = t.organization_id AND i.id = t.item_id
WHERE {OF.format("t")} AND (
    i.order_id <> t.order_id OR i.ticket_type_id <> t.ticket_type_id OR i.event_id <> t.event_id
    OR NOT CASE
        WHEN o.status IN ('draft', 'pending') THEN t.status = 'reserved'
        WHEN o.status = 'cancelled' THEN t.status IN ('cancelled', 'used')
        WHEN o.status = 'expired' THEN t.status = 'expired'
        WHEN o.status = 'refunded' THEN t.status = 'refunded'
        WHEN o.status = 'partially_refunded' THEN t.status IN ('valid', 'used', 'refunded')
        ELSE t.status IN ('valid', 'used')
    END)
"""

SEATS = f"""
WITH live AS (
    SELECT t.organization_id, t.seat_id, count(*) AS tickets,
           CASE WHEN bool_or(t.status <> 'reserved') THEN 'sold' ELSE 'held' END AS status
    FROM orders_ticket t
    WHERE t.seat_id IS NOT NULL AND t.status IN ('reserved', 'valid', 'used') AND {OF.format("t")}
    GROUP BY 1, 2
), carts AS (
    SELECT c.organization_id, s.id AS seat_id, c.id AS cart_id
    FROM sales_cart c
    JOIN sales_cartitem i ON i.organization_id = c.organization_id AND i.cart_id = c.id
    CROSS JOIN LATERAL unnest(i.seat_ids) AS s(id)
    WHERE c.status = 'active' AND {OF.format("c")}
)
SELECT s.id AS seat, s.section, s."row", s.number, s.status, s.cart_id,
       l.tickets AS live_tickets, l.status AS status_by_tickets, c.cart_id AS held_by_cart
FROM seating_eventseat s
LEFT JOIN live l ON l.organization_id = s.organization_id AND l.seat_id = s.id
LEFT JOIN carts c ON c.organization_id = s.organization_id AND c.seat_id = s.id
WHERE {OF.format("s")} AND (
    coalesce(l.tickets, 0) > 1
    OR (l.seat_id IS NOT NULL AND c.seat_id IS NOT NULL)
    OR s.cart_id IS DISTINCT FROM c.cart_id
    OR CASE
        WHEN l.seat_id IS NOT NULL THEN s.status <> l.status
        WHEN c.seat_id IS NOT NULL THEN s.status <> 'held'
        ELSE s.status NOT IN ('available', 'blocked')
    END)
"""

COUPONS = f"""
SELECT c.id AS coupon, c.code, c.current_usage_count, c.max_usage_total, u.live
FROM coupons_coupon c
CROSS JOIN LATERAL (
    SELECT count(*) AS live FROM orders_couponusage u
    WHERE u.organization_id = c.organization_id AND u.coupon_id = c.id AND u.released_at IS NULL
) u
WHERE {OF.format("c")} AND (c.current_usage_count <> u.live OR u.live > c.max_usage_total)
"""

COUPON_USES = f"""
SELECT u.id AS usage, o.number, o.status, u.customer_key, u.nth, u.released_at
FROM orders_couponusage u
JOIN orders_order o ON o.organization_id = u.organization_id AND o.id = u.order_id
WHERE {OF.format("u")}
  AND ((u.released_at IS NULL) = (o.status IN ('cancelled', 'expired', 'refunded')) OR o.coupon_code IS NULL
       OR u.customer_key <> o.customer_key)
UNION ALL
SELECT NULL, o.number, o.status, o.customer_key, NULL, NULL
FROM orders_order o
WHERE {OF.format("o")} AND o.coupon_code IS NOT NULL AND NOT EXISTS (
    SELECT FROM orders_couponusage u WHERE u.organization_id = o.organization_id AND u.order_id = o.id)
"""

SUMS_OF_ORDERS = f"""
SELECT o.number, o.subtotal, o.discount, o.fees, o.taxes, o.included_taxes, o.shipping, o.total,
       i.subtotal AS items_subtotal, i.discount AS items_discount, i.tax AS items_tax,
       i.included_tax AS items_included_tax, p.amount AS trace
FROM orders_order o
CROSS JOIN LATERAL (
    SELECT sum(i.subtotal) AS subtotal, sum(i.discount) AS discount, sum(i.tax) AS tax,
           sum(i.included_tax) AS included_tax
    FROM orders_orderitem i WHERE i.organization_id = o.organization_id AND i.order_id = o.id
) i
CROSS JOIN LATERAL (
    SELECT coalesce(sum((step ->> 'amount')::numeric), 0) AS amount
    FROM jsonb_array_elements(o.price_trace) step WHERE NOT coalesce((step ->> 'included')::boolean, false)
) p
WHERE {OF.format("o")} AND (
    (o.subtotal, o.discount, o.taxes, o.included_taxes)
        IS DISTINCT FROM (i.subtotal, i.discount, i.tax, i.included_tax)
    OR o.total <> o.subtotal - o.discount + o.fees + o.taxes + o.shipping
    OR o.total <> p.amount)
"""

SUMS_OF_ITEMS = f"""
SELECT o.number, i.position, i.name, i.kind, i.quantity, i.subtotal, i.discount, i.tax, i.total,
       t.tickets, t.base_price, t.discount AS tickets_discount, t.tax AS tickets_tax, t.price_paid
FROM orders_orderitem i
JOIN orders_order o ON o.organization_id = i.organization_id AND o.id = i.order_id
CROSS JOIN LATERAL (
    SELECT count(*) AS tickets, sum(t.base_price) AS base_price, sum(t.discount) AS discount,
           sum(t.tax) AS tax, sum(t.price_paid) AS price_paid
    FROM orders_ticket t WHERE t.organization_id = i.organization_id AND t.item_id = i.id
) t
WHERE {OF.format("i")} AND CASE
    WHEN i.kind = 'ticket' THEN
        (t.tickets::int, t.base_price, t.discount, t.tax, t.price_paid)
            IS DISTINCT FROM (i.quantity, i.subtotal, i.discount, i.tax, i.total)
    ELSE t.tickets > 0
END
"""

HISTORY = f"""
WITH changes AS (
    SELECT h.*, lag(to_status) OVER turn AS status_before, lag(to_payment_status) OVER turn AS payment_before,
           row_number() OVER turn AS nth, lead(h.id) OVER turn IS NULL AS is_last
    FROM orders_orderhistory h
    WHERE {OF.format("h")}
    WINDOW turn AS (PARTITION BY h.organization_id, h.order_id ORDER BY h.id)
)
SELECT o.number, o.status, o.payment_status, h.nth, h.from_status, h.to_status, h.status_before,
       h.from_payment_status, h.to_payment_status, h.payment_before
FROM orders_order o
LEFT JOIN changes h ON h.organization_id = o.organization_id AND h.order_id = o.id
WHERE {OF.format("o")} AND (
    h.id IS NULL
    OR h.from_status IS DISTINCT FROM h.status_before
    OR h.from_payment_status IS DISTINCT FROM h.payment_before
    OR (h.is_last AND (h.to_status, h.to_payment_status) <> (o.status, o.payment_status))
    OR (h.nth > 1 AND h.from_status <> h.to_status AND NOT EXISTS (
        SELECT FROM orders_order_move m
        WHERE m.axis = 'status' AND m.from_state = h.from_status AND m.to_state = h.to_status))
    OR (h.nth > 1 AND h.from_payment_status <> h.to_payment_status AND NOT EXISTS (
        SELECT FROM orders_order_move m
        WHERE m.axis = 'payment_status'
          AND m.from_state = h.from_payment_status AND m.to_state = h.to_payment_status)))
"""

EVENTS = f"""
WITH wanted AS (
    SELECT o.organization_id, 'orders/' || o.id AS subject, 'order.created' AS type, 1 AS count
    FROM orders_order o WHERE {OF.format("o")}
    UNION ALL
    SELECT h.organization_id, 'orders/' || h.order_id, 'order.' || h.to_status, count(*)
    FROM orders_orderhistory h
    WHERE h.from_status IS DISTINCT FROM h.to_status AND h.to_status NOT IN ('draft', 'pending')
      AND {OF.format("h")}
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT t.organization_id, 'tickets/' || t.id, 'ticket.issued', 1
    FROM orders_ticket t
    WHERE {OF.format("t")} AND EXISTS (
        SELECT FROM orders_orderhistory h
        WHERE h.organization_id = t.organization_id AND h.order_id = t.order_id AND h.to_status = 'confirmed')
    UNION ALL
    SELECT t.organization_id, 'tickets/' || t.id, 'ticket.' || t.status, 1
    FROM orders_ticket t WHERE {OF.format("t")} AND t.status IN ('cancelled', 'expired')
), told AS (
    SELECT e.organization_id, e.subject, e.type, count(*) AS count
    FROM core_outboxevent e
    WHERE {OF.format("e")} AND (
        e.type IN ('order.created', 'ticket.issued', 'ticket.cancelled', 'ticket.expired')
        OR replace(e.type, 'order.', '') IN ('confirmed', 'processing', 'shipped', 'delivered', 'completed',
                                             'partially_refunded', 'refunded', 'cancelled', 'expired'))
    GROUP BY 1, 2, 3
)
SELECT coalesce(w.subject, t.subject) AS subject, coalesce(w.type, t.type) AS type,
       w.count AS happened, t.count AS told
FROM wanted w
FULL JOIN told t ON t.organization_id = w.organization_id AND t.subject = w.subject AND t.type = w.type
WHERE w.count IS DISTINCT FROM t.count
"""

NUMBERS = f"""
SELECT o.organization_id, substring(o.number FROM 5 FOR 4) AS year, count(*) AS orders,
       min(substring(o.number FROM 10)::int) AS first, max(substring(o.number FROM 10)::int) AS latest, s.last
FROM orders_order o
LEFT JOIN orders_ordernumberseries s
  ON s.organization_id = o.organization_id AND s.year::text = substring(o.number FROM 5 FOR 4)
WHERE {OF.format("o")} AND o.number LIKE 'ORD-%%'
GROUP BY 1, 2, s.last
HAVING count(*) IS DISTINCT FROM s.last OR min(substring(o.number FROM 10)::int) <> 1
    OR max(substring(o.number FROM 10)::int) <> s.last
"""

CHECKS = {
    "quotas do not count what orders and carts hold": QUOTAS,
    "tickets are not in a state that their order's allows": TICKETS,
    "seats do not agree with live tickets and carts": SEATS,
    "coupons do not count their live uses": COUPONS,
    "coupon uses do not agree with their orders": COUPON_USES,
    "orders are not the sum of their items": SUMS_OF_ORDERS,
    "items are not the sum of their tickets": SUMS_OF_ITEMS,
    "histories are not a legal chain that ends in the order's state": HISTORY,
    "the outbox does not tell exactly what happened": EVENTS,
    "order numbers have gaps": NUMBERS,
}


def assert_books_balance(organization_id: UUID | None = None, *, url: str | None = None) -> None:
    """Check every book against every other, of one organisation or (None) of all.

    ``url`` names another database than Django's own.
    """
    wrong: list[str] = []
    with _cursor(url) as cursor:
        for sentence, sql in CHECKS.items():
            cursor.execute(sql, {"organization": organization_id})
            rows = cursor.fetchall()
            if rows:
                names = [column[0] for column in cursor.description]
                wrong.append(f"{len(rows)} times {sentence}:")
                wrong += [
                    "    " + ", ".join(f"{name}={value}" for name, value in zip(names, row, strict=True))
                    for row in rows[:SHOWN]
                ]
    assert not wrong, "The books do not balance.\n" + "\n".join(wrong)


@contextmanager
def _cursor(url: str | None) -> Iterator[Any]:
    if url is None:
        with connection.cursor() as cursor:
            yield cursor
    else:
        with psycopg.connect(url, autocommit=True) as other, other.cursor() as cursor:
            yield cursor
