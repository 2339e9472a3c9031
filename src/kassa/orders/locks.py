"""Row locks around changes of orders, in the one order: quotas, seats, coupons, orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from kassa.core.command_context import CommandContext
from kassa.core.database import Statements, plain_array, statements
from kassa.coupons.locks import lock_coupons
from kassa.inventory.locks import lock_quotas
from kassa.seating.locks import lock_seats

WHAT_ORDERS_HOLD = """
SELECT ARRAY(SELECT DISTINCT q FROM orders_orderitem i, unnest(i.quota_ids) q
             WHERE i.organization_id = %s AND i.order_id = ANY(%s::uuid[])),
       ARRAY(SELECT t.seat_id FROM orders_ticket t
             WHERE t.organization_id = %s AND t.order_id = ANY(%s::uuid[])
               AND t.seat_id IS NOT NULL),
       ARRAY(SELECT u.coupon_id FROM orders_couponusage u
             WHERE u.organization_id = %s AND u.order_id = ANY(%s::uuid[]))
"""
LOCK_ORDERS = """
SELECT id, organization_id, number, status, payment_status, fulfilment_status, approval, expires_at, total,
       currency, fees, shipping, charge_taxes, refunded_amount, refunding_amount, payment_attempts, user_id,
       confirmed_at
FROM orders_order
WHERE organization_id = %s AND id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE
"""
NAME_ACTOR = """
SELECT set_config('kassa.actor_id', %s, true), set_config('kassa.actor_kind', %s, true),
       set_config('kassa.reason', %s, true)
"""


def lock_orders(context: CommandContext, order_ids: Sequence[UUID]) -> tuple[Statements, list[Any]]:
    """Lock orders and all they hold, in the one order of locks, and read the orders as they are then.

    Call it inside a transaction. What an order holds never grows after it was placed, so
    reading that first, without a lock, is safe.
    """
    organization_id = context.organization_id
    database = statements()
    held = database.queue(WHAT_ORDERS_HOLD, (organization_id, plain_array(order_ids)) * 3).fetchone()
    quota_ids, seat_ids, coupon_ids = held if held is not None else ((), (), ())
    with database.trip():
        database.queue(
            NAME_ACTOR,
            (str(context.actor.id or ""), context.actor.kind.value, context.reason),
        )
        lock_quotas(database, organization_id, quota_ids)
        if seat_ids:
            lock_seats(database, organization_id, seat_ids)
        if coupon_ids:
            lock_coupons(database, organization_id, coupon_ids)
        rows = database.queue(LOCK_ORDERS, (organization_id, plain_array(sorted(order_ids))), named=True)
    return database, rows.fetchall()
