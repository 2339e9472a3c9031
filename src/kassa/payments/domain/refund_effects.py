"""What a refund does to an order: tickets end, places and seats are free, states follow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from kassa.core.command_context import CommandContext
from kassa.core.database import Statements, plain_array
from kassa.core.outbox import write_events
from kassa.coupons.domain.uses import count_uses
from kassa.inventory.domain.places import PlaceMoves, move_places
from kassa.orders.domain.events import order_event, ticket_events
from kassa.orders.domain.release import count_released
from kassa.orders.enums import OrderStatus
from kassa.orders.queries import order_documents
from kassa.payments.domain.refund_plan import Plan
from kassa.seating.domain.hold import move_seats
from kassa.seating.enums import SeatStatus

# In the order of their ids, as the door locks them.
END_TICKETS = """
UPDATE orders_ticket t SET status = 'refunded', updated_at = %s
FROM (SELECT organization_id, id FROM orders_ticket
      WHERE organization_id = %s AND id = ANY(%s::uuid[]) AND status IN ('valid', 'used')
      ORDER BY id FOR NO KEY UPDATE) AS locked
WHERE t.organization_id = locked.organization_id AND t.id = locked.id
RETURNING t.item_id, t.seat_id
"""
ITEMS = """
SELECT id, quota_ids FROM orders_orderitem WHERE organization_id = %s AND order_id = ANY(%s::uuid[])
"""
GOODS_BACK = """
UPDATE orders_orderitem i SET refunded_quantity = i.refunded_quantity + d.refunded,
    restocked_quantity = i.restocked_quantity + d.restocked
FROM unnest(%s::uuid[], %s::int[], %s::int[]) AS d(id, refunded, restocked)
WHERE i.organization_id = %s AND i.id = d.id
"""
RELEASE_USES = """
UPDATE orders_couponusage SET released_at = %s
WHERE organization_id = %s AND order_id = ANY(%s::uuid[]) AND released_at IS NULL
RETURNING order_id, coupon_id
"""
MOVE_ORDERS = """
UPDATE orders_order o SET status = d.status, updated_at = %s
FROM unnest(%s::uuid[], %s::text[]) AS d(id, status)
WHERE o.organization_id = %s AND o.id = d.id AND o.status <> d.status
"""


@dataclass(frozen=True, slots=True)
class Planned:
    """A locked order and what a refund gives back of it."""

    order: Any
    plan: Plan

    @property
    def status(self) -> OrderStatus:
        """The status the order has afterwards."""
        if self.plan.ends_order or self.order.status == OrderStatus.REFUNDED:
            return OrderStatus.REFUNDED
        return OrderStatus.PARTIALLY_REFUNDED

    @property
    def is_ending(self) -> bool:
        """Whether the order gives back now all that it still holds."""
        return self.plan.ends_order and self.order.status != OrderStatus.REFUNDED


def apply_refunds(
    database: Statements, organization_id: UUID, planned: Mapping[UUID, Planned], *, context: CommandContext
) -> None:
    """End the tickets given back, free their places, and move the orders; the caller holds the locks."""
    ticket_ids = [ticket_id for of_order in planned.values() for ticket_id, _ in of_order.plan.tickets]
    ending = [order_id for order_id, of_order in planned.items() if of_order.is_ending]
    goods = [back for of_order in planned.values() for back in of_order.plan.goods]
    refunded = _sum_quantities((back.item_id, back.quantity) for back in goods)
    restocked = _sum_quantities((back.item_id, back.quantity) for back in goods if back.restock)
    with database.trip():
        items = database.queue(ITEMS, (organization_id, plain_array(planned)), named=True)
        ended = database.queue(END_TICKETS, (context.now, organization_id, plain_array(ticket_ids)))
        released = database.queue(RELEASE_USES, (context.now, organization_id, plain_array(ending)))
        database.queue(
            MOVE_ORDERS,
            (
                context.now,
                plain_array(planned),
                plain_array([of_order.status.value for of_order in planned.values()]),
                organization_id,
            ),
        )
    tickets = ended.fetchall()
    counts = Counter(item_id for item_id, _ in tickets)
    moves = PlaceMoves()
    for item in items:
        moves.take_back(item.quota_ids, counts[item.id] + restocked[item.id])
    seats = [seat_id for _, seat_id in tickets if seat_id is not None]
    uses = count_released(released)
    with database.trip():
        if goods:
            database.queue(
                GOODS_BACK,
                (
                    plain_array(refunded),
                    plain_array(refunded.values()),
                    plain_array([restocked[item_id] for item_id in refunded]),
                    organization_id,
                ),
            )
        if seats:
            move_seats(
                database,
                organization_id,
                seat_ids=seats,
                from_status=(SeatStatus.SOLD,),
                to_status=SeatStatus.AVAILABLE,
            )
        count_uses(database, organization_id, {coupon: -count for coupon, count in uses.items()})
        move_places(database, organization_id, moves)


def _sum_quantities(pairs: Iterable[tuple[UUID, int]]) -> Counter[UUID]:
    """Return how many pieces of each item: an item may be given back in several parts."""
    sums: Counter[UUID] = Counter()
    for item_id, quantity in pairs:
        sums[item_id] += quantity
    return sums


def tell_refunded(
    database: Statements, organization_id: UUID, planned: Mapping[UUID, Planned], *, context: CommandContext
) -> None:
    """Tell of the orders that have moved and of the tickets that ended."""
    documents = order_documents(organization_id, planned, now=context.now)
    events = []
    for order_id, of_order in planned.items():
        document = documents[order_id]
        if of_order.status != of_order.order.status:
            events.append(order_event(f"order.{of_order.status}", order_id, orjson.dumps(document)))
        ended = {str(ticket_id) for ticket_id, _ in of_order.plan.tickets}
        tickets = [ticket for ticket in document["tickets"] if ticket["id"] in ended]
        events.extend(ticket_events("ticket.refunded", {**document, "tickets": tickets}))
    write_events(database, organization_id, events, now=context.now)
