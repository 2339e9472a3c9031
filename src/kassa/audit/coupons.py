"""Coupons: each counts its live uses, and a use lives as long as its order."""

from __future__ import annotations

from kassa.audit.check import Check, Subject

COUPONS = Check(
    name="coupons",
    subject=Subject.ORDERS,
    sentence="coupons do not count their live uses",
    sql="""
WITH uses AS (
    SELECT u.organization_id, u.coupon_id, count(DISTINCT u.order_id) AS live
    FROM orders_couponusage u WHERE OF(u) AND u.released_at IS NULL GROUP BY 1, 2
)
SELECT c.organization_id, c.id AS coupon, c.code, c.current_usage_count, c.max_usage_total,
       coalesce(u.live, 0) AS live
FROM coupons_coupon c
LEFT JOIN uses u ON u.organization_id = c.organization_id AND u.coupon_id = c.id
WHERE OF(c) AND (c.current_usage_count <> coalesce(u.live, 0) OR u.live > c.max_usage_total)
""",
)

COUPON_USES = Check(
    name="coupon_uses",
    subject=Subject.ORDERS,
    sentence="coupon uses do not agree with their orders",
    sql="""
SELECT u.organization_id, o.id AS order_id, o.number, o.status, u.id AS usage, u.customer_key, u.nth,
       u.released_at
FROM orders_couponusage u
JOIN orders_order o ON o.organization_id = u.organization_id AND o.id = u.order_id
WHERE OF(u)
  AND ((u.released_at IS NULL) = (o.status IN ('cancelled', 'expired', 'refunded')) OR o.coupon_code IS NULL)
UNION ALL
SELECT o.organization_id, o.id, o.number, o.status, NULL, o.customer_key, NULL, NULL
FROM orders_order o
WHERE OF(o) AND o.coupon_code IS NOT NULL AND NOT EXISTS (
    SELECT FROM orders_couponusage u
    WHERE u.organization_id = o.organization_id AND u.order_id = o.id AND u.customer_key = o.customer_key)
""",
)

LIMIT_USES = Check(
    name="limit_uses",
    subject=Subject.ORDERS,
    sentence="what is limited for each customer does not agree with their tickets and goods",
    sql="""
SELECT u.organization_id, o.id AS order_id, o.number, o.status, t.id AS ticket_id, t.status AS ticket_status,
       u.id AS use, u.customer_key, u.nth, u.released_at
FROM orders_limituse u
JOIN orders_order o ON o.organization_id = u.organization_id AND o.id = u.order_id
LEFT JOIN orders_ticket t ON t.organization_id = u.organization_id AND t.id = u.ticket_id
WHERE OF(u) AND (t.order_id <> o.id OR (u.released_at IS NULL) <> CASE
    WHEN t.id IS NOT NULL THEN t.status IN ('reserved', 'valid', 'used')
    WHEN o.status IN ('cancelled', 'expired', 'refunded') THEN false
    ELSE u.released_at IS NULL END)
UNION ALL
SELECT t.organization_id, o.id, o.number, o.status, t.id, t.status, NULL, t.booking_key, NULL, NULL
FROM orders_ticket t
JOIN orders_order o ON o.organization_id = t.organization_id AND o.id = t.order_id
WHERE OF(t) AND t.booking_key IS NOT NULL AND t.status IN ('reserved', 'valid', 'used') AND NOT EXISTS (
    SELECT FROM orders_limituse u
    WHERE u.organization_id = t.organization_id AND u.ticket_id = t.id AND u.customer_key = t.booking_key
      AND u.released_at IS NULL)
UNION ALL
SELECT i.organization_id, o.id, o.number, o.status, NULL, NULL, NULL, u.customer_key, count(*)::int, NULL
FROM orders_limituse u
JOIN orders_orderitem i ON i.organization_id = u.organization_id AND i.id = u.item_id
JOIN orders_order o ON o.organization_id = u.organization_id AND o.id = u.order_id
WHERE OF(u) AND u.ticket_id IS NULL AND u.released_at IS NULL
GROUP BY i.organization_id, o.id, o.number, o.status, i.id, i.quantity, i.refunded_quantity, u.customer_key,
         u.limited_id
HAVING count(*) <> i.quantity - i.refunded_quantity
""",
)

CHECKS = (COUPONS, COUPON_USES, LIMIT_USES)
