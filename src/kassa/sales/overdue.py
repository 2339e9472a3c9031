"""Holds that are over but not released yet: what readers may already count as given back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection

from kassa.core.database import plain_array
from kassa.inventory.models import Quota

OVERDUE_PLACES = """
WITH over_orders AS MATERIALIZED (
    SELECT o.id FROM orders_order o
    WHERE o.organization_id = %(organization)s AND o.status IN ('draft', 'pending')
      AND o.expires_at IS NOT NULL AND o.expires_at <= %(now)s
      AND (o.payment_awaited_until IS NULL OR o.payment_awaited_until <= %(now)s)
), over_carts AS MATERIALIZED (
    SELECT c.id FROM sales_cart c
    WHERE c.organization_id = %(organization)s AND c.status = 'active' AND c.expires_at <= %(now)s
), held AS (
    SELECT unnest(i.quota_ids) AS quota_id, i.quantity FROM over_orders
    JOIN orders_orderitem i ON i.organization_id = %(organization)s AND i.order_id = over_orders.id
    UNION ALL
    SELECT unnest(i.quota_ids), i.quantity FROM over_carts
    JOIN sales_cartitem i ON i.organization_id = %(organization)s AND i.cart_id = over_carts.id
)
SELECT quota_id, sum(quantity)::bigint FROM held
WHERE quota_id = ANY(%(quotas)s::uuid[]) GROUP BY quota_id
"""
OVERDUE_SEATS = """
WITH over_orders AS MATERIALIZED (
    SELECT o.id FROM orders_order o
    WHERE o.organization_id = %(organization)s AND o.status IN ('draft', 'pending')
      AND o.expires_at IS NOT NULL AND o.expires_at <= %(now)s
      AND (o.payment_awaited_until IS NULL OR o.payment_awaited_until <= %(now)s)
), over_carts AS MATERIALIZED (
    SELECT c.id FROM sales_cart c
    WHERE c.organization_id = %(organization)s AND c.status = 'active' AND c.expires_at <= %(now)s
), over_seats AS (
    SELECT k.seat_id FROM over_orders
    JOIN orders_ticket k ON k.organization_id = %(organization)s AND k.order_id = over_orders.id
    WHERE k.status = 'reserved'
    UNION ALL
    SELECT s.id FROM over_carts
    JOIN seating_eventseat s ON s.organization_id = %(organization)s AND s.cart_id = over_carts.id
)
SELECT s.id FROM over_seats
JOIN seating_eventseat s ON s.organization_id = %(organization)s AND s.id = over_seats.seat_id
WHERE s.event_id = %(event)s AND s.status = 'held'
"""


def overdue_places(organization_id: UUID, quota_ids: Iterable[UUID], *, now: datetime) -> dict[UUID, int]:
    """Return by quota how many reserved places have a hold that is over; quotas without any are left out."""
    wanted = set(quota_ids)
    if not wanted:
        return {}
    quotas = plain_array(wanted)
    with connection.cursor() as cursor:
        cursor.execute(OVERDUE_PLACES, {"organization": organization_id, "now": now, "quotas": quotas})
        return dict(cursor.fetchall())


def count_overdue_as_free(organization_id: UUID, quotas: Iterable[Quota | None], *, now: datetime) -> None:
    """Lower ``reserved`` of quotas that have been read by what is over, in one query; nothing is saved.

    The quotas are for showing only from then on. They are read first: what the worker releases
    between the two reads then shows as taken for once, never as free twice.
    """
    by_id = {quota.id: quota for quota in quotas if quota is not None and quota.reserved}
    for quota_id, places in overdue_places(organization_id, by_id, now=now).items():
        by_id[quota_id].reserved = max(by_id[quota_id].reserved - places, 0)


def overdue_seat_ids(organization_id: UUID, event_id: UUID, *, now: datetime) -> set[UUID]:
    """Return an event's seats that are held only by what is over."""
    with connection.cursor() as cursor:
        cursor.execute(OVERDUE_SEATS, {"organization": organization_id, "event": event_id, "now": now})
        return {seat_id for (seat_id,) in cursor.fetchall()}
