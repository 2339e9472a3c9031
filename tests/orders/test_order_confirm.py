"""Confirming, approving, and moving an order on over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kassa.core.clock import utc_now
from kassa.core.permissions import Permission
from kassa.orders.enums import ORDER_MOVES, STAFF_MOVES, OrderStatus
from kassa.orders.models import Order
from tests.support.api_client import ApiClient
from tests.support.books import assert_books_balance
from tests.support.factories import line, make_key, make_organization, make_ticket_type, moment, places
from tests.support.sale_world import World, sale_state


def put(world: World, order: Order, status: str, **more: Any) -> Any:
    return world.api.put(f"/api/v1/orders/{order.id}/status", {"status": status, **more})


def decide(world: World, order: Order, verb: str, reason: str | None = None) -> Any:
    return world.api.post(f"/api/v1/orders/{order.id}/{verb}", {"reason": reason} if reason else None)


def test_confirming_turns_what_was_reserved_into_sold(world: World) -> None:
    seat = world.best_seat
    order = world.place(
        line(world.standing, 2), line(world.seated, seat_ids=(seat.id,)), line(world.shirt, 3)
    )

    answer = put(world, order, "confirmed", notes="Paid by transfer.")

    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["status"], shown["payment_status"], shown["expires_at"]) == ("confirmed", "paid", None)
    assert shown["confirmed_at"] == shown["paid_at"] is not None
    assert [ticket["status"] for ticket in shown["tickets"]] == ["valid"] * 3
    assert [places(quota) for quota in (world.standing.quota_id, world.shirt.quota_id)] == [(0, 2), (0, 3)]
    assert places(world.event.capacity_quota_id) == (0, 3)
    assert world.seats[0].status == "sold"
    assert world.history(order)[-1].notes == "Paid by transfer."
    assert world.told(order) == ["order.created", "order.confirmed"]
    assert_books_balance()


def test_confirming_again_changes_nothing(world: World) -> None:
    order = world.place()
    first = put(world, order, "confirmed")
    before = sale_state()

    again = put(world, order, "confirmed")

    assert (again.status_code, again.content) == (200, first.content)
    assert sale_state() == before


def test_order_goes_all_the_way_to_completed(world: World) -> None:
    order = world.place_parcel()
    steps = ("confirmed", "processing", "shipped", "delivered", "completed")

    answers = [
        put(world, order, step, **({"tracking_number": "JD01"} if step == "shipped" else {}))
        for step in steps
    ]

    assert [(answer.status_code, answer.json()["status"]) for answer in answers] == [
        (200, step) for step in steps
    ]
    shown = answers[-1].json()
    assert shown["tracking_number"] == "JD01"
    times = [moment(shown[name]) for name in ("confirmed_at", "shipped_at", "delivered_at", "completed_at")]
    assert times == sorted(times)
    assert world.told(order) == ["order.created", *(f"order.{step}" for step in steps)]
    assert_books_balance()


def test_tracking_tells_where_the_order_is(world: World) -> None:
    order = world.place_parcel()
    for step in ("confirmed", "processing"):
        put(world, order, step)
    put(world, order, "shipped", tracking_number="JD01")

    answer = world.api.get(f"/api/v1/orders/{order.id}/tracking").json()

    assert (answer["number"], answer["status"], answer["tracking_number"]) == (
        order.number,
        "shipped",
        "JD01",
    )
    assert (answer["shipped_at"] is None, answer["delivered_at"]) == (False, None)


@pytest.mark.parametrize(
    "start", [OrderStatus.DRAFT, OrderStatus.CONFIRMED, OrderStatus.PROCESSING, OrderStatus.COMPLETED]
)
def test_status_that_no_move_leads_to_is_refused_with_what_is_allowed(
    world: World, start: OrderStatus
) -> None:
    order = world.place_parcel()
    path = {
        OrderStatus.CONFIRMED: ["confirmed"],
        OrderStatus.PROCESSING: ["confirmed", "processing"],
        OrderStatus.COMPLETED: ["confirmed", "completed"],
    }
    for step in path.get(start, []):
        put(world, order, step)
    before = sale_state()
    refused = STAFF_MOVES - ORDER_MOVES[start] - {start, OrderStatus.CANCELLED}

    answers = {status: put(world, order, status) for status in refused}

    assert {
        status: (answer.status_code, answer.json()["code"]) for status, answer in answers.items()
    } == dict.fromkeys(refused, (409, "illegal_move"))
    for status, answer in answers.items():
        problem = answer.json()
        assert (problem["from_status"], problem["to_status"]) == (start, status)
        assert problem["allowed"] == sorted(ORDER_MOVES[start])
    assert sale_state() == before


@pytest.mark.parametrize("status", sorted(set(OrderStatus) - STAFF_MOVES))
def test_status_that_is_not_set_by_hand_is_refused(world: World, status: OrderStatus) -> None:
    order = world.place()
    before = sale_state()

    answer = put(world, order, status)

    assert (answer.status_code, answer.json()["code"]) == (409, "not_by_hand")
    assert answer.json()["allowed"] == sorted(STAFF_MOVES)
    assert sale_state() == before


def test_status_cancelled_is_a_cancellation_with_its_reason(world: World) -> None:
    order = world.place()

    answer = put(world, order, "cancelled", notes="Double booking.")

    assert (answer.json()["status"], answer.json()["cancellation_reason"]) == ("cancelled", "Double booking.")
    assert_books_balance()


@pytest.mark.parametrize(
    "body", [{}, {"status": "sent"}, {"status": "shipped", "speed": "fast"}, {"status": None}]
)
def test_status_of_a_wrong_shape_is_invalid(world: World, body: dict[str, Any]) -> None:
    order = world.place()
    before = sale_state()

    answer = world.api.put(f"/api/v1/orders/{order.id}/status", body)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert sale_state() == before


def test_status_needs_the_right_to_manage_orders(world: World) -> None:
    order = world.place()
    reader = ApiClient(
        make_key(world.organization, frozenset({Permission.ORDER_READ, Permission.ORDER_PLACE}))
    )
    before = sale_state()

    answers = [
        reader.put(f"/api/v1/orders/{order.id}/status", {"status": "confirmed"}),
        *(reader.post(f"/api/v1/orders/{order.id}/{verb}") for verb in ("cancel", "approve", "reject")),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (403, "permission_missing")
    ] * 4
    assert sale_state() == before


def test_status_of_another_organisations_order_is_not_found(world: World) -> None:
    theirs = World().place()
    before = sale_state()

    answer = put(world, theirs, "confirmed")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert sale_state() == before


def test_order_that_waits_for_approval_holds_its_places_without_end(world: World) -> None:
    order = world.place(line(make_ticket_type(world.event, requires_approval=True, quantity=5)))

    assert (order.status, order.approval, order.expires_at) == ("pending", "awaited", None)
    assert places(world.event.capacity_quota_id) == (1, 0)
    assert_books_balance()


def test_order_that_waits_for_approval_cannot_be_confirmed_past_it(world: World) -> None:
    order = world.place(line(make_ticket_type(world.event, requires_approval=True)))
    before = sale_state()

    answer = put(world, order, "confirmed")

    assert (answer.status_code, answer.json()["code"]) == (409, "approval_awaited")
    assert sale_state() == before


def test_approved_order_may_be_paid_for_as_long_as_the_organisation_says(transactional_db: None) -> None:
    world = World(make_organization(approval_hours=5))
    order = world.place(line(make_ticket_type(world.event, requires_approval=True)))
    earliest = utc_now() + timedelta(hours=5)

    answer = decide(world, order, "approve")

    shown = answer.json()
    assert (answer.status_code, shown["status"], shown["approval"]) == (200, "pending", "approved")
    assert earliest <= moment(shown["expires_at"]) <= utc_now() + timedelta(hours=5)
    assert world.told(order) == ["order.created", "order.approved"]
    assert put(world, order, "confirmed").json()["status"] == "confirmed"
    assert_books_balance()


def test_approved_free_order_is_confirmed_at_once(world: World) -> None:
    free = make_ticket_type(world.event, requires_approval=True, price=0, quantity=5)
    order = world.place(line(free, 2))

    answer = decide(world, order, "approve", "A friend of the house.")

    assert (answer.json()["status"], answer.json()["approval"]) == ("confirmed", "approved")
    assert places(free.quota_id) == (0, 2)
    assert world.history(order)[-1].notes == "A friend of the house."
    assert world.told(order) == ["order.created", "order.confirmed"]
    assert_books_balance()


def test_rejected_order_is_cancelled_and_gives_everything_back(world: World) -> None:
    asked = make_ticket_type(world.event, requires_approval=True, quantity=5)
    order = world.place(line(asked, 2), coupon_code=world.coupon.code)

    answer = decide(world, order, "reject", "Members only.")

    shown = answer.json()
    assert (answer.status_code, shown["status"], shown["approval"]) == (200, "cancelled", "rejected")
    assert shown["cancellation_reason"] == "Members only."
    assert places(asked.quota_id) == (0, 0)
    assert_books_balance()


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_deciding_again_the_same_way_changes_nothing(world: World, verb: str) -> None:
    order = world.place(line(make_ticket_type(world.event, requires_approval=True)))
    first = decide(world, order, verb)
    before = sale_state()

    again = decide(world, order, verb)

    assert (again.status_code, again.content) == (200, first.content)
    assert sale_state() == before


@pytest.mark.parametrize(("first", "second"), [("approve", "reject"), ("reject", "approve")])
def test_decision_is_not_turned_round(world: World, first: str, second: str) -> None:
    order = world.place(line(make_ticket_type(world.event, requires_approval=True)))
    decide(world, order, first)
    before = sale_state()

    answer = decide(world, order, second)

    assert (answer.status_code, answer.json()["code"]) == (409, "not_awaiting_approval")
    assert sale_state() == before


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_order_that_needs_no_approval_cannot_be_decided(world: World, verb: str) -> None:
    order = world.place()
    before = sale_state()

    answer = decide(world, order, verb)

    assert (answer.status_code, answer.json()["approval"]) == (409, "not_needed")
    assert sale_state() == before
