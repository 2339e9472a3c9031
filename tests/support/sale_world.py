"""An organisation that sells tickets, seats and goods, and short words for what a test does with it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import connection

from kassa.catalog.models import Event, Product, TicketType
from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.models import OutboxEvent
from kassa.coupons.models import Coupon
from kassa.orders.models import Order, OrderHistory, Ticket
from kassa.organizations.models import Organization
from kassa.sales.domain.outcome import Placed
from kassa.sales.domain.place import place_orders
from kassa.sales.domain.request import RequestedLine
from kassa.seating.domain.drawn import coach_plan
from kassa.seating.domain.plan import check_plan, expand
from kassa.seating.domain.seat_event import add_seats
from kassa.seating.models import EventSeat
from tests.support.api_client import ApiClient, make_api_client
from tests.support.factories import (
    line,
    make_actor,
    make_coupon,
    make_event,
    make_organization,
    make_product,
    make_ticket_type,
    order_request,
)

ADDRESS = {"line1": "12 Harbour Street", "city": "Bristol", "postal_code": "BS1 4DJ", "country": "GB"}
SALE_TABLES = (
    "core_idempotentanswer",
    "core_outboxevent",
    "coupons_coupon",
    "inventory_quota",
    "orders_couponusage",
    "orders_limituse",
    "orders_order",
    "orders_orderhistory",
    "orders_orderitem",
    "orders_ordernumberseries",
    "orders_ticket",
    "orders_upload",
    "sales_cart",
    "sales_cartitem",
    "seating_eventseat",
)


@dataclass
class World:
    """One organisation; what it sells is made when it is first asked for."""

    organization: Organization = field(default_factory=make_organization)

    @cached_property
    def actor(self) -> Actor:
        return make_actor(self.organization)

    @cached_property
    def api(self) -> ApiClient:
        return make_api_client(self.organization)

    @cached_property
    def event(self) -> Event:
        return make_event(self.organization, capacity=100)

    @cached_property
    def standing(self) -> TicketType:
        return make_ticket_type(self.event, quantity=10)

    @cached_property
    def shirt(self) -> Product:
        return make_product(self.organization, stock=10)

    @cached_property
    def book(self) -> Product:
        """Goods that are shipped."""
        return make_product(self.organization, stock=10, name="Book", is_shippable=True)

    @cached_property
    def coupon(self) -> Coupon:
        return make_coupon(self.organization, discount_value=Decimal(10))

    @cached_property
    def seated(self) -> TicketType:
        """A ticket type for the seats of a small coach."""
        add_seats(self.event, expand(check_plan(coach_plan(2))))
        seats = EventSeat.objects.of(self.organization.id).count()
        return make_ticket_type(self.event, quantity=seats, seat_category="standard", name="Seated")

    @property
    def best_seat(self) -> EventSeat:
        """The best seat of the coach, which is made if need be."""
        assert self.seated.seat_category == "standard"
        return self.seats[0]

    @property
    def seats(self) -> list[EventSeat]:
        """The seats, best first, as they are now."""
        return list(EventSeat.objects.of(self.organization.id).order_by("rank"))

    def place(self, *lines: RequestedLine, now: datetime | None = None, **fields: Any) -> Order:
        """Place an order that there is room for; without lines one of two standing places."""
        request = order_request(self.actor, *(lines or (line(self.standing, 2),)), **fields)
        [outcome] = place_orders(self.organization.id, [request], now=now or utc_now())
        assert isinstance(outcome, Placed), outcome
        return self.order(outcome.order_id)

    def place_parcel(self, *lines: RequestedLine, **fields: Any) -> Order:
        """Place an order of goods that are shipped, and of whatever else is wanted."""
        return self.place(line(self.book), *lines, shipping_address=ADDRESS, **fields)

    def order(self, order_id: Any) -> Order:
        """Return an order as it is now."""
        return Order.objects.of(self.organization.id).get(id=order_id)

    def context(self, reason: str = "", *, now: datetime | None = None) -> CommandContext:
        return CommandContext(actor=self.actor, now=now or utc_now(), reason=reason)

    def history(self, order: Order) -> list[OrderHistory]:
        changes = OrderHistory.objects.of(self.organization.id).filter(order_id=order.id)
        return list(changes.order_by("position"))

    def moves(self, order: Order) -> list[tuple[str | None, str]]:
        """Return the statuses an order has gone through."""
        return [
            (change.from_status, change.to_status)
            for change in self.history(order)
            if change.from_status != change.to_status
        ]

    def told(self, order: Order) -> list[str]:
        """Return what the outbox tells of an order itself, in its order."""
        events = OutboxEvent.objects.of(self.organization.id).filter(subject=f"orders/{order.id}")
        return list(events.order_by("position").values_list("type", flat=True))

    def tickets(self, order: Order) -> list[str]:
        """Return the states of an order's tickets."""
        tickets = Ticket.objects.of(self.organization.id).filter(order_id=order.id).order_by("id")
        return list(tickets.values_list("status", flat=True))


def sale_state() -> dict[str, str]:
    """Return a fingerprint of every table that a sale writes, to prove that nothing was written."""
    state: dict[str, str] = {}
    with connection.cursor() as cursor:
        for table in SALE_TABLES:
            cursor.execute(
                f"SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') FROM {table} t"
            )
            state[table] = hashlib.sha256(cursor.fetchone()[0].encode()).hexdigest()
    return state
