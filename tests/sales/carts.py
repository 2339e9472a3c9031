"""Carts as tests make, change and look at them."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from django.db import connections

from kassa.api.serialize_cart import serialize_cart
from kassa.catalog.models import Event, TicketType
from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.core.errors import KassaError
from kassa.organizations.models import Organization
from kassa.sales.domain.cart_items import NewItem, put_items
from kassa.sales.domain.cart_open import NewCart, open_cart
from kassa.sales.domain.cart_order import Checkout, cart_order_request
from kassa.sales.domain.outcome import Outcome
from kassa.sales.domain.place import place_orders
from kassa.sales.domain.request import Customer, RequestedLine
from kassa.sales.models import Cart, CartItem
from kassa.sales.queries import get_cart_view
from kassa.seating.domain.drawn import coach_plan
from kassa.seating.domain.plan import check_plan, expand
from kassa.seating.domain.seat_event import add_seats
from kassa.seating.models import EventSeat
from tests.support.factories import make_ticket_type

ADA = Customer(email="ada@example.com", first_name="Ada")
HOLD = timedelta(minutes=30)


def a_cart(organization: Organization, *lines: RequestedLine, now: datetime, **fields: Any) -> UUID:
    fields.setdefault("customer", ADA)
    new = NewCart(items=[NewItem(each) for each in lines], **fields)
    return open_cart(CommandContext.system(organization.id, now=now), new)


def put(organization: Organization, cart_id: UUID, *lines: RequestedLine, now: datetime) -> None:
    put_items(CommandContext.system(organization.id, now=now), cart_id, [NewItem(each) for each in lines])


def items_of(cart_id: UUID) -> list[CartItem]:
    return list(CartItem.unscoped.filter(cart_id=cart_id).order_by("id"))


def serialized_cart(organization_id: UUID, cart_id: UUID, *, now: datetime) -> dict[str, Any]:
    """Return a cart as the API shows it."""
    return serialize_cart(get_cart_view(organization_id, cart_id, now=now))


def seats_of(event: Event) -> list[EventSeat]:
    return list(EventSeat.objects.of(event.organization_id).filter(event=event).order_by("rank"))


def seated(event: Event, rows: int = 3, **fields: Any) -> TicketType:
    add_seats(event, expand(check_plan(coach_plan(rows))))
    return make_ticket_type(event, seat_category="standard", **fields)


def states(*seats: EventSeat | UUID) -> list[tuple[str, UUID | None]]:
    ids = [seat if isinstance(seat, UUID) else seat.id for seat in seats]
    found = EventSeat.unscoped.in_bulk(ids)
    return [(found[seat_id].status, found[seat_id].cart_id) for seat_id in ids]


def snapshot(cart_id: UUID) -> Any:
    """All that a refused call must leave as it is."""
    cart = Cart.unscoped.values().get(id=cart_id)
    return cart, [list(item.__dict__.items())[1:] for item in items_of(cart_id)]


def checkout(key: str | None = None, **fields: Any) -> Checkout:
    return Checkout(idempotency_key=key or str(uuid4()), fingerprint=b"f" * 32, **fields)


def convert(actor: Actor, cart_id: UUID, *, now: datetime, key: str | None = None, **fields: Any) -> Outcome:
    request = cart_order_request(actor, cart_id, checkout(key, **fields), now=now)
    [outcome] = place_orders(actor.organization_id, [request], now=now)
    return outcome


def race(racers: int, run: Any) -> list[Any]:
    """Run at the same moment on as many connections; return what each got."""
    start = threading.Barrier(racers)
    results: list[Any] = []

    def one(nth: int) -> None:
        start.wait(10)
        try:
            results.append(run(nth))
        except KassaError as error:
            results.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(nth,)) for nth in range(racers)]
    connections.close_all()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(results) == racers
    return results


def wait_for_a_waiter(url: str) -> None:
    """Return once a statement waits for another's lock."""
    deadline = time.monotonic() + 10
    with psycopg.connect(url, autocommit=True) as watcher:
        while time.monotonic() < deadline:
            found = watcher.execute("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'").fetchone()
            if found is not None:
                return
    raise AssertionError("Nothing waits.")
