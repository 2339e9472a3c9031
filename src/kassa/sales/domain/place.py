"""Placing orders: many at once, in one transaction, none harming another."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from django.db import DatabaseError, IntegrityError, transaction

from kassa.core.database import Statements, statements
from kassa.core.errors import InvalidInput, KassaError, Locked
from kassa.core.outbox import DomainEvent, write_events
from kassa.coupons.domain.uses import count_uses
from kassa.inventory.domain.places import PlaceMoves, move_places
from kassa.orders.domain.numbers import take_numbers
from kassa.orders.domain.record import NewCouponUsage, NewOrder, record_orders
from kassa.orders.enums import OrderStatus
from kassa.orders.queries import order_documents
from kassa.sales.domain.assemble import Assembled, assemble_order
from kassa.sales.domain.carts import convert_carts
from kassa.sales.domain.expire import release_overdue
from kassa.sales.domain.offers import Offers, read_offers
from kassa.sales.domain.quote import Quote, quote_order
from kassa.sales.domain.request import OrderRequest
from kassa.sales.domain.room import Taken, find_keys, known, lock_room
from kassa.sales.errors import AlreadyBooked, CouponExhausted, CouponUsed, OrderKeyReused, SeatTaken, SoldOut
from kassa.seating.enums import SeatStatus
from kassa.seating.locks import take_seats

logger = logging.getLogger("kassa.sales")

RELEASABLE = (SoldOut, SeatTaken, CouponUsed, CouponExhausted, AlreadyBooked)
"""Refusals that may be due to a hold that is over but not yet released."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that is in the books."""

    order_id: UUID
    document: bytes
    """The whole order as JSON."""
    replayed: bool = False
    """It was placed before, under the same idempotency key."""


Outcome = Placed | KassaError
"""What became of a request: refusals are values, so that none sinks its neighbours."""


class SeatsMoved(Exception):
    """A seat changed between being chosen and being taken; the transaction must be done again."""


def place_orders(organization_id: UUID, requests: Sequence[OrderRequest], *, now: datetime) -> list[Outcome]:
    """Place orders of one organisation, first come first served; one outcome for each request.

    One transaction for all of them. If the database refuses it, each is placed by itself, so
    that one bad request never harms its neighbours. What is refused for want of places is
    tried once more if holds that were over could be released.
    """
    outcomes = _place_together(organization_id, requests, now)
    short = [index for index, outcome in enumerate(outcomes) if isinstance(outcome, RELEASABLE)]
    if short and release_overdue(organization_id, now=now):
        again = _place_together(organization_id, [requests[index] for index in short], now)
        for index, outcome in zip(short, again, strict=True):
            outcomes[index] = outcome
    return outcomes


def _place_together(
    organization_id: UUID, requests: Sequence[OrderRequest], now: datetime
) -> list[Outcome]:
    try:
        return _place(organization_id, requests, now)
    except (DatabaseError, SeatsMoved) as error:
        if isinstance(error, DatabaseError) and _connection_is_lost(error):
            raise
        if len(requests) == 1:
            return [_place_alone(organization_id, requests[0], now, error)]
        logger.info("A batch of %d orders is placed one by one: %s", len(requests), error)
        return [
            outcome for request in requests for outcome in _place_together(organization_id, [request], now)
        ]


def _connection_is_lost(error: DatabaseError) -> bool:
    cause = error.__cause__
    return getattr(cause, "sqlstate", None) is None or str(getattr(cause, "sqlstate", "")).startswith("57P")


def _place_alone(
    organization_id: UUID, request: OrderRequest, now: datetime, error: DatabaseError | SeatsMoved
) -> Outcome:
    """Try once more: by now the winner of a race is visible, so the refusal can name it."""
    if isinstance(error, SeatsMoved | IntegrityError) or _is_passing(error):
        try:
            return _place(organization_id, [request], now)[0]
        except SeatsMoved:
            return Locked("The seats are being changed just now. Send the order again.")
        except DatabaseError as again:
            error = again
    if _is_passing(error):
        return Locked("Others are buying the same places just now. Send the order again.")
    logger.error("An order was refused by the database: %s", error)
    return InvalidInput("The order holds something that cannot be kept. Check its texts and numbers.")


def _is_passing(error: Exception) -> bool:
    """Say whether the same statement may go well a moment later: a lock, a deadlock."""
    return str(getattr(error.__cause__, "sqlstate", "")) in {"55P03", "40P01", "40001"}


def _place(organization_id: UUID, requests: Sequence[OrderRequest], now: datetime) -> list[Outcome]:
    outcomes: list[Outcome | None] = [None] * len(requests)
    with transaction.atomic():
        database = statements()
        offers = _read_offers(database, organization_id, requests)
        quotes: list[tuple[int, Quote]] = []
        for index, request in enumerate(requests):
            quoted = quote_order(request, offers, now=now)
            if isinstance(quoted, Quote):
                quotes.append((index, quoted))
            else:
                outcomes[index] = quoted
        if quotes:
            _fill(database, organization_id, offers, quotes, outcomes, now)
        refused = [index for index, outcome in enumerate(outcomes) if not isinstance(outcome, Placed)]
        _answer_repeated(database, organization_id, requests, refused, outcomes, now)
    return [outcome for outcome in outcomes if outcome is not None]


