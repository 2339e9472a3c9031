"""One transaction's worth of orders: read, quoted, given out first come first served, written set-wise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg

from kassa.core.database import statements
from kassa.core.errors import KassaError
from kassa.core.outbox import write_events
from kassa.coupons.domain.uses import count_uses
from kassa.inventory.domain.places import PlaceMoves, move_places
from kassa.orders.domain.numbers import take_numbers
from kassa.orders.domain.record import NewOrder, record_orders
from kassa.orders.domain.uploads import claim_uploads
from kassa.orders.enums import OrderStatus
from kassa.orders.queries import order_documents
from kassa.sales.domain.answers import answer_questions, refuse_unnamed
from kassa.sales.domain.assemble import Assembled, Prepared, finish_order, prepare_order
from kassa.sales.domain.carts import convert_carts
from kassa.sales.domain.customer_keys import add_customer_keys
from kassa.sales.domain.lock_room import StaleRead, find_keys, known, lock_room
from kassa.sales.domain.offers import Offers, SaleSettings, read_offers
from kassa.sales.domain.outcome import Outcome, Placed
from kassa.sales.domain.quote import Quote, quote_order
from kassa.sales.domain.request import OrderRequest
from kassa.sales.domain.room import Taken
from kassa.sales.errors import OrderKeyReused
from kassa.seating.domain.hold import give_seats
from kassa.seating.enums import SeatStatus
from kassa.seating.locks import lock_seats


class SeatsMoved(StaleRead):
    """A seat changed between being chosen and being taken."""


@dataclass(frozen=True, slots=True)
class _Won:
    """A request that gets what it asked for."""

    index: int
    order: Prepared
    taken: Taken


class Batch:
    """Orders of one organisation that are placed together."""

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
            quoted: Quote | KassaError = quote_order(request, offers, now=self.now)
            if isinstance(quoted, Quote):
                quoted = refuse_unnamed(quoted) or answer_questions(quoted, offers)
            if isinstance(quoted, Quote):
                quotes.append((index, quoted))
            else:
                self.outcomes[index] = quoted
        if quotes and offers.settings is not None:
            self._give_out(self._count_customers(quotes, offers.settings), offers.settings)
        self._answer_repeated()
        return [outcome for outcome in self.outcomes if outcome is not None]

    def _read_offers(self) -> Offers:
        lines = [line for request in self.requests for line in request.lines]
        ticket_types = {line.item_id for line in lines if not line.is_product}
        return read_offers(
            self.database,
            self.organization_id,
            ticket_type_ids=ticket_types,
            product_ids=(line.item_id for line in lines if line.is_product),
            coupon_codes=(r.coupon_code.upper() for r in self.requests if r.coupon_code is not None),
            user_ids=(r.customer.user_id for r in self.requests if r.customer.user_id is not None),
            asked_type_ids=ticket_types,
        )

    def _count_customers(
        self, quotes: Sequence[tuple[int, Quote]], settings: SaleSettings
    ) -> Sequence[tuple[int, Quote]]:
        counted = add_customer_keys(
            self.database,
            [quote for _, quote in quotes],
            merge_sub_addresses=settings.merge_sub_addresses,
        )
        return [(index, quote) for (index, _), quote in zip(quotes, counted, strict=True)]

    def _give_out(self, quotes: Sequence[tuple[int, Quote]], settings: SaleSettings) -> None:
        prepared = [prepare_order(quote, settings=settings, now=self.now) for _, quote in quotes]
        room = lock_room(self.database, self.organization_id, [quote for _, quote in quotes])
        taken: list[_Won] = []
        first_with_key: dict[str, int] = {}
        again: list[tuple[int, int]] = []
        for (index, quote), order in zip(quotes, prepared, strict=True):
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
                taken.append(_Won(index, order, result))
        if taken:
            for won, written in zip(taken, self._write(taken), strict=True):
                self.outcomes[won.index] = Placed(written.order.id, written.document)
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

    def _write(self, taken: Sequence[_Won]) -> list[Assembled]:
        numbers = take_numbers(self.database, self.organization_id, year=self.now.year, count=len(taken))
        assembled = [
            finish_order(won.order, won.taken, number=number)
            for won, number in zip(taken, numbers, strict=True)
        ]
        orders = [each.order for each in assembled]
        usages = [usage for each in assembled for usage in each.usages]
        limit_uses = [use for each in assembled for use in each.limit_uses]
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
            record_orders(self.database, self.organization_id, orders, usages, limit_uses, now=self.now)
            write_events(self.database, self.organization_id, events, now=self.now)
            uses = Counter(each.usages[0].coupon_id for each in assembled if each.usages)
            count_uses(self.database, self.organization_id, uses)
            convert_carts(self.database, self.organization_id, carts, now=self.now)
            claim_uploads(self.database, self.organization_id, _claims(taken))
            move_places(self.database, self.organization_id, _moves(taken))
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


def _best_seats(taken: Sequence[_Won]) -> set[UUID]:
    return {
        seat.id
        for won in taken
        for line, seats in zip(won.order.quote.request.lines, won.taken.seats, strict=True)
        if line.best_available
        for seat in seats
    }


def _claims(taken: Sequence[_Won]) -> dict[UUID, UUID]:
    """Return by upload the order that names it."""
    return {file.upload_id: won.order.order.id for won in taken for file in won.order.quote.files}


def _moves(taken: Sequence[_Won]) -> PlaceMoves:
    moves = PlaceMoves()
    for won in taken:
        quote = won.order.quote
        move = moves.sell if won.order.order.status == OrderStatus.CONFIRMED else moves.reserve
        for quota_id, count in quote.needs.items():
            move((quota_id,), count)
        if quote.request.cart is not None:
            for quota_id, count in quote.request.cart.held.items():
                moves.release((quota_id,), count)
    return moves
