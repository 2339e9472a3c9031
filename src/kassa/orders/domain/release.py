"""Giving back what orders hold: places, seats, coupon uses, when they end without being kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from kassa.core.database import Statements, plain_array
from kassa.coupons.domain.uses import count_uses
from kassa.inventory.domain.places import PlaceMoves, move_places
from kassa.orders.enums import TicketStatus
from kassa.seating.domain.hold import move_seats
from kassa.seating.enums import SeatStatus

# The door locks tickets without their orders, in the order of their ids: so does all that ends several.
END_TICKETS = """
UPDATE orders_ticket t SET status = %s, updated_at = %s
FROM (SELECT organization_id, id FROM orders_ticket
      WHERE organization_id = %s AND order_id = ANY(%s::uuid[]) AND status IN ('reserved', 'valid')
      ORDER BY id FOR NO KEY UPDATE) AS locked
WHERE t.organization_id = locked.organization_id AND t.id = locked.id
RETURNING t.item_id, t.seat_id
"""
HELD_ITEMS = """
SELECT id, quota_ids, kind, quantity - restocked_quantity FROM orders_orderitem
WHERE organization_id = %s AND order_id = ANY(%s::uuid[])
"""
RELEASE_USES = """
UPDATE orders_couponusage SET released_at = %s
WHERE organization_id = %s AND order_id = ANY(%s::uuid[]) AND released_at IS NULL
RETURNING order_id, coupon_id
"""


def release_orders(
    database: Statements,
    organization_id: UUID,
    order_ids: Sequence[UUID],
    *,
    ticket_status: TicketStatus,
    were_sold: bool,
    now: datetime,
) -> None:
    """Give back everything that orders hold; the caller holds the locks and has moved the orders.

    ``were_sold``: their places were sold already, not just reserved. Goods that refunds have put into stock
    again are not given back a second time.
    """
    orders = plain_array(order_ids)
    with database.trip():
        items = database.queue(HELD_ITEMS, (organization_id, orders))
        ended = database.queue(END_TICKETS, (ticket_status.value, now, organization_id, orders))
        released = database.queue(RELEASE_USES, (now, organization_id, orders))
    tickets = ended.fetchall()
    live = Counter(item_id for item_id, _ in tickets)
    moves = PlaceMoves()
    for item_id, quota_ids, kind, pieces in items:
        count = pieces if kind == "merchandise" else live[item_id]
        (moves.take_back if were_sold else moves.release)(quota_ids, count)
    seats = [seat_id for _, seat_id in tickets if seat_id is not None]
    with database.trip():
        if seats:
            move_seats(
                database,
                organization_id,
                seat_ids=seats,
                from_status=(SeatStatus.HELD, SeatStatus.SOLD),
                to_status=SeatStatus.AVAILABLE,
            )
        uses = count_released(released)
        count_uses(database, organization_id, {coupon: -count for coupon, count in uses.items()})
        move_places(database, organization_id, moves)


def count_released(rows: Iterable[Any]) -> Counter[UUID]:
    """Count the orders that used each coupon; each has a row for each key of its customer."""
    return Counter(coupon_id for _, coupon_id in {tuple(row) for row in rows})
