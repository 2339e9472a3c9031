"""What a cart holds is changed: decided like an order, written as the difference, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import OperationalError, connection, transaction
from psycopg import errors as postgres

from kassa.core.database import Statements, plain_array, statements, text_array
from kassa.core.errors import KassaError, Locked
from kassa.inventory.domain.places import PlaceMoves, move_places
from kassa.inventory.locks import lock_quotas
from kassa.sales.domain.batch import SeatsMoved
from kassa.sales.domain.cart_content import (
    CartContent,
    cart_request,
    line_of,
    read_cart_offers,
    read_content,
    require_active,
    welcoming,
)
from kassa.sales.domain.cart_errors import CartFull
from kassa.sales.domain.cart_refusal import name_the_short, tell_refusal
from kassa.sales.domain.customer_keys import count_customer
from kassa.sales.domain.expire import release_if_possible
from kassa.sales.domain.hold_limits import check_hold_limits
from kassa.sales.domain.lock_room import LOCK_CARTS, StaleRead, lock_room
from kassa.sales.domain.place import RELEASABLE
from kassa.sales.domain.quote import Quote, quote_order
from kassa.sales.domain.request import CartHold, RequestedLine
from kassa.sales.domain.room import Taken, refuse_hold
from kassa.sales.errors import SoldOut
from kassa.sales.models import CartItem
from kassa.seating.domain.hold import move_seats
from kassa.seating.enums import SeatStatus
from kassa.seating.locks import lock_seats

MAX_ITEMS = 50
"""As many as one order may have lines."""
TRIES = 5
"""How often a change that met another one of the same cart or seats is worked out anew."""

PUT_ITEMS = """
INSERT INTO sales_cartitem (id, organization_id, cart_id, ticket_type_id, product_id, quantity,
                            seat_ids, quota_ids, is_best_available, metadata, created_at)
SELECT i.id, %s, %s, i.ticket_type_id, i.product_id, i.quantity,
       i.seat_ids::uuid[], i.quota_ids::uuid[], i.is_best_available, i.metadata::jsonb, %s
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::int[], %s::text[], %s::text[], %s::bool[], %s::text[])
  AS i(id, ticket_type_id, product_id, quantity, seat_ids, quota_ids, is_best_available, metadata)
ON CONFLICT (id, organization_id) DO UPDATE SET quantity = excluded.quantity,
    seat_ids = excluded.seat_ids, quota_ids = excluded.quota_ids,
    is_best_available = excluded.is_best_available, metadata = excluded.metadata
