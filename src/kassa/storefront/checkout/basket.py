"""What is in a cart, with all that a checkout asks of it, read in a constant number of queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from kassa.catalog.domain.answers import AskedQuestion, asked_of_order, asked_of_ticket
from kassa.catalog.models import Event
from kassa.catalog.queries import get_events_by_id, questions_of_events
from kassa.core.formatting import zone_named
from kassa.core.money import ZERO
from kassa.sales.domain.cart_view import CartView
from kassa.sales.enums import CartStatus
from kassa.sales.models import Cart, CartItem
from kassa.sales.queries import get_cart_view
from kassa.storefront.templatetags.seats import seat_name

FILES_OUTLAST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Place:
    """One ticket of a cart."""

    item: CartItem
    index: int
    """Its place within the item."""
    type_id: UUID
    nth: int
    """Its place among all tickets of its type, so that it is called the same in another cart."""
    name: str
    seat: str
    """Empty: it has no number."""
    questions: tuple[AskedQuestion, ...]
    names_required: bool

    @property
    def prefix(self) -> str:
        """Return what the names of its fields begin with."""
        return f"t-{self.type_id}-{self.nth}"


@dataclass(frozen=True, slots=True)
class Basket:
    """A cart at the checkout."""

    view: CartView
    events: Mapping[UUID, Event]
    questions: Mapping[UUID, tuple[AskedQuestion, ...]]
    """By event."""

    @property
    def cart(self) -> Cart:
        return self.view.content.cart

    @property
    def items(self) -> tuple[CartItem, ...]:
        return self.view.content.items

    @property
    def status(self) -> CartStatus:
        return self.view.status

    @property
    def is_open(self) -> bool:
        return self.status == CartStatus.ACTIVE

    def takes_files(self, now: datetime) -> bool:
        """Say whether files are kept for it: it may just have expired, and is chosen again with them."""
        is_wanted = self.status in (CartStatus.ACTIVE, CartStatus.EXPIRED)
        return is_wanted and self.cart.expires_at + FILES_OUTLAST > now

    @property
    def total(self) -> Decimal:
        order = self.view.price.order
        return order.total if order else ZERO

    @property
    def currency(self) -> str:
        return self.view.currency

    @property
    def needs_approval(self) -> bool:
        """Whether the organiser decides first, so that nothing is paid now."""
        return any(item.ticket_type is not None and item.ticket_type.requires_approval for item in self.items)

    @property
    def is_paid_now(self) -> bool:
        return self.total > 0 and not self.needs_approval

    @property
    def ships(self) -> bool:
        return any(item.product is not None and item.product.is_shippable for item in self.items)

    @property
    def time_zone(self) -> str:
        """Return the clock of the first event; without one, that of the world."""
        return next((event.time_zone for event in self.events.values()), "UTC")

    @property
    def tickets_by_event(self) -> Mapping[UUID, int]:
        """Return how many tickets it has of each event, without add-ons."""
        counted: Counter[UUID] = Counter()
        for item in self.items:
            if item.ticket_type is not None and not item.ticket_type.is_addon:
                counted[item.ticket_type.event_id] += item.quantity
        return counted

    @property
    def begins_at(self) -> datetime | None:
        """Return when the first of its events starts, on its own clock. None: none has a date."""
        starts = [
            event.starts_at.astimezone(zone_named(event.time_zone))
            for event in self.events.values()
            if event.starts_at is not None
        ]
        return min(starts, default=None)

    @property
    def places(self) -> tuple[Place, ...]:
        """Return the tickets, in the order of the items."""
        return tuple(self._places())

    @property
    def order_questions(self) -> list[AskedQuestion]:
        """Return what is asked once for the order."""
        types = [item.ticket_type_id for item in self.items if item.ticket_type_id]
        return asked_of_order((one for asked in self.questions.values() for one in asked), types)

    def _places(self) -> Iterator[Place]:
        counted: Counter[UUID] = Counter()
        for row in self.view.items:
            item, kind = row.item, row.item.ticket_type
            if kind is None:
                continue
            asked = tuple(asked_of_ticket(self.questions.get(kind.event_id, ()), kind.id))
            seats = [seat_name(seat.label) for seat in row.seats]
            for index in range(item.quantity):
                seat = seats[index] if index < len(seats) else ""
                nth = counted[kind.id]
                yield Place(item, index, kind.id, nth, kind.name, seat, asked, kind.names_required)
                counted[kind.id] += 1


def read_basket(organization_id: UUID, cart_id: UUID, *, now: datetime) -> Basket:
    """Read a cart for its checkout.

    Raises:
        NotFound: the organisation has no such cart.
    """
    view = get_cart_view(organization_id, cart_id, now=now)
    event_ids = {item.ticket_type.event_id for item in view.content.items if item.ticket_type}
    return Basket(
        view=view,
        events=get_events_by_id(organization_id, event_ids) if event_ids else {},
        questions=questions_of_events(organization_id, event_ids) if event_ids else {},
    )
