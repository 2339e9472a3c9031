"""What is left while a batch is placed: read under lock, then given out first come, first served."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from kassa.core.database import Statements, plain_array
from kassa.core.errors import KassaError, Locked
from kassa.coupons.locks import lock_coupons
from kassa.inventory.locks import lock_quotas
from kassa.orders.enums import LIVE_TICKETS
from kassa.sales.domain.coupon_uses import CouponUses, queue_live_uses
from kassa.sales.domain.quote import Quote
from kassa.sales.domain.request import CartHold
from kassa.sales.enums import CartStatus
from kassa.sales.errors import (
    AlreadyBooked,
    CartClosed,
    SeatTaken,
    SeatUnknown,
    SoldOut,
)
from kassa.seating.domain.best import BestSeats, Candidate
from kassa.seating.enums import SeatStatus
from kassa.seating.locks import lock_seats, read_best_seats

KNOWN_KEYS = """
SELECT idempotency_key, id, fingerprint FROM orders_order
WHERE organization_id = %s AND idempotency_key = ANY(%s::text[])
"""
LIVE_BOOKINGS = f"""
SELECT event_id, booking_key FROM orders_ticket
WHERE organization_id = %s AND event_id = ANY(%s::uuid[]) AND booking_key = ANY(%s::text[])
  AND status IN ({", ".join(f"'{status}'" for status in LIVE_TICKETS)})
"""  # noqa: S608 (constants)
OFFERS_NOW = """
SELECT t.id, e.status, array_remove(ARRAY[t.quota_id, e.capacity_quota_id] || ARRAY(
           SELECT q.quota_id FROM catalog_tickettypequota q
           WHERE q.organization_id = t.organization_id AND q.ticket_type_id = t.id), NULL)
FROM catalog_tickettype t
JOIN catalog_event e ON e.organization_id = t.organization_id AND e.id = t.event_id
WHERE t.organization_id = %s AND t.id = ANY(%s::uuid[])
"""
LOCK_CARTS = """
SELECT id, status, updated_at, expires_at FROM sales_cart
WHERE organization_id = %s AND id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE
"""

SPARE_SEATS = 400
"""How many more of the best seats are read than a batch wants, so that runs can be found among them."""


class StaleRead(Exception):
    """Something changed between being read and being locked or taken; the transaction is done again."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What an order got."""

    seats: tuple[tuple[Any, ...], ...]
    """For each line its seats, in order; empty where places have no number."""
    coupon_nth: int | None


