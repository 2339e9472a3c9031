"""Planned orders are written: a few statements for a whole batch, in the caller's transaction."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

import orjson

from kassa.core.database import Statements, plain_array, text_array
from kassa.core.ids import new_id
from kassa.coupons.domain.uses import count_uses
from kassa.importers.payments import book_payments
from kassa.importers.room import Taken, place_in_series
from kassa.inventory.domain.places import PlaceMoves, move_places
from kassa.orders.domain.numbers import take_numbers
from kassa.orders.domain.record import NewOrder, record_orders
from kassa.orders.enums import OrderStatus
from kassa.orders.models import CouponUsage
from kassa.sales.domain.offers import CouponOffer
from kassa.seating.domain.hold import give_seats
from kassa.seating.enums import SeatStatus

FINISH_ORDERS = """
UPDATE orders_order o SET created_at = d.created_at, refunded_amount = d.refunded_amount,
    tracking_number = d.tracking_number, shipped_at = d.shipped_at, delivered_at = d.delivered_at,
    cancelled_at = d.cancelled_at, cancellation_reason = d.cancellation_reason, expired_at = d.expired_at,
    imported_from = %s
FROM unnest(%s::uuid[], %s::timestamptz[], %s::numeric[], %s::text[], %s::timestamptz[], %s::timestamptz[],
            %s::timestamptz[], %s::text[], %s::timestamptz[])
     AS d(id, created_at, refunded_amount, tracking_number, shipped_at, delivered_at,
          cancelled_at, cancellation_reason, expired_at)
WHERE o.organization_id = %s AND o.id = d.id
"""
FINISH_ITEMS = """
UPDATE orders_orderitem i SET created_at = d.created_at, metadata = d.metadata::jsonb,
    refunded_quantity = CASE WHEN d.is_refunded AND i.kind = 'merchandise' THEN i.quantity ELSE 0 END,
    restocked_quantity = CASE WHEN d.is_refunded AND i.kind = 'merchandise' THEN i.quantity ELSE 0 END
FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[], %s::bool[])
     AS d(order_id, created_at, metadata, is_refunded)
WHERE i.organization_id = %s AND i.order_id = d.order_id
"""
FINISH_TICKETS = """
UPDATE orders_ticket t SET created_at = d.created_at
FROM unnest(%s::uuid[], %s::timestamptz[]) AS d(order_id, created_at)
WHERE t.organization_id = %s AND t.order_id = d.order_id
"""
FINISH_HISTORY = """
UPDATE orders_orderhistory h SET created_at = d.created_at, notes = d.note
FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[]) AS d(order_id, created_at, note)
WHERE h.organization_id = %s AND h.order_id = d.order_id
"""
RAISE_SERIES = """
INSERT INTO orders_ordernumberseries AS s (id, organization_id, year, last) VALUES (%s, %s, %s, %s)
ON CONFLICT (organization_id, year) DO UPDATE SET last = greatest(s.last, excluded.last)
"""


def write_orders(
    database: Statements, organization_id: UUID, taken: Sequence[Taken], *, system: str, now: datetime
) -> None:
    """Write orders with all they hold, as a sale does; the caller has locked what they draw on.

    The orders carry the moment of their purchase, and so does their history, whose first entry
    names the import. What was paid is booked with them. Nothing is written to the outbox: nobody is told of
    what is long past.
    """
    _give_numbers(database, organization_id, taken)
    orders = [one.order for one in taken]
    seats = _seat_statuses(taken)
    with database.trip():
        if seats:
            # They are locked and were free, so each of them moves.
            give_seats(database, organization_id, seats)
        limit_uses = [use for one in taken for use in one.limit_uses]
        record_orders(database, organization_id, orders, (), limit_uses, now=now)
        move_places(database, organization_id, _place_moves(taken))
        _finish(database, organization_id, taken, system=system)
        book_payments(database, organization_id, [one.plan for one in taken], system=system)
    _write_uses(database, organization_id, taken)


def _give_numbers(database: Statements, organization_id: UUID, taken: Sequence[Taken]) -> None:
    """Take new numbers from the series of each order's year; let the series go on after given ones."""
    unnumbered: defaultdict[int, list[NewOrder]] = defaultdict(list)
    highest: Counter[int] = Counter()
    for one in taken:
        place = place_in_series(one.order.number)
        if not one.order.number:
            unnumbered[one.order.created_at.year].append(one.order)
        elif place is not None:
            highest[place[0]] = max(highest[place[0]], place[1])
    # By year, as any other batch of imported orders locks them.
    for year in sorted(unnumbered.keys() | highest.keys()):
        if year in highest:
            database.queue(RAISE_SERIES, (new_id(), organization_id, year, highest[year]))
        if year in unnumbered:
            numbers = take_numbers(database, organization_id, year=year, count=len(unnumbered[year]))
            for order, number in zip(unnumbered[year], numbers, strict=True):
                order.number = number


