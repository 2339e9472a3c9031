"""Places and seats: what is counted is what live tickets, goods and carts hold."""

from __future__ import annotations

from kassa.audit.check import Check, Subject

QUOTAS = Check(
    name="quotas",
    subject=Subject.INVENTORY,
    sentence="quotas do not count what orders and carts hold",
    sql="""
WITH held AS (
    SELECT t.organization_id, q.id AS quota_id,
           count(*) FILTER (WHERE t.status = 'reserved') AS reserved,
           count(*) FILTER (WHERE t.status <> 'reserved') AS sold
    FROM orders_ticket t
    JOIN orders_orderitem i ON i.organization_id = t.organization_id AND i.id = t.item_id
    CROSS JOIN LATERAL unnest(i.quota_ids) AS q(id)
    WHERE t.status IN ('reserved', 'valid', 'used') AND OF(t)
    GROUP BY 1, 2
    UNION ALL
    SELECT i.organization_id, q.id,
           sum(i.quantity) FILTER (WHERE o.status IN ('draft', 'pending')),
           sum(i.quantity - i.restocked_quantity) FILTER (WHERE o.status NOT IN ('draft', 'pending'))
    FROM orders_orderitem i
    JOIN orders_order o ON o.organization_id = i.organization_id AND o.id = i.order_id
    CROSS JOIN LATERAL unnest(i.quota_ids) AS q(id)
    WHERE i.kind = 'merchandise' AND o.status NOT IN ('cancelled', 'expired') AND OF(i)
    GROUP BY 1, 2
    UNION ALL
    SELECT i.organization_id, q.id, sum(i.quantity), 0
    FROM sales_cartitem i
    JOIN sales_cart c ON c.organization_id = i.organization_id AND c.id = i.cart_id
    CROSS JOIN LATERAL unnest(i.quota_ids) AS q(id)
    WHERE c.status = 'active' AND OF(i)
    GROUP BY 1, 2
), wanted AS (
    SELECT organization_id, quota_id, sum(coalesce(reserved, 0)) AS reserved, sum(coalesce(sold, 0)) AS sold
    FROM held GROUP BY 1, 2
)
SELECT coalesce(q.organization_id, w.organization_id) AS organization_id,
       coalesce(q.id, w.quota_id) AS quota, q.name, q.capacity,
       q.reserved, w.reserved AS reserved_by_orders, q.sold, w.sold AS sold_by_orders
FROM (SELECT * FROM inventory_quota q WHERE OF(q)) q
FULL JOIN wanted w ON w.organization_id = q.organization_id AND w.quota_id = q.id
WHERE q.id IS NULL OR q.reserved <> coalesce(w.reserved, 0) OR q.sold <> coalesce(w.sold, 0)
   OR q.reserved + q.sold > q.capacity
""",
)

SEATS = Check(
    name="seats",
    subject=Subject.INVENTORY,
    sentence="seats do not agree with live tickets and carts",
    sql="""
WITH live AS (
    SELECT t.organization_id, t.seat_id, count(*) AS tickets,
           CASE WHEN bool_or(t.status <> 'reserved') THEN 'sold' ELSE 'held' END AS status
    FROM orders_ticket t
    WHERE t.seat_id IS NOT NULL AND t.status IN ('reserved', 'valid', 'used') AND OF(t)
    GROUP BY 1, 2
), carts AS (
    SELECT c.organization_id, s.id AS seat_id, c.id AS cart_id
    FROM sales_cart c
    JOIN sales_cartitem i ON i.organization_id = c.organization_id AND i.cart_id = c.id
    CROSS JOIN LATERAL unnest(i.seat_ids) AS s(id)
    WHERE c.status = 'active' AND OF(c)
)
SELECT s.organization_id, s.id AS seat, s.section, s."row", s.number AS seat_number, s.status, s.cart_id,
       l.tickets AS live_tickets, l.status AS status_by_tickets, c.cart_id AS held_by_cart
FROM seating_eventseat s
LEFT JOIN live l ON l.organization_id = s.organization_id AND l.seat_id = s.id
LEFT JOIN carts c ON c.organization_id = s.organization_id AND c.seat_id = s.id
WHERE OF(s) AND (
    coalesce(l.tickets, 0) > 1
    OR (l.seat_id IS NOT NULL AND c.seat_id IS NOT NULL)
    OR s.cart_id IS DISTINCT FROM c.cart_id
    OR CASE
        WHEN l.seat_id IS NOT NULL THEN s.status <> l.status
        WHEN c.seat_id IS NOT NULL THEN s.status <> 'held'
        ELSE s.status NOT IN ('available', 'blocked')
    END)
""",
)

CHECKS = (QUOTAS, SEATS)