@dataclass(slots=True)
class Room:
    """The places, seats, coupon uses and bookings that the batch may still give out."""

    available: dict[UUID, int]
    seats: dict[UUID, Any]
    best: dict[tuple[UUID, str], _BestOfCategory]
    uses: CouponUses
    bookings: set[tuple[UUID, str]]
    carts: dict[UUID, Any]
    known_keys: dict[str, tuple[UUID, bytes]]
    gone_seats: set[UUID] = field(default_factory=set)

    def take(self, quote: Quote, *, now: datetime) -> Taken | KassaError:
        """Give an order what it asks for, all of it or nothing."""
        hold = quote.request.cart
        refusal = (
            (hold and refuse_hold(hold, self.carts.get(hold.id), now))
            or self._refuse_places(quote)
            or self._refuse_booking(quote)
        )
        if refusal is not None:
            return refusal
        nth = self.uses.next_use(quote)
        if isinstance(nth, KassaError):
            return nth
        seats = self._choose_seats(quote)
        if isinstance(seats, KassaError):
            return seats
        self._book(quote, nth)
        return Taken(seats=seats, coupon_nth=nth)

    def _refuse_places(self, quote: Quote) -> SoldOut | None:
        held: Mapping[UUID, int] = quote.request.cart.held if quote.request.cart else {}
        if all(
            self.available.get(quota, 0) + held.get(quota, 0) >= count for quota, count in quote.needs.items()
        ):
            return None
        for index, (line, offer) in enumerate(zip(quote.request.lines, quote.offers, strict=True)):
            left = min((self.available.get(q, 0) + held.get(q, 0) for q in offer.quota_ids), default=None)
            if left is not None and left < sum(
                other.quantity for other in quote.request.lines if other.item_id == line.item_id
            ):
                return SoldOut(line=index, item=offer.id, name=offer.name, left=left)
        # Each line fits alone, but together they want too much of a quota that they share.
        short = next(
            q for q, count in quote.needs.items() if self.available.get(q, 0) + held.get(q, 0) < count
        )
        index = max(i for i, offer in enumerate(quote.offers) if short in offer.quota_ids)
        offer = quote.offers[index]
        before = quote.needs[short] - quote.request.lines[index].quantity
        left = self.available.get(short, 0) + held.get(short, 0) - before
        return SoldOut(line=index, item=offer.id, name=offer.name, left=left)

    def _refuse_booking(self, quote: Quote) -> AlreadyBooked | None:
        for index, offer in enumerate(quote.offers):
            if (
                offer.one_per_customer
                and offer.event_id is not None
                and (offer.event_id, quote.request.customer.key) in self.bookings
            ):
                return AlreadyBooked(line=index, item=offer.id, name=offer.event_title)
        return None

    def _choose_seats(self, quote: Quote) -> tuple[tuple[Any, ...], ...] | KassaError:
        chosen: list[tuple[Any, ...]] = []
        for index, (line, offer) in enumerate(zip(quote.request.lines, quote.offers, strict=True)):
            found: tuple[Any, ...] | KassaError = ()
            if line.seat_ids:
                found = self._named_seats(index, line.seat_ids, quote)
            elif line.best_available and offer.event_id is not None:
                best = self.best[offer.event_id, offer.seat_category or ""].take(
                    line.quantity, self.gone_seats
                )
                found = best or SoldOut(line=index, item=offer.id, name=offer.name, left=0)
            if isinstance(found, KassaError):
                self._give_back(chosen)
                return found
            self.gone_seats.update(seat.id for seat in found)
            chosen.append(found)
        return tuple(chosen)

    def _give_back(self, chosen: list[tuple[Any, ...]]) -> None:
        for seats in chosen:
            self.gone_seats.difference_update(seat.id for seat in seats)
            for seat in seats:
                best = self.best.get((seat.event_id, seat.category))
                if best is not None:
                    best.put_back((seat,))

    def _named_seats(
        self, index: int, seat_ids: Sequence[UUID], quote: Quote
    ) -> tuple[Any, ...] | KassaError:
        offer, cart = quote.offers[index], quote.request.cart
        unknown = [
            seat_id
            for seat_id in seat_ids
            if (seat := self.seats.get(seat_id)) is None
            or seat.event_id != offer.event_id
            or seat.category != offer.seat_category
        ]
        if unknown:
            return SeatUnknown(line=index, item=offer.id, seats=unknown)
        rows = [self.seats[seat_id] for seat_id in seat_ids]
        taken = [row.id for row in rows if row.id in self.gone_seats or not _is_free_for(row, cart)]
        if taken or len(set(seat_ids)) < len(seat_ids):
            return SeatTaken(line=index, item=offer.id, seats=taken or list(seat_ids))
        return tuple(rows)

    def _book(self, quote: Quote, nth: int | None) -> None:
        request = quote.request
        for quota, count in quote.needs.items():
            self.available[quota] -= count
        if request.cart is not None:
            for quota, count in request.cart.held.items():
                self.available[quota] = self.available.get(quota, 0) + count
            cart = self.carts[request.cart.id]
            self.carts[request.cart.id] = cart._replace(status=CartStatus.CONVERTED)
        for offer in quote.offers:
            if offer.one_per_customer and offer.event_id is not None:
                self.bookings.add((offer.event_id, request.customer.key))
        self.uses.count(quote, nth)


def refuse_hold(hold: CartHold, cart: Any, now: datetime) -> KassaError | None:
    """Return why a cart, as its locked row says it is, cannot be changed or converted any more."""
    if cart is None or cart.status != CartStatus.ACTIVE:
        return CartClosed(CartStatus.EXPIRED if cart is None else cart.status)
    if cart.expires_at <= now:
        return CartClosed(CartStatus.EXPIRED)
    if cart.updated_at != hold.version:
        return Locked("The cart has just been changed. Look at it again, then send the order once more.")
    return None


def _is_free_for(seat: Any, cart: CartHold | None) -> bool:
    if seat.status == SeatStatus.AVAILABLE:
        return True
    return cart is not None and seat.status == SeatStatus.HELD and seat.cart_id == cart.id


class _BestOfCategory:
    """The free seats of one category; reads further back only when the front has no run left."""

    def __init__(self, database: Statements, organization_id: UUID, event_id: UUID, category: str) -> None:
        self._database = database
        self._organization_id = organization_id
        self._event_id = event_id
        self._category = category
        self._rows: dict[UUID, Any] = {}
        self._free = BestSeats(())
        self._complete = False
        self._limit: int | None = SPARE_SEATS

    def take(self, quantity: int, gone: set[UUID]) -> tuple[Any, ...] | None:
        """Take the best seats, side by side if there are such; null: there are too few."""
        self._free.remove(gone)
        while self._free.longest < quantity and not self._complete:
            self._read_on(gone)
        found = self._free.take(quantity)
        return None if found is None else tuple(self._rows[seat.id] for seat in found)

    def put_back(self, seats: Iterable[Any]) -> None:
        """Make seats free again that a refused order would have had."""
        self._free.put_back(_candidate(seat) for seat in seats if seat.id in self._rows)

    def _read_on(self, gone: set[UUID]) -> None:
        rows = read_best_seats(
            self._database,
            self._organization_id,
            event_id=self._event_id,
            category=self._category,
            limit=self._limit,
        ).fetchall()
        self._complete = self._limit is None or len(rows) < self._limit
        self._limit = None
        self._rows = {row.id: row for row in rows}
        self._free = BestSeats(_candidate(row) for row in rows if row.id not in gone)


