"""Cancelling: everything is given back, once, and not after shipping."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kassa.core.clock import utc_now
from kassa.coupons.models import Coupon
from kassa.orders.enums import OrderStatus
from kassa.orders.models import CouponUsage, Ticket
from kassa.payments.domain.manual_status import cancel_order, change_status
from kassa.sales.domain.expire import release_overdue
from tests.support.books import assert_books_balance
from tests.support.factories import line, make_ticket_type, moment, places
from tests.support.sale_world import World, sale_state


def move(world: World, order: Any, *steps: OrderStatus) -> None:
    for step in steps:
        change_status(world.context(), order.id, to_status=step)


def cancel(world: World, order: Any, reason: str | None = None) -> Any:
    return world.api.post(f"/api/v1/orders/{order.id}/cancel", None if reason is None else {"reason": reason})


@pytest.mark.parametrize(
    "steps", [(), (OrderStatus.CONFIRMED,), (OrderStatus.CONFIRMED, OrderStatus.PROCESSING)]
)
def test_cancelling_gives_everything_back(world: World, steps: tuple[OrderStatus, ...]) -> None:
    seat = world.best_seat
    order = world.place(
        line(world.standing, 2),
        line(world.seated, seat_ids=(seat.id,)),
        line(world.shirt, 3),
        coupon_code=world.coupon.code,
    )
    move(world, order, *steps)

    answer = cancel(world, order, "The singer is ill.")

    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["status"], shown["cancellation_reason"]) == ("cancelled", "The singer is ill.")
    assert shown["payment_status"] == ("paid" if steps else "cancelled")
    assert moment(shown["cancelled_at"]) >= order.created_at
    assert shown["expires_at"] is None
    assert [ticket["status"] for ticket in shown["tickets"]] == ["cancelled"] * 3
    assert [places(quota) for quota in (world.standing.quota_id, world.shirt.quota_id)] == [(0, 0), (0, 0)]
    assert world.seats[0].status == "available"
    assert Coupon.objects.of(world.organization.id).get().current_usage_count == 0
    assert CouponUsage.objects.of(world.organization.id).get().released_at is not None
    assert world.history(order)[-1].notes == "The singer is ill."
    assert world.told(order)[-1] == "order.cancelled"
    assert_books_balance()


def test_cancelling_again_answers_the_same_and_changes_nothing(world: World) -> None:
    order = world.place()
    first = cancel(world, order, "First reason")
    before = sale_state()

    again = cancel(world, order, "Second reason")

    assert (again.status_code, again.content) == (200, first.content)
    assert sale_state() == before


def test_cancelling_without_a_reason_keeps_none(world: World) -> None:
    order = world.place()

    answer = cancel(world, order)

    assert (answer.status_code, answer.json()["cancellation_reason"]) == (200, None)
    assert world.history(order)[-1].notes is None


@pytest.mark.parametrize(
    "steps",
    [
        (OrderStatus.SHIPPED,),
        (OrderStatus.SHIPPED, OrderStatus.DELIVERED),
        (OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.COMPLETED),
        (OrderStatus.COMPLETED,),
    ],
)
def test_cancelling_is_refused_once_shipped(world: World, steps: tuple[OrderStatus, ...]) -> None:
    order = world.place_parcel()
    move(world, order, OrderStatus.CONFIRMED, OrderStatus.PROCESSING, *steps)
    before = sale_state()

    answer = cancel(world, order)

    assert (answer.status_code, answer.json()["code"]) == (409, "already_shipped")
    assert sale_state() == before


def test_cancelling_an_expired_order_is_refused(world: World) -> None:
    order = world.place(now=utc_now() - timedelta(hours=1))
    release_overdue(world.organization.id, now=utc_now())
    before = sale_state()

    answer = cancel(world, order)

    assert (answer.status_code, answer.json()["code"]) == (409, "order_expired")
    assert sale_state() == before


def test_cancelling_another_organisations_order_is_not_found(world: World) -> None:
    theirs = World().place()
    before = sale_state()

    answer = cancel(world, theirs)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert sale_state() == before


def test_cancelled_places_seats_coupons_and_bookings_are_sold_again(world: World) -> None:
    world.event.one_per_customer = True
    world.event.save()
    seat = world.best_seat
    wanted = line(world.seated, seat_ids=(seat.id,))
    first = world.place(wanted, coupon_code=world.coupon.code)

    cancel(world, first)
    second = world.place(wanted, coupon_code=world.coupon.code)

    live = CouponUsage.objects.of(world.organization.id).get(released_at=None)
    assert (live.order_id, live.nth) == (second.id, 1)
    assert world.tickets(first) + world.tickets(second) == ["cancelled", "reserved"]
    assert_books_balance()


def test_cancelling_keeps_the_place_of_a_ticket_that_was_used(world: World) -> None:
    order = world.place(line(world.standing, 3))
    move(world, order, OrderStatus.CONFIRMED)
    used = Ticket.objects.of(world.organization.id).filter(order_id=order.id).order_by("id")[0]
    Ticket.objects.of(world.organization.id).filter(id=used.id).update(status="used")

    cancel(world, order)

    assert world.tickets(order) == ["used", "cancelled", "cancelled"]
    assert places(world.standing.quota_id) == (0, 1)
    assert_books_balance()


def test_cancelling_an_order_that_waits_for_approval_settles_it(world: World) -> None:
    order = world.place(line(make_ticket_type(world.event, requires_approval=True)))

    cancel_order(world.context(), order.id)
    rejected = world.api.post(f"/api/v1/orders/{order.id}/reject")

    assert (rejected.status_code, rejected.json()["code"]) == (409, "not_awaiting_approval")
    assert world.order(order.id).status == "cancelled"
    assert_books_balance()