"""
DELETE_ITEMS = "DELETE FROM sales_cartitem WHERE organization_id = %s AND id = ANY(%s::uuid[])"
TOUCH = """
UPDATE sales_cart SET currency = %s, updated_at = greatest(%s, updated_at + interval '1 microsecond')
WHERE organization_id = %s AND id = %s
"""


@dataclass(frozen=True, slots=True)
class WantedItem:
    """An item as it shall be: the lines that make it up, and what the client keeps with it."""

    id: UUID
    lines: tuple[RequestedLine, ...]
    metadata: Mapping[str, Any]
    asked_as: int | None = None
    """Place of its first line among those that are being put in. None: it is none of them."""
    is_best_available: bool = False
    """A page lets Kassa choose its seats."""


@dataclass(frozen=True, slots=True)
class _Item:
    """An item as it is written."""

    id: UUID
    item_id: UUID
    is_product: bool
    quantity: int
    seat_ids: tuple[UUID, ...]
    quota_ids: tuple[UUID, ...]
    is_best_available: bool
    metadata: Mapping[str, Any]

    def is_as(self, item: CartItem) -> bool:
        """Say whether the table has it like this already."""
        return (
            self.quantity,
            list(self.seat_ids),
            list(self.quota_ids),
            self.is_best_available,
            self.metadata,
        ) == (item.quantity, item.seat_ids, item.quota_ids, item.is_best_available, item.metadata)


def keep_item(item: CartItem, lines: tuple[RequestedLine, ...]) -> WantedItem:
    """Return an item of a cart as it shall be, made up of these lines, with all else as it is."""
    return WantedItem(item.id, lines, item.metadata, is_best_available=item.is_best_available)


def hold_items(
    organization_id: UUID,
    cart_id: UUID,
    *,
    edit: Callable[[CartContent], Sequence[WantedItem]],
    now: datetime,
) -> None:
    """Let a cart hold what ``edit`` makes of its content, under the rules of an order.

    Items that ``edit`` leaves out are taken out; if it leaves nothing, nothing changes. What the cart
    holds already counts as free for it, so that nothing is given up before the whole is certain. If
    places are short, holds that are over are released and it is tried again.

    Raises:
        NotFound: the organisation has no such cart, or ``edit`` found no such item.
        CartClosed: it has expired, was given up, or has become an order.
        CartFull: it would have more than :data:`MAX_ITEMS` items.
        Refusal: the items cannot be had; nothing was changed.
        Locked: others change the same cart or seats all the time.
    """

    def change() -> None:
        _hold(organization_id, cart_id, edit, now)

    try:
        _with_retries(change)
    except RELEASABLE:
        if not release_if_possible(organization_id, now=now):
            raise
        _with_retries(change)


def release_item(organization_id: UUID, cart_id: UUID, item_id: UUID, *, now: datetime) -> None:
    """Take an item out of a cart and give back what it holds; that is never refused for what it is.

    Raises:
        NotFound: the organisation has no such cart, or the cart no such item.
        CartClosed: it has expired, was given up, or has become an order.
        Locked: others change the same cart all the time.
    """
    _with_retries(lambda: _release(organization_id, cart_id, item_id, now))


def _with_retries(change: Callable[[], None]) -> None:
    for _ in range(TRIES):
        try:
            # The statements are psycopg's own; the faces know their errors by Django's names.
            with connection.wrap_database_errors, transaction.atomic():
                return change()
        except (Locked, StaleRead):
            continue
        except OperationalError as error:
            if not isinstance(error.__cause__, postgres.DeadlockDetected):
                raise
    raise Locked("The cart or its seats are being changed just now. Send this once more.")


def _hold(
    organization_id: UUID,
    cart_id: UUID,
    edit: Callable[[CartContent], Sequence[WantedItem]],
    now: datetime,
) -> None:
    content = read_content(organization_id, cart_id)
    require_active(content.cart, now)
    wanted = edit(content)
    if not wanted:
        return
    if len(wanted) > MAX_ITEMS:
        raise CartFull(MAX_ITEMS)
    database = statements()
    quote, taken = _decide(database, content, wanted, now)
    check_hold_limits(database, content, quote, now=now)
    _write(database, content, quote, list(_merge(wanted, quote, taken)), now)


def _decide(
    database: Statements, content: CartContent, wanted: Sequence[WantedItem], now: datetime
) -> tuple[Quote, Taken]:
    organization_id, hold = content.cart.organization_id, content.hold
    known = frozenset(item.id for item in content.items)
    lines = [line for item in wanted for line in item.lines]
    request = cart_request(content.cart, lines, hold=hold)
    offers = read_cart_offers(database, organization_id, [request])
    quote = quote_order(request, welcoming(offers), now=now)
    if isinstance(quote, KassaError):
        raise tell_refusal(quote, wanted, known=known)
    quote = count_customer(database, quote, offers.settings)
    room = lock_room(database, organization_id, [quote])
    taken = room.take(quote, now=now)
    if isinstance(taken, KassaError):
        if isinstance(taken, SoldOut):
            as_before = {
                item.id
                for item in wanted
                if item.id in known and item.lines == (line_of(content.item(item.id)),)
            }
            free = {quota: left + hold.held.get(quota, 0) for quota, left in room.available.items()}
            changed = frozenset(item.id for item in wanted) - as_before
            taken = name_the_short(taken, wanted, quote, free, changed=changed)
        raise tell_refusal(taken, wanted, known=known)
    return quote, taken


def _merge(wanted: Sequence[WantedItem], quote: Quote, taken: Taken) -> Iterator[_Item]:
    """Put the lines of each item together again, now with their seats."""
    got = iter(zip(quote.request.lines, quote.offers, taken.seats, strict=True))
    for item in wanted:
        parts = [next(got) for _ in item.lines]
        line, offer, _ = parts[0]
        yield _Item(
            id=item.id,
            item_id=line.item_id,
            is_product=line.is_product,
            quantity=sum(part.quantity for part, _, _ in parts),
            seat_ids=tuple(seat.id for _, _, seats in parts for seat in seats),
            quota_ids=offer.quota_ids,
            is_best_available=item.is_best_available,
            metadata=item.metadata,
        )


def _write(
    database: Statements, content: CartContent, quote: Quote, items: Sequence[_Item], now: datetime
) -> None:
    organization_id, cart_id, hold = content.cart.organization_id, content.cart.id, content.hold
    seats = {seat for item in items for seat in item.seat_ids}
    gained, lost = seats - hold.seat_ids, hold.seat_ids - seats
    before = {item.id: item for item in content.items}
    changed = [item for item in items if item.id not in before or not item.is_as(before[item.id])]
    dropped = before.keys() - {item.id for item in items}
    moves = PlaceMoves()
    for quota_id, count in quote.needs.items():
        moves.reserve((quota_id,), count)
    for quota_id, count in hold.held.items():
        moves.release((quota_id,), count)
    with database.trip():
        moved = (
            move_seats(
                database,
                organization_id,
                seat_ids=gained,
                from_status=[SeatStatus.AVAILABLE],
                to_status=SeatStatus.HELD,
                cart_id=cart_id,
            )
            if gained
            else None
        )
        _free_seats(database, organization_id, lost)
        if dropped:
            database.queue(DELETE_ITEMS, (organization_id, plain_array(dropped)))
        if changed:
            database.queue(PUT_ITEMS, _item_columns(organization_id, cart_id, changed, now))
        database.queue(TOUCH, (quote.currency, now, organization_id, cart_id))
        move_places(database, organization_id, moves)
    if moved is not None and moved.rowcount != len(gained):
        raise SeatsMoved


def _item_columns(
    organization_id: UUID, cart_id: UUID, items: Sequence[_Item], now: datetime
) -> tuple[Any, ...]:
    return (
        organization_id,
        cart_id,
        now,
        plain_array([item.id for item in items]),
        plain_array([None if item.is_product else item.item_id for item in items]),
        plain_array([item.item_id if item.is_product else None for item in items]),
        plain_array([item.quantity for item in items]),
        text_array([plain_array(item.seat_ids) for item in items]),
        text_array([plain_array(item.quota_ids) for item in items]),
        plain_array([item.is_best_available for item in items]),
        text_array([orjson.dumps(item.metadata).decode() for item in items]),
    )


def _release(organization_id: UUID, cart_id: UUID, item_id: UUID, now: datetime) -> None:
    content = read_content(organization_id, cart_id)
    require_active(content.cart, now)
    item = content.item(item_id)
    database = statements()
    seats = _lock_item(database, content.hold, item, now)
    moves = PlaceMoves()
    moves.release(item.quota_ids, item.quantity)
    currency = content.cart.currency if len(content.items) > 1 else None
    with database.trip():
        _free_seats(database, organization_id, {seat.id for seat in seats if seat.cart_id == cart_id})
        database.queue(DELETE_ITEMS, (organization_id, plain_array([item_id])))
        database.queue(TOUCH, (currency, now, organization_id, cart_id))
        move_places(database, organization_id, moves)


def _lock_item(database: Statements, hold: CartHold, item: CartItem, now: datetime) -> list[Any]:
    """Lock what an item holds and its cart, in the one order; return its seats."""
    with database.trip():
        lock_quotas(database, item.organization_id, item.quota_ids)
        seats = lock_seats(database, item.organization_id, item.seat_ids)
        carts = database.queue(LOCK_CARTS, (item.organization_id, plain_array([hold.id])), named=True)
    refusal = refuse_hold(hold, carts.fetchone(), now)
    if refusal is not None:
        raise refusal
    return seats.fetchall()


def _free_seats(database: Statements, organization_id: UUID, seat_ids: set[UUID] | frozenset[UUID]) -> None:
    if seat_ids:
        move_seats(
            database,
            organization_id,
            seat_ids=seat_ids,
            from_status=[SeatStatus.HELD],
            to_status=SeatStatus.AVAILABLE,
        )
