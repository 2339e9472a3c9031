"""Confirming: reserved places become sold, tickets become valid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kassa.core.database import Statements, plain_array, text_array
from kassa.inventory.domain.places import PlaceMoves, move_places
from kassa.orders.domain.events import publish_orders
from kassa.seating.domain.hold import move_seats
from kassa.seating.enums import SeatStatus

CONFIRM = """
UPDATE orders_order o SET status = 'confirmed', payment_status = 'paid', expires_at = NULL,
    confirmed_at = %s, paid_at = %s, updated_at = %s, payment_id = d.payment_id, payment_method = d.method
FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) AS d(id, payment_id, method)
WHERE o.organization_id = %s AND o.id = d.id AND o.status IN ('draft', 'pending')
"""
ITEMS = """
SELECT quota_ids, quantity FROM orders_orderitem WHERE organization_id = %s AND order_id = ANY(%s::uuid[])
"""
VALIDATE_TICKETS = """
UPDATE orders_ticket SET status = 'valid', updated_at = %s
WHERE organization_id = %s AND order_id = ANY(%s::uuid[]) AND status = 'reserved'
RETURNING seat_id
"""


@dataclass(frozen=True, slots=True)
class PaidBy:
    """The payment that confirms an order; without one it was free, or is confirmed by hand."""

    payment_id: UUID | None = None
    method: str | None = None


def confirm_orders(
    database: Statements, organization_id: UUID, paid: Mapping[UUID, PaidBy], *, now: datetime
) -> dict[UUID, dict[str, Any]]:
    """Confirm orders that the caller has locked and found to be holding; return their documents."""
    order_ids = list(paid)
    orders = plain_array(order_ids)
    with database.trip():
        database.queue(
            CONFIRM,
            (
                now,
                now,
                now,
                orders,
                plain_array([by.payment_id for by in paid.values()]),
                text_array([by.method for by in paid.values()]),
                organization_id,
            ),
        )
        items = database.queue(ITEMS, (organization_id, orders))
        tickets = database.queue(VALIDATE_TICKETS, (now, organization_id, orders))
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
    return publish_orders(
        database,
        organization_id,
        order_ids,
        order_event_name="order.confirmed",
        ticket_event_name="ticket.issued",
        now=now,
    )


def confirm_locked(
    database: Statements,
    organization_id: UUID,
    order_id: UUID,
    *,
    now: datetime,
    paid_by: PaidBy | None = None,
) -> dict[str, Any]:
    """Confirm one order that the caller has locked and found to be holding; return its document."""
    paid = {order_id: paid_by or PaidBy()}
    return confirm_orders(database, organization_id, paid, now=now)[order_id]