def _candidate(seat: Any) -> Candidate:
    return Candidate(id=seat.id, rank=seat.rank, block=seat.block, place=seat.place)


def lock_room(database: Statements, organization_id: UUID, quotes: Sequence[Quote]) -> Room:
    """Lock quotas, seats, coupons and carts in their order and read what is left of each."""
    quota_ids = {quota for quote in quotes for quota in quote.needs}
    quota_ids.update(quota for quote in quotes if quote.request.cart for quota in quote.request.cart.held)
    seat_ids = {seat for quote in quotes for line in quote.request.lines for seat in line.seat_ids}
    seat_ids.update(seat for quote in quotes if quote.request.cart for seat in quote.request.cart.seat_ids)
    coupon_ids = {quote.coupon.id for quote in quotes if quote.coupon}
    cart_ids = {quote.request.cart.id for quote in quotes if quote.request.cart}
    single = [
        (offer.event_id, quote.request.customer.key)
        for quote in quotes
        for offer in quote.offers
        if offer.one_per_customer and offer.event_id is not None
    ]
    best = {
        (offer.event_id, offer.seat_category)
        for quote in quotes
        for line, offer in zip(quote.request.lines, quote.offers, strict=True)
        if line.best_available and offer.event_id is not None and offer.seat_category is not None
    }
    with database.trip():
        quotas = lock_quotas(database, organization_id, quota_ids)
        seats = lock_seats(database, organization_id, seat_ids) if seat_ids else ()
        coupons = lock_coupons(database, organization_id, coupon_ids) if coupon_ids else ()
        carts = (
            database.queue(LOCK_CARTS, (organization_id, plain_array(cart_ids)), named=True)
            if cart_ids
            else ()
        )
        uses = queue_live_uses(database, organization_id, quotes)
        bookings = (
            database.queue(
                LIVE_BOOKINGS,
                (organization_id, plain_array({event for event, _ in single}), [key for _, key in single]),
            )
            if single
            else ()
        )
        keys = find_keys(database, organization_id, [quote.request.idempotency_key for quote in quotes])
        offers_now = queue_offers_now(database, organization_id, quotes)
    check_offers(offers_now, quotes)
    return Room(
        available=dict(quotas.fetchall()),
        seats={seat.id: seat for seat in seats},
        best={
            (event_id, category): _BestOfCategory(database, organization_id, event_id, category)
            for event_id, category in best
        },
        uses=CouponUses(coupons, uses),
        bookings={(event_id, key) for event_id, key in bookings},
        carts={cart.id: cart for cart in carts},
        known_keys=known(keys),
    )


def queue_offers_now(database: Statements, organization_id: UUID, quotes: Sequence[Quote]) -> Iterable[Any]:
    """Read once more, now under the quotas' locks, what the ticket types draw on."""
    ids = {offer.id for quote in quotes for offer in quote.offers if not offer.is_product}
    return database.queue(OFFERS_NOW, (organization_id, plain_array(ids))) if ids else ()


def check_offers(rows: Iterable[Any], quotes: Sequence[Quote]) -> None:
    """Make sure that no event was closed and no quota was added while the locks were waited for.

    Raises:
        StaleRead: one was.
    """
    now = {ticket_type_id: (status, tuple(sorted(set(quotas)))) for ticket_type_id, status, quotas in rows}
    for quote in quotes:
        for offer in quote.offers:
            if not offer.is_product and now.get(offer.id) != (offer.event_status, offer.quota_ids):
                raise StaleRead


def find_keys(database: Statements, organization_id: UUID, keys: Iterable[str]) -> Any:
    """Look up which idempotency keys have an order already."""
    return database.queue(KNOWN_KEYS, (organization_id, list(keys)))


def known(rows: Iterable[Any]) -> dict[str, tuple[UUID, bytes]]:
    """Return what :func:`find_keys` found, by key."""
    return {key: (order_id, bytes(fingerprint)) for key, order_id, fingerprint in rows}
