"""An offer that changes while an order waits for its places is looked at once more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections, transaction

from kassa.catalog.models import Event, Product, TicketType
from kassa.core.clock import utc_now
from kassa.inventory.models import Quota
from kassa.orders.models import Order
from kassa.sales.domain.outcome import Outcome
from kassa.sales.domain.place import place_orders
from kassa.sales.errors import ItemUnknown, SalesClosed, SoldOut
from kassa.seating.models import EventSeat
from tests.support.api_client import make_api_client
from tests.support.factories import (
    line,
    make_actor,
    make_event,
    make_organization,
    make_product,
    make_quota,
    make_ticket_type,
    order_request,
)
from tests.support.sale_world import ADDRESS

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 10.0


def _while_the_order_waits(item: TicketType | Product, change: Callable[[], Any]) -> Outcome:
    """Let an order read its offer and wait for the quota's lock; change the offer; let it go on."""
    outcomes: list[Outcome] = []
    organization = item.organization
    wanted = order_request(make_actor(organization), line(item))

    def place() -> None:
        outcomes.extend(place_orders(organization.id, [wanted], now=utc_now()))
        connections.close_all()

    buyer = threading.Thread(target=place, daemon=True)
    with transaction.atomic():
        list(Quota.objects.of(organization.id).filter(id__in=[item.quota_id]).select_for_update())
        buyer.start()
        _wait_for_a_waiter()
        change()
    buyer.join(PATIENCE)
    return outcomes[0]


def _wait_for_a_waiter() -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            # The statistics of a transaction are kept from its first look; this one wants the newest.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
    raise AssertionError("The order never waited for the lock.")


def test_event_deleted_meanwhile_is_not_sold() -> None:
    organization = make_organization()
    event = make_event(organization)
    standing = make_ticket_type(event)

    outcome = _while_the_order_waits(
        standing, lambda: Event.objects.of(organization.id).filter(id=event.id).update(deleted_at=utc_now())
    )

    assert isinstance(outcome, ItemUnknown)
    assert not Order.objects.of(organization.id).exists()


def test_event_cancelled_meanwhile_is_not_sold() -> None:
    organization = make_organization()
    event = make_event(organization)
    standing = make_ticket_type(event)

    outcome = _while_the_order_waits(
        standing, lambda: Event.objects.of(organization.id).filter(id=event.id).update(status="cancelled")
    )

    assert isinstance(outcome, SalesClosed)


def test_product_deleted_meanwhile_is_not_sold() -> None:
    organization = make_organization()
    poster = make_product(organization)

    outcome = _while_the_order_waits(
        poster, lambda: Product.objects.of(organization.id).filter(id=poster.id).update(deleted_at=utc_now())
    )

    assert isinstance(outcome, ItemUnknown)


def test_capacity_given_to_the_event_meanwhile_is_drawn_on() -> None:
    organization = make_organization()
    event = make_event(organization)
    standing = make_ticket_type(event)
    room = make_quota(organization, 1)

    outcome = _while_the_order_waits(
        standing,
        lambda: Event.objects.of(organization.id).filter(id=event.id).update(capacity_quota_id=room.id),
    )

    assert not isinstance(outcome, Exception)
    room.refresh_from_db()
    assert room.reserved == 1


def _seated(organization_id: UUID, event: Event, count: int) -> None:
    for number in range(count):
        EventSeat.unscoped.create(
            organization_id=organization_id,
            event=event,
            category="stalls",
            section="Stalls",
            row="A",
            number=str(number + 1),
            rank=number,
            block=0,
            place=number,
        )


def test_best_available_says_how_many_seats_are_left() -> None:
    organization = make_organization()
    event = make_event(organization)
    stalls = make_ticket_type(event, quantity=10, seat_category="stalls")
    _seated(organization.id, event, 2)

    [outcome] = place_orders(
        organization.id,
        [order_request(make_actor(organization), line(stalls, 3, best_available=True))],
        now=utc_now(),
    )

    assert isinstance(outcome, SoldOut)
    assert outcome.details["left"] == 2


def test_tracking_number_of_a_shipped_order_can_be_corrected() -> None:
    organization = make_organization()
    book = make_product(organization, is_shippable=True)
    api = make_api_client(organization)
    order = api.order({"product": str(book.id), "quantity": 1}, shipping_address=ADDRESS).json()
    address = f"/api/v1/orders/{order['id']}/status"
    for status in ("confirmed", "processing", "shipped"):
        assert api.put(address, {"status": status, "tracking_number": "WRONG"}).status_code == 200

    corrected = api.put(address, {"status": "shipped", "tracking_number": "RIGHT"})

    assert (corrected.status_code, corrected.json()["tracking_number"]) == (200, "RIGHT")


def test_cancelled_order_awaits_no_approval() -> None:
    organization = make_organization()
    backstage = make_ticket_type(make_event(organization), requires_approval=True)
    api = make_api_client(organization)
    first, second = (
        api.order({"ticket_type": str(backstage.id), "quantity": 1}).json()["id"] for _ in range(2)
    )
    api.post(f"/api/v1/orders/{first}/cancel")

    awaited = api.get("/api/v1/orders?approval=awaited").json()["items"]

    assert [order["id"] for order in awaited] == [second]