def _seat_statuses(taken: Sequence[Taken]) -> dict[UUID, SeatStatus]:
    return {
        ticket.seat_id: SeatStatus.HELD if one.plan.is_holding else SeatStatus.SOLD
        for one in taken
        for ticket in one.plan.live_tickets
        if ticket.seat_id is not None
    }


def _place_moves(taken: Sequence[Taken]) -> PlaceMoves:
    moves = PlaceMoves()
    for one in taken:
        move = moves.reserve if one.plan.is_holding else moves.sell
        for quota_id, count in one.plan.needs.items():
            move((quota_id,), count)
    return moves


def _finish(database: Statements, organization_id: UUID, taken: Sequence[Taken], *, system: str) -> None:
    """Set what a new order does not have: a past, and the ids of another system."""
    orders = [one.order for one in taken]
    ids = plain_array(order.id for order in orders)
    created = _moments(orders, lambda order: order.created_at)
    database.queue(
        FINISH_ORDERS,
        (
            system,
            ids,
            created,
            plain_array(order.refunded_amount for order in orders),
            text_array(order.tracking_number for order in orders),
            _moments(orders, lambda order: order.shipped_at),
            _moments(orders, lambda order: order.delivered_at),
            _moments(orders, lambda order: order.cancelled_at),
            text_array(order.cancellation_reason for order in orders),
            _moments(orders, lambda order: order.expired_at),
            organization_id,
        ),
    )
    metadata = text_array(_metadata(one, system) for one in taken)
    refunded = plain_array(order.status == OrderStatus.REFUNDED for order in orders)
    database.queue(FINISH_ITEMS, (ids, created, metadata, refunded, organization_id))
    database.queue(FINISH_TICKETS, (ids, created, organization_id))
    notes = text_array(f"Imported from {system}: {one.plan.old.label}" for one in taken)
    database.queue(FINISH_HISTORY, (ids, created, notes, organization_id))


def _moments(orders: Sequence[NewOrder], moment_of: Callable[[NewOrder], datetime | None]) -> str:
    return plain_array(moment and moment.isoformat() for moment in map(moment_of, orders))


def _metadata(one: Taken, system: str) -> str:
    return orjson.dumps({"imported_from": system, **one.plan.old.references}).decode()


def _write_uses(database: Statements, organization_id: UUID, taken: Sequence[Taken]) -> None:
    """Write one use of its coupon for each order; that of an order that was given back is released."""
    with_coupon = [(one, one.plan.coupon) for one in taken if one.plan.coupon is not None]
    if not with_coupon:
        return
    CouponUsage.unscoped.bulk_create(
        use for one, coupon in with_coupon for use in _uses(organization_id, one, coupon)
    )
    live = Counter(coupon.id for one, coupon in with_coupon if not one.plan.is_given_back)
    count_uses(database, organization_id, live)


def _uses(organization_id: UUID, one: Taken, coupon: CouponOffer) -> Iterator[CouponUsage]:
    order = one.order
    released_at = order.cancelled_at or order.expired_at or order.created_at
    for key, (nth,) in sorted((one.coupon_use or {}).items()):
        yield CouponUsage(
            organization_id=organization_id,
            coupon_id=coupon.id,
            order_id=order.id,
            customer_key=key,
            nth=nth,
            limit_at_use=coupon.max_usage_per_user,
            created_at=order.created_at,
            released_at=released_at if one.plan.is_given_back else None,
        )
