"""Placing orders: many at once, in one transaction, none harming another."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg
from django.db import DatabaseError, IntegrityError, connection, transaction

from kassa.core.database import statements
from kassa.core.errors import InvalidInput, KassaError, Locked
from kassa.core.outbox import write_events
from kassa.coupons.domain.uses import count_uses
from kassa.inventory.domain.places import PlaceMoves, move_places
from kassa.orders.domain.numbers import take_numbers
from kassa.orders.domain.record import NewOrder, record_orders
from kassa.orders.enums import OrderStatus
from kassa.orders.queries import order_documents
from kassa.sales.domain.assemble import Assembled, assemble_order
from kassa.sales.domain.carts import convert_carts
from kassa.sales.domain.expire import release_overdue
from kassa.sales.domain.offers import Offers, SaleSettings, read_offers
from kassa.sales.domain.quote import Quote, quote_order
from kassa.sales.domain.request import OrderRequest
from kassa.sales.domain.room import StaleRead, Taken, find_keys, known, lock_room
from kassa.sales.errors import AlreadyBooked, CouponExhausted, CouponUsed, OrderKeyReused, SeatTaken, SoldOut
from kassa.seating.domain.hold import give_seats
from kassa.seating.enums import SeatStatus
from kassa.seating.locks import lock_seats

logger = logging.getLogger("kassa.sales")

RELEASABLE = (SoldOut, SeatTaken, CouponUsed, CouponExhausted, AlreadyBooked)
"""Refusals that may be due to a hold that is over but not yet released."""
LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's code for a lock that was not had in time."""


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


class SeatsMoved(StaleRead):
    """A seat changed between being chosen and being taken."""


def place_orders(organization_id: UUID, requests: Sequence[OrderRequest], *, now: datetime) -> list[Outcome]:
    """Place orders of one organisation, first come first served; one outcome for each request.

    One transaction for all of them. If the database refuses it, each is placed by itself, so
    that one bad request never harms its neighbours. What is refused for want of places is
    tried once more if holds that were over could be released.
    """
    outcomes = _place_together(organization_id, requests, now)
    short = [index for index, outcome in enumerate(outcomes) if isinstance(outcome, RELEASABLE)]
    if short and _release_overdue(organization_id, now):
        again = _place_together(organization_id, [requests[index] for index in short], now)
        for index, outcome in zip(short, again, strict=True):
            outcomes[index] = outcome
    return outcomes


def _release_overdue(organization_id: UUID, now: datetime) -> int:
    """Release holds that are over; where their rows are busy, what has been placed stands all the same."""
    try:
        with connection.wrap_database_errors:
            return release_overdue(organization_id, now=now)
    except DatabaseError as error:
        if not _is_passing(error):
            raise
        logger.info("Holds that are over could not be released just now: %s", error)
        return 0


def _place_together(organization_id: UUID, requests: Sequence[OrderRequest], now: datetime) -> list[Outcome]:
    try:
        return _place(organization_id, requests, now)
    except (DatabaseError, StaleRead) as error:
        if isinstance(error, DatabaseError) and _connection_is_lost(error):
            raise
        if len(requests) == 1:
            return [_place_alone(organization_id, requests[0], now, error)]
        if _sqlstate(error) == LOCK_NOT_AVAILABLE:
            # One by one, each of them would wait as long again.
            return [_locked() for _ in requests]
        logger.info("A batch of %d orders is placed one by one: %s", len(requests), error)
        return [
            outcome for request in requests for outcome in _place_together(organization_id, [request], now)
        ]


def _connection_is_lost(error: DatabaseError) -> bool:
    sqlstate = _sqlstate(error)
    return sqlstate is None or sqlstate.startswith("57P")


def _sqlstate(error: Exception) -> str | None:
    """Return the database's own code of an error; null: it did not come from the database."""
    return getattr(error.__cause__, "sqlstate", None)


def _locked() -> Locked:
    return Locked("Others are buying the same places just now. Send the order again.")


def _place_alone(
    organization_id: UUID, request: OrderRequest, now: datetime, error: DatabaseError | StaleRead
) -> Outcome:
    """Try once more: by now the winner of a race is visible, so the refusal can name it."""
    waited = _sqlstate(error) == LOCK_NOT_AVAILABLE
    if isinstance(error, StaleRead | IntegrityError) or (_is_passing(error) and not waited):
        try:
            return _place(organization_id, [request], now)[0]
        except StaleRead:
            return Locked("The seats are being changed just now. Send the order again.")
        except DatabaseError as again:
            error = again
    if _is_passing(error):
        return _locked()
    logger.error("An order was refused by the database: %s", error)
    return InvalidInput("The order holds something that cannot be kept. Check its texts and numbers.")


def _is_passing(error: Exception) -> bool:
    """Say whether the same order may go well a moment later: a lock, a deadlock, a race lost once more."""
    return _sqlstate(error) in {LOCK_NOT_AVAILABLE, "40P01", "40001", "23505"}


def _place(organization_id: UUID, requests: Sequence[OrderRequest], now: datetime) -> list[Outcome]:
    # The statements are psycopg's own; whoever catches their errors knows them by Django's names.
    with connection.wrap_database_errors, transaction.atomic():
        return _Batch(organization_id, requests, now).place()


