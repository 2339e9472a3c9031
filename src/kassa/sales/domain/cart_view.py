"""A cart as its readers see it at one moment: its rows, what they cost, and where it stands. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from kassa.catalog.errors import AboutLine
from kassa.core.errors import KassaError
from kassa.sales.domain.cart_content import CartContent, customer_of
from kassa.sales.domain.cart_price import CartPrice
from kassa.sales.domain.offers import Offer
from kassa.sales.domain.pricing import PricedLine
from kassa.sales.domain.request import Customer
from kassa.sales.enums import CartStatus
from kassa.sales.models import Cart, CartItem


@dataclass(frozen=True, slots=True)
class CartSeat:
    """A numbered seat that a cart holds."""

    id: UUID
    label: str
    """Empty: there is no such seat any more."""


@dataclass(frozen=True, slots=True)
class CartItemView:
    """An item of a cart with its seats and its price."""

    item: CartItem
    seats: tuple[CartSeat, ...]
    offer: Offer | None
    """None: it is not offered any more."""
    price: PricedLine | None
    """None: it is not offered any more."""

    @property
    def name(self) -> str:
        """Return what is sold, in the seller's words."""
        sold = self.item.ticket_type or self.item.product
        return sold.name if sold else ""


@dataclass(frozen=True, slots=True)
class CartView:
    """A whole cart; one whose time is over is seen as expired, even before it is released."""

    content: CartContent
    price: CartPrice
    status: CartStatus
    is_expiring_soon: bool
    currency: str
    """Of its items; of an empty one, the organisation's."""
    order_id: UUID | None
    """The order that it has become. None: it has become none."""
    seat_labels: Mapping[UUID, str]

    @property
    def cart(self) -> Cart:
        return self.content.cart

    @property
    def customer(self) -> Customer | None:
        """Return who buys. None: not known yet."""
        return customer_of(self.cart)

    @property
    def event_id(self) -> UUID | None:
        """Return the event of all its tickets. None: it has none, or of several events."""
        items = self.content.items
        events = {item.ticket_type.event_id for item in items if item.ticket_type is not None}
        return events.pop() if len(events) == 1 else None

    @property
    def items(self) -> tuple[CartItemView, ...]:
        """Return its items, the oldest first."""
        return tuple(self._items())

    def find_item(self, problem: KassaError) -> CartItem | None:
        """Return the item that a problem of the whole cart is about. None: it is about no single one."""
        line = problem.line if isinstance(problem, AboutLine) else None
        return None if line is None else self.content.items[line]

    def _items(self) -> Iterator[CartItemView]:
        for item in self.content.items:
            seats = tuple(CartSeat(seat, self.seat_labels.get(seat, "")) for seat in item.seat_ids)
            offer, price = self.price.lines.get(item.id) or (None, None)
            yield CartItemView(item, seats, offer, price)
