"""Coupons: each counts its live uses, and a use lives as long as its order."""

from __future__ import annotations

from kassa.audit.check import Check, Subject

COUPONS = Check(
    name="coupons",
    subject=Subject.ORDERS,
    sentence="coupons do not count their live uses",
    sql="""
WITH uses AS (
    SELECT u.organization_id, u.coupon_id, count(*) AS live
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
  AND ((u.released_at IS NULL) = (o.status IN ('cancelled', 'expired', 'refunded')) OR o.coupon_code IS NULL
       OR u.customer_key <> o.customer_key)
UNION ALL
SELECT o.organization_id, o.id, o.number, o.status, NULL, o.customer_key, NULL, NULL
FROM orders_order o
WHERE OF(o) AND o.coupon_code IS NOT NULL AND NOT EXISTS (
    SELECT FROM orders_couponusage u WHERE u.organization_id = o.organization_id AND u.order_id = o.id)
""",
)

CHECKS = (COUPONS, COUPON_USES)