class _Batch:
    """One transaction's worth of orders."""

    def __init__(self, organization_id: UUID, requests: Sequence[OrderRequest], now: datetime) -> None:
        self.organization_id = organization_id
        self.requests = requests
        self.now = now
        self.database = statements()
        self.outcomes: list[Outcome | None] = [None] * len(requests)

    def place(self) -> list[Outcome]:
        """Quote each order, give out what is left in their order, write what was given, answer all."""
        offers = self._read_offers()
        quotes: list[tuple[int, Quote]] = []
        for index, request in enumerate(self.requests):
            quoted = quote_order(request, offers, now=self.now)
            if isinstance(quoted, Quote):
                quotes.append((index, quoted))
            else:
                self.outcomes[index] = quoted
        if quotes and offers.settings is not None:
            self._give_out(quotes, offers.settings)
        self._answer_repeated()
        return [outcome for outcome in self.outcomes if outcome is not None]

    def _read_offers(self) -> Offers:
        lines = [line for request in self.requests for line in request.lines]
        return read_offers(
            self.database,
            self.organization_id,
            ticket_type_ids=(line.item_id for line in lines if not line.is_product),
            product_ids=(line.item_id for line in lines if line.is_product),
            coupon_codes=(r.coupon_code.upper() for r in self.requests if r.coupon_code is not None),
            user_ids=(r.customer.user_id for r in self.requests if r.customer.user_id is not None),
        )

    def _give_out(self, quotes: Sequence[tuple[int, Quote]], settings: SaleSettings) -> None:
        room = lock_room(self.database, self.organization_id, [quote for _, quote in quotes])
        taken: list[tuple[int, Quote, Taken]] = []
        first_with_key: dict[str, int] = {}
        again: list[tuple[int, int]] = []
        for index, quote in quotes:
            key = quote.request.idempotency_key
            if key in room.known_keys:
                continue  # Answered with the order it has already.
            if key in first_with_key:
                again.append((index, first_with_key[key]))
                continue
            result = room.take(quote, now=self.now)
            if isinstance(result, KassaError):
                self.outcomes[index] = result
            else:
                first_with_key[key] = index
                taken.append((index, quote, result))
        if taken:
            assembled = self._write(taken, settings)
            for (index, _, _), order in zip(taken, assembled, strict=True):
                self.outcomes[index] = Placed(order.order.id, order.document)
        for index, first in again:
            self.outcomes[index] = self._same_again(index, first)

    def _same_again(self, index: int, first: int) -> Outcome:
        placed = self.outcomes[first]
        if (
            not isinstance(placed, Placed)
            or self.requests[index].fingerprint != self.requests[first].fingerprint
        ):
            return OrderKeyReused()
        return Placed(placed.order_id, placed.document, replayed=True)

    def _answer_repeated(self) -> None:
        """Answer a key that has an order already with that order, whatever else is true by now."""
        open_ones = [index for index, outcome in enumerate(self.outcomes) if not isinstance(outcome, Placed)]
        if not open_ones:
            return
        keys = [self.requests[index].idempotency_key for index in open_ones]
        found = known(find_keys(self.database, self.organization_id, keys))
        if not found:
            return
        order_ids = [order_id for order_id, _ in found.values()]
        documents = order_documents(self.organization_id, order_ids, now=self.now)
        for index in open_ones:
            request = self.requests[index]
            if request.idempotency_key not in found:
                continue
            order_id, fingerprint = found[request.idempotency_key]
            if fingerprint == request.fingerprint:
                self.outcomes[index] = Placed(order_id, orjson.dumps(documents[order_id]), replayed=True)
            else:
                self.outcomes[index] = OrderKeyReused()

    def _write(self, taken: Sequence[tuple[int, Quote, Taken]], settings: SaleSettings) -> list[Assembled]:
        numbers = take_numbers(self.database, self.organization_id, year=self.now.year, count=len(taken))
        assembled = [
            assemble_order(quote, got, number=number, settings=settings, now=self.now)
            for (_, quote, got), number in zip(taken, numbers, strict=True)
        ]
        orders = [each.order for each in assembled]
        usages = [each.usage for each in assembled if each.usage is not None]
        events = [event for each in assembled for event in each.events]
        carts = [order.cart_id for order in orders if order.cart_id is not None]
        seats, best = _seat_statuses(orders), _best_seats(taken)
        chosen: psycopg.Cursor[Any] | None = None
        moved: psycopg.Cursor[Any] | None = None
        with self.database.trip():
            if best:
                # They were read without a lock: by now a cart may hold one.
                chosen = lock_seats(self.database, self.organization_id, best)
            if seats:
                moved = give_seats(self.database, self.organization_id, seats)
            record_orders(self.database, self.organization_id, orders, usages, now=self.now)
            write_events(self.database, self.organization_id, events, now=self.now)
            uses = Counter(usage.coupon_id for usage in usages)
            count_uses(self.database, self.organization_id, uses)
            convert_carts(self.database, self.organization_id, carts, now=self.now)
            move_places(self.database, self.organization_id, _moves(taken, orders))
        if moved is not None and moved.rowcount != len(seats):
            raise SeatsMoved
        if chosen is not None and any(seat.status != SeatStatus.AVAILABLE for seat in chosen):
            raise SeatsMoved
        return assembled


def _seat_statuses(orders: Sequence[NewOrder]) -> dict[UUID, SeatStatus]:
    return {
        ticket.seat_id: SeatStatus.SOLD if order.status == OrderStatus.CONFIRMED else SeatStatus.HELD
        for order in orders
        for ticket in order.tickets
        if ticket.seat_id is not None
    }


def _best_seats(taken: Sequence[tuple[int, Quote, Taken]]) -> set[UUID]:
    return {
        seat.id
        for _, quote, got in taken
        for line, seats in zip(quote.request.lines, got.seats, strict=True)
        if line.best_available
        for seat in seats
    }


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