def _read_offers(database: Statements, organization_id: UUID, requests: Sequence[OrderRequest]) -> Offers:
    lines = [line for request in requests for line in request.lines]
    return read_offers(
        database,
        organization_id,
        ticket_type_ids=(line.item_id for line in lines if not line.is_product),
        product_ids=(line.item_id for line in lines if line.is_product),
        coupon_codes=(request.coupon_code.upper() for request in requests if request.coupon_code is not None),
        user_ids=(request.customer.user_id for request in requests if request.customer.user_id is not None),
    )


def _fill(
    database: Statements,
    organization_id: UUID,
    offers: Offers,
    quotes: Sequence[tuple[int, Quote]],
    outcomes: list[Outcome | None],
    now: datetime,
) -> None:
    """Give out what is left, in the order in which the requests came, and write it."""
    room = lock_room(database, organization_id, [quote for _, quote in quotes])
    taken: list[tuple[int, Quote, Taken]] = []
    keys: dict[str, int] = {}
    for index, quote in quotes:
        key = quote.request.idempotency_key
        if key in room.known_keys or key in keys:
            continue
        result = room.take(quote, now=now)
        if isinstance(result, KassaError):
            outcomes[index] = result
        else:
            keys[key] = index
            taken.append((index, quote, result))
    if taken:
        assembled = _write(database, organization_id, offers, taken, now)
        for (index, _, _), order in zip(taken, assembled, strict=True):
            outcomes[index] = Placed(order.order.id, order.document)
    for index, quote in quotes:
        first = keys.get(quote.request.idempotency_key)
        if outcomes[index] is None and first is not None:
            outcomes[index] = _repeat_within_batch(outcomes[first], quotes, first, quote)


def _repeat_within_batch(
    placed: Outcome | None, quotes: Sequence[tuple[int, Quote]], first: int, quote: Quote
) -> Outcome:
    original = next(other for index, other in quotes if index == first)
    if not isinstance(placed, Placed) or original.request.fingerprint != quote.request.fingerprint:
        return OrderKeyReused()
    return Placed(placed.order_id, placed.document, replayed=True)


def _answer_repeated(
    database: Statements,
    organization_id: UUID,
    requests: Sequence[OrderRequest],
    indexes: Sequence[int],
    outcomes: list[Outcome | None],
    now: datetime,
) -> None:
    """Answer requests whose key has an order already with that order, whatever else is true of them now."""
    if not indexes:
        return
    found = known(find_keys(database, organization_id, [requests[index].idempotency_key for index in indexes]))
    if not found:
        return
    documents = order_documents(organization_id, [order_id for order_id, _ in found.values()], now=now)
    for index in indexes:
        first = found.get(requests[index].idempotency_key)
        if first is None:
            continue
        order_id, fingerprint = first
        if fingerprint != requests[index].fingerprint:
            outcomes[index] = OrderKeyReused()
        else:
            outcomes[index] = Placed(order_id, orjson.dumps(documents[order_id]), replayed=True)


def _write(
    database: Statements,
    organization_id: UUID,
    offers: Offers,
    taken: Sequence[tuple[int, Quote, Taken]],
    now: datetime,
) -> list[Assembled]:
    settings = offers.settings
    if settings is None:
        raise LookupError(organization_id)
    numbers = take_numbers(database, organization_id, year=now.year, count=len(taken))
    assembled = [
        assemble_order(quote, got, number=number, settings=settings, now=now)
        for (_, quote, got), number in zip(taken, numbers, strict=True)
    ]
    orders: list[NewOrder] = [each.order for each in assembled]
    usages: list[NewCouponUsage] = [each.usage for each in assembled if each.usage is not None]
    events: list[DomainEvent] = [event for each in assembled for event in each.events]
    seats = {
        ticket.seat_id: SeatStatus.SOLD.value if order.status == OrderStatus.CONFIRMED else SeatStatus.HELD.value
        for order in orders
        for ticket in order.tickets
        if ticket.seat_id is not None
    }
    with database.trip():
        if seats:
            moved = take_seats(database, organization_id, seats)
        record_orders(database, organization_id, orders, usages, now=now)
        write_events(database, organization_id, events, now=now)
        count_uses(database, organization_id, Counter(usage.coupon_id for usage in usages))
        convert_carts(
            database, organization_id, {order.cart_id: order.id for order in orders if order.cart_id}, now=now
        )
        move_places(database, organization_id, _moves(taken, orders))
    if seats and moved.rowcount != len(seats):
        raise SeatsMoved
    return assembled


def _moves(taken: Sequence[tuple[int, Quote, Taken]], orders: Sequence[NewOrder]) -> PlaceMoves:
    moves = PlaceMoves()
    for (_, quote, _), order in zip(taken, orders, strict=True):
        move = moves.sell if order.status == OrderStatus.CONFIRMED else moves.reserve
        for quota_id, count in quote.needs.items():
            move((quota_id,), count)
        if quote.request.cart is not None:
            for quota_id, count in quote.request.cart.held.items():
                moves.release((quota_id,), count)
    return moves
