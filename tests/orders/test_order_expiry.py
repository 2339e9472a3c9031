"""Holds that are over: shown, counted and given back, whether or not the worker runs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from procrastinate.contrib.django import app

from kassa.core.clock import utc_now
from kassa.inventory.models import Quota
from kassa.orders.domain.expire import BATCH, expire_orders
from kassa.orders.enums import OrderStatus
from kassa.orders.errors import OrderExpired
from kassa.orders.models import CouponUsage, Order
from kassa.payments.domain.manual_status import cancel_order, change_status
from kassa.sales.domain.expire import release_all_overdue, release_overdue
from kassa.sales.domain.place import place_orders
from tests.support.books import assert_books_balance
from tests.support.factories import line, make_organization, make_ticket_type, order_request, places
from tests.support.sale_world import World

LONG_AFTER = timedelta(hours=1)


def overdue(world: World, *lines: object, **fields: object) -> Order:
    """Place an order an hour ago, so that its hold is over and nobody has released it."""
    return world.place(*lines, now=utc_now() - LONG_AFTER, **fields)  # type: ignore[arg-type]


def test_hold_lasts_as_long_as_the_organisation_says(transactional_db: None) -> None:
    world = World(make_organization(hold_minutes=7))

    order = world.place()

    assert order.expires_at == order.created_at + timedelta(minutes=7)


def test_expiry_gives_everything_back(world: World) -> None:
    seat = world.best_seat
    order = world.place(
        line(world.standing, 2),
        line(world.seated, seat_ids=(seat.id,)),
        line(world.shirt),
        coupon_code=world.coupon.code,
    )
    now = utc_now() + LONG_AFTER

    assert expire_orders(world.organization.id, now=now) == 1

    expired = world.order(order.id)
    assert (expired.status, expired.payment_status, expired.expired_at) == ("expired", "cancelled", now)
    assert world.tickets(order) == ["expired"] * 3
    assert places(world.standing.quota_id) == (0, 0)
    assert places(world.shirt.quota_id) == (0, 0)
    assert places(world.event.capacity_quota_id) == (0, 0)
    assert world.seats[0].status == "available"
    assert CouponUsage.objects.of(world.organization.id).get().released_at == now
    assert world.told(order) == ["order.created", "order.expired"]
    assert_books_balance()


def test_expiry_leaves_what_is_not_due_or_no_hold(world: World) -> None:
    now = utc_now()
    young = world.place(now=now)
    kept = world.place()
    change_status(world.context(), kept.id, to_status=OrderStatus.CONFIRMED)
    approval = make_ticket_type(world.event, requires_approval=True)
    awaited = world.place(line(approval))

    assert young.expires_at is not None
    assert expire_orders(world.organization.id, now=young.expires_at - timedelta(microseconds=1)) == 0
    assert expire_orders(world.organization.id, now=now + timedelta(days=365)) == 1

    assert [world.order(order.id).status for order in (young, kept, awaited)] == [
        "expired",
        "confirmed",
        "pending",
    ]
    assert_books_balance()


def test_hold_is_over_at_its_very_moment(world: World) -> None:
    order = world.place()
    assert order.expires_at is not None

    assert expire_orders(world.organization.id, now=order.expires_at) == 1


def test_expiring_twice_changes_nothing(world: World) -> None:
    order = overdue(world)
    release_overdue(world.organization.id, now=utc_now())

    assert release_overdue(world.organization.id, now=utc_now()) == 0

    assert world.told(order) == ["order.created", "order.expired"]
    assert_books_balance()


def test_expiry_works_through_more_than_one_batch(world: World) -> None:
    count = BATCH + 3
    crowd = make_ticket_type(world.event, quantity=count)
    Quota.unscoped.update(capacity=count)
    requests = [order_request(world.actor, line(crowd)) for _ in range(count)]
    place_orders(world.organization.id, requests, now=utc_now() - LONG_AFTER)

    assert expire_orders(world.organization.id, now=utc_now()) == count

    assert places(crowd.quota_id) == (0, 0)
    assert_books_balance()


def test_all_organisations_are_released_at_once(world: World) -> None:
    other = World()
    orders = [overdue(world), overdue(other)]

    assert release_all_overdue(now=utc_now()) == 2

    assert [Order.unscoped.get(id=order.id).status for order in orders] == ["expired", "expired"]


def test_read_shows_an_overdue_order_as_expired_while_the_worker_is_down(world: World) -> None:
    order = overdue(world)

    shown = world.api.get(f"/api/v1/orders/{order.id}").json()

    assert world.order(order.id).status == "draft"
    assert (shown["status"], shown["expired_at"]) == ("expired", shown["expires_at"])
    assert [ticket["status"] for ticket in shown["tickets"]] == ["expired", "expired"]
    assert (shown["can_retry_payment"], shown["expiring_soon"]) == (False, False)


def test_list_counts_an_overdue_order_as_expired(world: World) -> None:
    gone, alive = overdue(world), world.place()

    def listed(status: str) -> list[str]:
        return [order["id"] for order in world.api.get(f"/api/v1/orders?status={status}").json()["items"]]

    assert listed("expired") == [str(gone.id)]
    assert listed("draft") == [str(alive.id)]


def test_order_is_expiring_soon_in_its_last_five_minutes(world: World) -> None:
    order = world.place(now=utc_now() - timedelta(minutes=26))

    shown = world.api.get(f"/api/v1/orders/{order.id}").json()

    assert (shown["status"], shown["expiring_soon"]) == ("draft", True)


def test_availability_counts_overdue_places_and_seats_as_free(world: World) -> None:
    seat = world.best_seat
    overdue(world, line(world.standing, 10), line(world.seated, seat_ids=(seat.id,)))

    answer = world.api.get(f"/api/v1/events/{world.event.id}/availability?seats=1").json()

    left = {kind["id"]: kind["left"] for kind in answer["ticket_types"]}
    assert left == {str(world.standing.id): 10, str(world.seated.id): len(world.seats)}
    assert answer["seats"] == "a" * len(world.seats)


def test_sale_takes_the_places_of_an_overdue_hold_at_once(world: World) -> None:
    gone = overdue(world, line(world.standing, 10))

    order = world.place(line(world.standing, 10))

    assert (world.order(gone.id).status, order.status) == ("expired", "draft")
    assert places(world.standing.quota_id) == (10, 0)
    assert_books_balance()


def test_sale_takes_the_seat_the_coupon_and_the_booking_of_an_overdue_hold(world: World) -> None:
    seat = world.best_seat
    world.event.one_per_customer = True
    world.event.save()
    world.coupon.max_usage_total = 1
    world.coupon.save()
    wanted = line(world.seated, seat_ids=(seat.id,))
    overdue(world, wanted, coupon_code=world.coupon.code)

    order = world.place(wanted, coupon_code=world.coupon.code)

    assert world.tickets(order) == ["reserved"]
    assert CouponUsage.objects.of(world.organization.id).filter(released_at=None).get().order_id == order.id
    assert_books_balance()


def test_sale_takes_the_places_of_its_own_organisation_only(world: World) -> None:
    theirs = overdue(World())
    overdue(world, line(world.standing, 10))

    world.place(line(world.standing))

    assert Order.unscoped.get(id=theirs.id).status == "draft"


@pytest.mark.parametrize("is_released", [False, True])
def test_overdue_order_can_neither_be_confirmed_nor_cancelled(world: World, is_released: bool) -> None:
    order = overdue(world)
    if is_released:
        release_overdue(world.organization.id, now=utc_now())

    with pytest.raises(OrderExpired):
        change_status(world.context(), order.id, to_status=OrderStatus.CONFIRMED)
    with pytest.raises(OrderExpired):
        cancel_order(world.context(), order.id)

    assert places(world.standing.quota_id) == ((0, 0) if is_released else (2, 0))
    assert_books_balance()


def test_worker_releases_holds_every_ten_seconds() -> None:
    [periodic] = [
        task
        for (name, _), task in app.periodic_registry.periodic_tasks.items()
        if name == "kassa.release_overdue"
    ]
    start = 1_800_000_065  # Five seconds past a full ten, in a minute that is no multiple of ten.
    periodic.croniter.set_current(start, force=True)

    due = [periodic.croniter.get_next() for _ in range(3)]

    assert due == [start + 5, start + 15, start + 25]
