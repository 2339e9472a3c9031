"""Confirming: reserved places become sold, tickets become valid."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from kassa.core.database import Statements
from kassa.inventory.domain.places import PlaceMoves, move_places
from kassa.orders.domain.tell import tell_orders
from kassa.seating.domain.hold import move_seats
from kassa.seating.enums import SeatStatus

CONFIRM = """
UPDATE orders_order SET status = 'confirmed', payment_status = 'paid', expires_at = NULL,
    confirmed_at = %s, paid_at = %s, updated_at = %s
WHERE organization_id = %s AND id = %s AND status IN ('draft', 'pending')
"""
ITEMS = "SELECT quota_ids, quantity FROM orders_orderitem WHERE organization_id = %s AND order_id = %s"
VALIDATE_TICKETS = """
UPDATE orders_ticket SET status = 'valid', updated_at = %s
WHERE organization_id = %s AND order_id = %s AND status = 'reserved'
RETURNING seat_id
"""


def confirm_locked(
    database: Statements, organization_id: UUID, order_id: UUID, *, now: datetime
) -> dict[str, Any]:
    """Confirm an order that the caller has locked and found to be holding; return its document."""
    with database.trip():
        database.queue(CONFIRM, (now, now, now, organization_id, order_id))
        items = database.queue(ITEMS, (organization_id, order_id))
        tickets = database.queue(VALIDATE_TICKETS, (now, organization_id, order_id))
    seats = [seat_id for (seat_id,) in tickets if seat_id is not None]
    moves = PlaceMoves()
    for quota_ids, quantity in items:
        moves.release(quota_ids, quantity)
        moves.sell(quota_ids, quantity)
    with database.trip():
        if seats:
            move_seats(
                database,
                organization_id,
                seat_ids=seats,
                from_status=(SeatStatus.HELD,),
                to_status=SeatStatus.SOLD,
            )
        move_places(database, organization_id, moves)
    documents = tell_orders(
        database,
        organization_id,
        [order_id],
        order_event_name="order.confirmed",
        ticket_event_name="ticket.issued",
        now=now,
    )
    return documents[order_id]
