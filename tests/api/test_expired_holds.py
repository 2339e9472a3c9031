"""While the worker is down no answer shows a hold that is over as alive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kassa.catalog.models import TicketTypeQuota
from kassa.core.clock import utc_now
from kassa.inventory.enums import QuotaKind
from kassa.inventory.models import Quota
from kassa.orders.models import Order
from kassa.sales.domain.expire import release_overdue
from kassa.sales.domain.request import RequestedLine
from kassa.sales.models import Cart
from tests.sales.carts import a_cart
from tests.support.factories import line, make_quota, places
from tests.support.sale_world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World()


def by_order(world: World, *lines: RequestedLine) -> UUID:
    return world.place(*lines).id


def by_cart(world: World, *lines: RequestedLine) -> UUID:
    return a_cart(world.organization, *lines, now=utc_now())


holders = pytest.mark.parametrize("hold", [by_order, by_cart])


def let_time_pass(*held: UUID) -> None:
    """Let the holds be over, and no worker see it."""
    past = utc_now() - timedelta(seconds=1)
    moved = [model.filter(id__in=held).update(expires_at=past) for model in (Order.unscoped, Cart.unscoped)]
    assert sum(moved) == len(held)


def get(world: World, path: str) -> Any:
    answer = world.api.get(f"/api/v1{path}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def shared_quota(world: World) -> Quota:
    quota = make_quota(world.organization, 20, QuotaKind.SHARED)
    TicketTypeQuota.unscoped.create(organization=world.organization, ticket_type=world.standing, quota=quota)
    return quota


def figures(world: World, shared: Quota) -> dict[str, Any]:
    """Return what every read says is left."""
    event, listed = get(world, f"/events/{world.event.id}"), get(world, "/events")["items"][0]
    types = get(world, f"/events/{world.event.id}/ticket-types")["items"]
    quota, quotas = get(world, f"/quotas/{shared.id}"), get(world, "/quotas?kind=shared")["items"]
    shirt, shirts = get(world, f"/products/{world.shirt.id}"), get(world, "/products")["items"]
    assert listed == event
    assert event["ticket_types"] == types == [get(world, f"/ticket-types/{world.standing.id}")]
    assert quotas == [quota]
    assert shirts == [shirt]
    return {
        "event": event["available"],
        "type": types[0]["available"],
        "shared": (quota["reserved"], quota["available"]),
        "shirt": (shirt["reserved"], shirt["available"]),
    }


@holders
def test_places_are_free_when_their_hold_is_over(world: World, hold: Callable[..., UUID]) -> None:
    shared = shared_quota(world)
    untouched = figures(world, shared)
    held = hold(world, line(world.standing, 4), line(world.shirt, 3))
    alive = hold(world, line(world.standing, 1))
    before = figures(world, shared)

    let_time_pass(held)
    after = figures(world, shared)

    assert untouched == {"event": 100, "type": 10, "shared": (0, 20), "shirt": (0, 10)}
    assert before == {"event": 95, "type": 5, "shared": (5, 15), "shirt": (3, 7)}
    assert after == {"event": 99, "type": 9, "shared": (1, 19), "shirt": (0, 10)}
    assert places(world.standing.quota_id) == (5, 0)  # the reads have written nothing
    assert release_overdue(world.organization.id, now=utc_now()) == 1
    assert figures(world, shared) == after
    assert alive != held


def test_overdue_holds_of_orders_and_carts_add_up(world: World) -> None:
    shared = shared_quota(world)
    let_time_pass(by_order(world, line(world.standing, 2)), by_order(world, line(world.standing)))
    let_time_pass(by_cart(world, line(world.standing, 3)))

    assert places(shared.id) == (6, 0)
    assert figures(world, shared)["shared"] == (0, 20)


def test_what_is_sold_or_of_others_is_not_given_back(world: World) -> None:
    shared, theirs = shared_quota(world), World()
    let_time_pass(by_order(theirs, line(theirs.standing, 2)))
    order = by_order(world, line(world.standing, 2))
    assert world.api.put(f"/api/v1/orders/{order}/status", {"status": "confirmed"}).status_code == 200
    let_time_pass(order)

    assert figures(world, shared)["type"] == 8
    assert get(world, f"/orders/{order}")["payment_status"] == "paid"


def seats_shown(world: World, **query: str) -> dict[str, str]:
    path = f"/events/{world.event.id}/seats?" + "&".join(f"{name}={value}" for name, value in query.items())
    return {seat["id"]: seat["status"] for seat in get(world, path)["items"]}


@holders
def test_seats_are_available_when_their_hold_is_over(world: World, hold: Callable[..., UUID]) -> None:
    assert world.seated.seat_category == "standard"
    over, alive, *rest = [seat.id for seat in world.seats]
    held = hold(world, line(world.seated, seat_ids=(over,)))
    hold(world, line(world.seated, seat_ids=(alive,)))
    assert list(seats_shown(world, status="held")) == [str(over), str(alive)]
    let_time_pass(held)

    for released in (0, 1):
        shown = seats_shown(world)
        assert shown == {str(over): "available", str(alive): "held"} | {str(one): "available" for one in rest}
        assert seats_shown(world, status="held") == {str(alive): "held"}
        assert seats_shown(world, status="available") == dict.fromkeys(
            [str(over), *map(str, rest)], "available"
        )
        assert release_overdue(world.organization.id, now=utc_now()) == 1 - released


def test_seats_of_another_event_or_organisation_are_not_given_back(world: World) -> None:
    theirs = World()
    let_time_pass(by_order(theirs, line(theirs.seated, seat_ids=(theirs.best_seat.id,))))
    by_order(world, line(world.seated, seat_ids=(world.best_seat.id,)))

    assert list(seats_shown(world, status="held")) == [str(world.best_seat.id)]


def orders_by_payment(world: World) -> dict[str, set[str]]:
    return {
        status: {order["id"] for order in get(world, f"/orders?payment_status={status}")["items"]}
        for status in ("pending", "failed", "cancelled", "paid")
    }


@pytest.mark.parametrize("stored", ["pending", "failed"])
def test_payment_of_an_order_whose_hold_is_over_is_cancelled(world: World, stored: str) -> None:
    over, alive = by_order(world), by_order(world)
    Order.unscoped.filter(id__in=[over, alive]).update(payment_status=stored)
    expected: dict[str, set[str]] = {"pending": set(), "failed": set(), "cancelled": set(), "paid": set()}
    assert orders_by_payment(world) == expected | {stored: {str(over), str(alive)}}
    let_time_pass(over)

    for released in (0, 1):
        assert get(world, f"/orders/{over}")["payment_status"] == "cancelled"
        assert get(world, f"/orders/{alive}")["payment_status"] == stored
        listed = {order["id"]: order["payment_status"] for order in get(world, "/orders")["items"]}
        assert listed == {str(over): "cancelled", str(alive): stored}
        assert orders_by_payment(world) == expected | {"cancelled": {str(over)}, stored: {str(alive)}}
        assert release_overdue(world.organization.id, now=utc_now()) == 1 - released


@pytest.mark.parametrize("path", ["/events", "/quotas", "/products", "/events/{event}/seats"])
def test_overdue_holds_cost_no_query_each(world: World, path: str) -> None:
    address = path.format(event=world.event.id)
    assert world.seated.seat_category == "standard"
    first, second, *_ = [seat.id for seat in world.seats]

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            get(world, address)
        return len(captured)

    let_time_pass(by_order(world, line(world.seated, seat_ids=(first,)), line(world.shirt)))
    get(world, address)
    one = queries()
    let_time_pass(by_cart(world, line(world.seated, seat_ids=(second,))), by_order(world, line(world.shirt)))

    assert queries() == one
