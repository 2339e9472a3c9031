"""What refunds do to orders: the amounts on them, their states, the tickets that end, the places set free.

Payments decides what is given back and moves the money; whatever of it stands on an order is written here.
The caller holds the locks of the orders, and of all they draw on where places are set free.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from kassa.core.database import Statements, plain_array
from kassa.core.outbox import write_events
from kassa.coupons.domain.uses import count_uses
from kassa.inventory.domain.places import PlaceMoves, move_places
from kassa.orders.domain.events import mask_order, order_event, ticket_events
from kassa.orders.domain.release import RELEASE_USES, count_released
from kassa.orders.enums import OrderStatus, PaymentStatus
from kassa.orders.models import Order
from kassa.orders.queries import order_documents
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
MOVE_ORDERS = """
UPDATE orders_order o SET status = d.status, updated_at = %s
FROM unnest(%s::uuid[], %s::text[]) AS d(id, status)
WHERE o.organization_id = %s AND o.id = d.id AND o.status <> d.status
"""
PROMISED = """
UPDATE orders_order o SET refunding_amount = o.refunding_amount + d.amount, updated_at = %s
FROM unnest(%s::uuid[], %s::numeric[]) AS d(id, amount) WHERE o.organization_id = %s AND o.id = d.id
"""
PAID_BACK = """
UPDATE orders_order o SET refunded_amount = o.refunded_amount + d.amount,
    refunding_amount = o.refunding_amount - d.amount, updated_at = %s,
    payment_status = CASE
        WHEN o.payment_status NOT IN ('paid', 'partially_refunded') THEN o.payment_status
        WHEN o.refunded_amount + d.amount >= o.total THEN 'refunded' ELSE 'partially_refunded' END
FROM unnest(%s::uuid[], %s::numeric[]) AS d(id, amount) WHERE o.organization_id = %s AND o.id = d.id
"""
OWED_AGAIN = """
UPDATE orders_order SET refunded_amount = refunded_amount - %s, refunding_amount = refunding_amount + %s,
    updated_at = %s, payment_status = CASE
        WHEN payment_status NOT IN ('refunded', 'partially_refunded') THEN payment_status
        WHEN refunded_amount - %s > 0 THEN 'partially_refunded' ELSE 'paid' END
WHERE organization_id = %s AND id = %s
"""


@dataclass(frozen=True, slots=True)
class ReturnedGoods:
    """Pieces of an item that are given back."""

    item_id: UUID
    quantity: int
    is_restocked: bool
    """Whether they can be sold again."""


@dataclass(frozen=True, slots=True)
class OrderRefund:
    """A locked order, and what a refund takes back of it."""

    order: Any
    ticket_ids: tuple[UUID, ...]
    goods: tuple[ReturnedGoods, ...]
    ends_order: bool
    """Whether nothing of the order is left afterwards."""

    @property
    def status(self) -> OrderStatus:
        """The status the order has afterwards."""
        if self.ends_order or self.order.status == OrderStatus.REFUNDED:
            return OrderStatus.REFUNDED
        return OrderStatus.PARTIALLY_REFUNDED

    @property
    def is_ending(self) -> bool:
        """Whether the order gives back now all that it still holds."""
        return self.ends_order and self.order.status != OrderStatus.REFUNDED


def apply_refunds(
    database: Statements, organization_id: UUID, refunds: Sequence[OrderRefund], *, now: datetime
) -> None:
    """End the tickets given back, free their places, and move the orders."""
    goods = [back for refund in refunds for back in refund.goods]
    refunded = _sum_quantities((back.item_id, back.quantity) for back in goods)
    restocked = _sum_quantities((back.item_id, back.quantity) for back in goods if back.is_restocked)
    order_ids = plain_array([refund.order.id for refund in refunds])
    ticket_ids = plain_array([ticket_id for refund in refunds for ticket_id in refund.ticket_ids])
    ending = plain_array([refund.order.id for refund in refunds if refund.is_ending])
    statuses = plain_array([refund.status.value for refund in refunds])
    with database.trip():
        items = database.queue(ITEMS, (organization_id, order_ids), named=True)
        ended = database.queue(END_TICKETS, (now, organization_id, ticket_ids))
        released = database.queue(RELEASE_USES, (now, organization_id, ending))
        database.queue(MOVE_ORDERS, (now, order_ids, statuses, organization_id))
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


def publish_refunded(
    database: Statements, organization_id: UUID, refunds: Sequence[OrderRefund], *, now: datetime
) -> None:
    """Write the events of the orders that have moved and of the tickets that have ended."""
    documents = order_documents(organization_id, [refund.order.id for refund in refunds], now=now)
    events = []
    for refund in refunds:
        order_id, document = refund.order.id, mask_order(documents[refund.order.id])
        if refund.status != refund.order.status:
            events.append(order_event(f"order.{refund.status}", order_id, orjson.dumps(document)))
        ended = {str(ticket_id) for ticket_id in refund.ticket_ids}
        tickets = [ticket for ticket in document["tickets"] if ticket["id"] in ended]
        events.extend(ticket_events("ticket.refunded", {**document, "tickets": tickets}))
    write_events(database, organization_id, events, now=now)


def add_promised(
    database: Statements, organization_id: UUID, amounts: Mapping[UUID, Decimal], *, now: datetime
) -> None:
    """Queue that amounts are promised back of orders, by their id; they are not with the buyers yet."""
    if amounts:
        database.queue(PROMISED, (now, plain_array(amounts), plain_array(amounts.values()), organization_id))


def add_paid_back(
    database: Statements, organization_id: UUID, amounts: Mapping[UUID, Decimal], *, now: datetime
) -> None:
    """Queue that promised amounts are with the buyers; how the orders are paid follows."""
    database.queue(PAID_BACK, (now, plain_array(amounts), plain_array(amounts.values()), organization_id))


def take_off_paid_back(
    database: Statements, organization_id: UUID, order_id: UUID, amount: Decimal, *, now: datetime
) -> None:
    """Queue that an amount paid back has bounced: it is promised again."""
    database.queue(OWED_AGAIN, (amount, amount, now, amount, organization_id, order_id))


def add_lost(organization_id: UUID, order: Any, amount: Decimal, *, now: datetime) -> None:
    """Count an amount as refunded that the buyer's bank has taken from a locked order."""
    back = order.refunded_amount + amount
    Order.objects.of(organization_id).filter(id=order.id).update(
        refunded_amount=back,
        payment_status=PaymentStatus.REFUNDED if back >= order.total else PaymentStatus.PARTIALLY_REFUNDED,
        updated_at=now,
    )


def _sum_quantities(pairs: Iterable[tuple[UUID, int]]) -> Counter[UUID]:
    """Return how many pieces of each item: an item may be given back in several parts."""
    sums: Counter[UUID] = Counter()
    for item_id, quantity in pairs:
        sums[item_id] += quantity
    return sums
