"""What the guests have bought so far, placed and moved as it would be by the website and the staff."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kassa.core.command_context import CommandContext
from kassa.core.errors import KassaError
from kassa.demo.houses import House
from kassa.demo.people import Person
from kassa.orders.enums import OrderStatus
from kassa.payments.domain.manual_status import change_status
from kassa.sales.domain.expire import release_overdue
from kassa.sales.domain.place import place_orders
from kassa.sales.domain.request import OrderRequest, RequestedLine

_S = OrderStatus

PAID = (_S.CONFIRMED,)
IN_WORK = (*PAID, _S.PROCESSING)
SENT = (*IN_WORK, _S.SHIPPED)
ARRIVED = (*SENT, _S.DELIVERED)
DONE = (*PAID, _S.COMPLETED)
CALLED_OFF = (*PAID, _S.CANCELLED)

AFTER = {
    _S.CONFIRMED: (timedelta(minutes=4), "The payment has arrived"),
    _S.PROCESSING: (timedelta(hours=3), "Being packed"),
    _S.SHIPPED: (timedelta(hours=20), "Handed to the carrier"),
    _S.DELIVERED: (timedelta(days=3), "Signed for at the door"),
    _S.COMPLETED: (timedelta(days=4), "Everything is done"),
    _S.CANCELLED: (timedelta(minutes=12), "The customer asked for it"),
}
"""How long after an order was placed it gets to a status, and what staff note then."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """One order: who bought what, how long ago, and how far it has come since."""

    buyer: Person
    lines: tuple[RequestedLine, ...]
    ago: timedelta
    moves: tuple[OrderStatus, ...] = ()
    coupon: str | None = None
    is_sent: bool = False
    """It goes to the buyer's address."""
    notes: str = ""
    reference: str | None = None
    """By which the client knows the buyer. None: a guest."""


def tickets(ticket_type: UUID, quantity: int = 1, *, seated: bool = False, **answers: str) -> RequestedLine:
    """Return a line of tickets; ``seated`` takes the best seats, and every attendee answers alike."""
    return RequestedLine(
        item_id=ticket_type,
        is_product=False,
        quantity=quantity,
        best_available=seated,
        attendees=({"fields": answers},) * quantity if answers else (),
    )


def pieces(product: UUID, quantity: int = 1) -> RequestedLine:
    """Return a line of goods."""
    return RequestedLine(item_id=product, is_product=True, quantity=quantity)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def play_purchases(house: House, purchases: Iterable[Purchase], *, now: datetime) -> None:
    """Place orders and move them on, the oldest first; then give back what was held too long.

    Raises:
        KassaError: one was refused, so the offer and the purchases do not belong together.
    """
    in_turn = sorted(purchases, key=lambda purchase: -purchase.ago)
    for nth, purchase in enumerate(in_turn, start=1):
        placed_at = now - purchase.ago
        order_id = _place(house, purchase, f"demo-{nth:03d}", placed_at)
        for status in purchase.moves:
            _move(house, order_id, status, placed_at, now)
    release_overdue(house.id, now=now)


def _place(house: House, purchase: Purchase, key: str, placed_at: datetime) -> UUID:
    buyer = purchase.buyer
    request = OrderRequest(
        actor=house.website,
        lines=purchase.lines,
        customer=buyer.as_customer(reference=purchase.reference),
        idempotency_key=key,
        fingerprint=hashlib.sha256(key.encode()).digest(),
        coupon_code=purchase.coupon,
        shipping_address=buyer.address if purchase.is_sent else None,
        billing_address=buyer.address if purchase.is_sent else None,
        notes=purchase.notes,
    )
    outcome = place_orders(house.id, [request], now=placed_at)[0]
    if isinstance(outcome, KassaError):
        raise outcome
    return outcome.order_id


def _move(house: House, order_id: UUID, status: OrderStatus, placed_at: datetime, now: datetime) -> None:
    later, note = AFTER[status]
    change_status(
        CommandContext(actor=house.manager, now=min(placed_at + later, now), reason=note),
        order_id,
        to_status=status,
        tracking_number=f"KT{order_id.hex[-10:].upper()}" if status == OrderStatus.SHIPPED else None,
    )
