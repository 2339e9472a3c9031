"""A payment that comes after the hold was over takes the places again, if they are still free."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from kassa.core.database import Statements
from kassa.coupons.domain.uses import count_uses
from kassa.inventory.domain.places import PlaceMoves, move_places
from kassa.orders.domain.confirm import PaidBy
from kassa.orders.domain.events import publish_orders
from kassa.seating.domain.hold import move_seats
from kassa.seating.enums import SeatStatus

CONFIRM_EXPIRED = """
UPDATE orders_order SET status = 'confirmed', payment_status = 'paid', expires_at = NULL, expired_at = NULL,
    confirmed_at = %s, paid_at = %s, updated_at = %s, payment_id = %s, payment_method = %s
WHERE organization_id = %s AND id = %s AND status = 'expired'
"""
EVENTS_CANCELLED = """
SELECT count(*) FROM orders_orderitem i
JOIN catalog_event e ON e.organization_id = i.organization_id AND e.id = i.event_id
WHERE i.organization_id = %s AND i.order_id = %s AND (e.status <> 'published' OR e.deleted_at IS NOT NULL)
"""
ITEMS = "SELECT quota_ids, quantity FROM orders_orderitem WHERE organization_id = %s AND order_id = %s"
REVIVE_TICKETS = """
UPDATE orders_ticket SET status = 'valid', updated_at = %s
WHERE organization_id = %s AND order_id = %s AND status = 'expired'
RETURNING seat_id
"""
REVIVE_USE = """
UPDATE orders_couponusage u SET released_at = NULL, nth = (
    SELECT min(turn) FROM generate_series(1, u.limit_at_use) AS turn
    WHERE NOT EXISTS (
        SELECT FROM orders_couponusage other
        WHERE other.organization_id = u.organization_id AND other.coupon_id = u.coupon_id
          AND other.customer_key = u.customer_key AND other.released_at IS NULL AND other.nth = turn))
WHERE u.organization_id = %s AND u.order_id = %s AND u.released_at IS NOT NULL
RETURNING u.coupon_id
"""


class _Gone(Exception):
    """Something of the order is not to be had any more."""


def take_back_order(
    database: Statements, organization_id: UUID, order_id: UUID, *, paid_by: PaidBy, now: datetime
) -> bool:
    """Confirm an expired order if its places, its seats and its coupon use are all still free.

    The caller has locked the order. Returns False, with nothing changed, when anything of it is gone: the
    database itself refuses a seat, a place, a booking or a coupon use that somebody else has now.
    """
    try:
        with transaction.atomic(), connection.wrap_database_errors:
            _take_back(database, organization_id, order_id, paid_by, now)
    except (IntegrityError, _Gone):
        return False
    publish_orders(
        database,
        organization_id,
        [order_id],
        order_event_name="order.confirmed",
        ticket_event_name="ticket.issued",
        now=now,
    )
    return True


def _take_back(
    database: Statements, organization_id: UUID, order_id: UUID, paid_by: PaidBy, now: datetime
) -> None:
    own = (organization_id, order_id)
    if database.queue(EVENTS_CANCELLED, own).fetchall() != [(0,)]:
        raise _Gone
    confirmed = (now, now, now, paid_by.payment_id, paid_by.method, *own)
    if database.queue(CONFIRM_EXPIRED, confirmed).rowcount != 1:
        raise _Gone
    items = database.queue(ITEMS, own).fetchall()
    tickets = database.queue(REVIVE_TICKETS, (now, *own)).fetchall()
    seats = [seat_id for (seat_id,) in tickets if seat_id is not None]
    if seats:
        taken = move_seats(
            database,
            organization_id,
            seat_ids=seats,
            from_status=(SeatStatus.AVAILABLE,),
            to_status=SeatStatus.SOLD,
        )
        if taken.rowcount != len(seats):
            raise _Gone
    uses = database.queue(REVIVE_USE, own).fetchall()
    count_uses(database, organization_id, {coupon_id: 1 for (coupon_id,) in uses})
    moves = PlaceMoves()
    for quota_ids, quantity in items:
        moves.sell(quota_ids, quantity)
    move_places(database, organization_id, moves)
