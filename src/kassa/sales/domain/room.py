"""What is left while a batch is placed, given out first come, first served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from kassa.core.errors import KassaError, Locked
from kassa.orders.domain.uploads import upload_unknown
from kassa.sales.domain.best_seats import BestOfCategory
from kassa.sales.domain.coupon_uses import CouponUses
from kassa.sales.domain.limit_uses import LimitUses
from kassa.sales.domain.numbered_uses import Numbers
from kassa.sales.domain.quote import Quote
from kassa.sales.domain.request import CartHold
from kassa.sales.enums import CartStatus
from kassa.sales.errors import (
    CartClosed,
    SeatTaken,
    SeatUnknown,
    SoldOut,
)
from kassa.seating.enums import SeatStatus


@dataclass(frozen=True, slots=True)
class Taken:
    """What an order got."""

    seats: tuple[tuple[Any, ...], ...]
    """For each line its seats, in order; empty where places have no number."""
    coupon_use: Numbers | None
    """By key which use of its coupon it is. None: it has no coupon."""
    limit_uses: Mapping[UUID, Numbers]
    """By limited thing and key the numbers of its uses."""


@dataclass(slots=True)
class Room:
    """The places, seats, coupon uses and limited things that the batch may still give out."""

    available: dict[UUID, int]
    seats: dict[UUID, Any]
    best: dict[tuple[UUID, str], BestOfCategory]
    uses: CouponUses
    limits: LimitUses
    carts: dict[UUID, Any]
    known_keys: dict[str, tuple[UUID, bytes]]
    uploads: dict[UUID, UUID | None] = field(default_factory=dict)
    """By upload the order that has claimed it. None: none has yet."""
    gone_seats: set[UUID] = field(default_factory=set)

    def take(self, quote: Quote, *, now: datetime) -> Taken | KassaError:
        """Give an order what it asks for, all of it or nothing."""
        hold = quote.request.cart
        refusal = (hold and refuse_hold(hold, self.carts.get(hold.id), now)) or self._refuse_places(quote)
        if refusal is not None:
            return refusal
        limit_uses = self.limits.next_numbers(quote)
        if isinstance(limit_uses, KassaError):
            return limit_uses
        refusal = self._refuse_files(quote)
        if refusal is not None:
            return refusal
        coupon_use = self.uses.next_use(quote)
        if isinstance(coupon_use, KassaError):
            return coupon_use
        seats = self._choose_seats(quote)
        if isinstance(seats, KassaError):
            return seats
        taken = Taken(seats=seats, coupon_use=coupon_use, limit_uses=limit_uses)
        self._book(quote, taken)
        return taken

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

    def _refuse_files(self, quote: Quote) -> KassaError | None:
        for file in quote.files:
            if self.uploads.get(file.upload_id, file.upload_id) is not None:
                return upload_unknown(file.question, **file.place)
        return None

    def _choose_seats(self, quote: Quote) -> tuple[tuple[Any, ...], ...] | KassaError:
        chosen: list[tuple[Any, ...]] = []
        for index, (line, offer) in enumerate(zip(quote.request.lines, quote.offers, strict=True)):
            found: tuple[Any, ...] | KassaError = ()
            if line.seat_ids:
                found = self._named_seats(index, line.seat_ids, quote)
            elif line.best_available and offer.event_id is not None:
                category = self.best[offer.event_id, offer.seat_category or ""]
                best = category.take(line.quantity, self.gone_seats)
                found = best or SoldOut(line=index, item=offer.id, name=offer.name, left=category.left)
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

    def _book(self, quote: Quote, taken: Taken) -> None:
        request = quote.request
        for quota, count in quote.needs.items():
            self.available[quota] -= count
        if request.cart is not None:
            for quota, count in request.cart.held.items():
                self.available[quota] = self.available.get(quota, 0) + count
            cart = self.carts[request.cart.id]
            self.carts[request.cart.id] = cart._replace(status=CartStatus.CONVERTED)
        self.uploads.update((file.upload_id, file.upload_id) for file in quote.files)
        self.uses.take(quote, taken.coupon_use)
        self.limits.take(taken.limit_uses)


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
