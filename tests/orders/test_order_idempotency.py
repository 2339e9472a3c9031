"""One idempotency key, one order, one answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kassa.core.clock import utc_now
from kassa.orders.models import Order
from kassa.sales.domain.outcome import Placed
from kassa.sales.domain.place import place_orders
from kassa.sales.domain.request import RequestedLine
from kassa.sales.errors import OrderKeyReused
from tests.support.books import assert_books_balance
from tests.support.factories import line, order_request, places
from tests.support.sale_world import World, sale_state

ADDRESS = {
    "line1": "12 Harbour Street",
    "line2": "Flat 3",
    "city": "Bristol",
    "postal_code": "BS1 4DJ",
    "country": "GB",
}


def a_line(world: World, quantity: int = 1, **more: Any) -> dict[str, Any]:
    return {"ticket_type": str(world.standing.id), "quantity": quantity, **more}


def test_repetition_has_the_same_answer_byte_for_byte_and_writes_nothing(world: World) -> None:
    seat = world.best_seat
    attendee = {"first_name": "Bob", "fields": {"wheelchair": True, "age": 7, "diet": None}}
    lines = (
        a_line(world, 2, attendees=[attendee]),
        {"ticket_type": str(world.seated.id), "seats": [str(seat.id)]},
        {"product": str(world.shirt.id), "quantity": 3},
    )
    body: dict[str, Any] = {
        "coupon": world.coupon.code,
        "shipping_address": ADDRESS,
        "billing_address": {"country": "DE", "city": "Köln"},
        "notes": 'Says "hello" \\ and {waves}',
    }
    first = world.api.order(*lines, key="one", **body)
    before = sale_state()

    again = world.api.order(*lines, key="one", **body)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Location"] == first["Location"] == first.json()["links"]["self"]
    assert ("Idempotent-Replayed" in first, again["Idempotent-Replayed"]) == (False, "true")
    assert sale_state() == before
    assert_books_balance()


def test_read_shows_the_same_document_as_the_answer(world: World) -> None:
    placed = world.api.order(a_line(world, 3), coupon=world.coupon.code, billing_address=ADDRESS)

    read = world.api.get(placed["Location"])

    assert read.content == placed.content


@pytest.mark.parametrize(
    "change", [{"notes": "Other"}, {"customer": {"email": "bob@example.com"}}, {"coupon": "NONE"}]
)
def test_key_with_another_body_is_refused(world: World, change: dict[str, Any]) -> None:
    world.api.order(a_line(world), key="one")
    before = sale_state()

    answer = world.api.order(a_line(world), key="one", **change)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert sale_state() == before


def test_repetition_is_answered_though_nothing_is_left_by_then(world: World) -> None:
    first = world.api.order(a_line(world, 10), key="one")

    again = world.api.order(a_line(world, 10), key="one")
    other = world.api.order(a_line(world, 1), key="two")

    assert (again.status_code, again.content) == (201, first.content)
    assert (other.status_code, other.json()["code"]) == (409, "sold_out")


def test_repetition_is_answered_though_the_offer_is_gone_by_then(world: World) -> None:
    first = world.api.order(a_line(world), key="one")
    world.event.__class__.unscoped.filter(id=world.event.id).update(status="cancelled")

    again = world.api.order(a_line(world), key="one")

    assert (again.status_code, again.content) == (201, first.content)


def test_repetition_shows_the_order_as_it_is_by_then(world: World) -> None:
    order_id = world.api.order(a_line(world), key="one").json()["id"]
    world.api.post(f"/api/v1/orders/{order_id}/cancel", {})

    again = world.api.order(a_line(world), key="one").json()

    assert (again["id"], again["status"]) == (order_id, "cancelled")
    assert Order.unscoped.count() == 1


def test_refused_key_may_be_used_again_once_there_is_room(world: World) -> None:
    full = world.api.order(a_line(world, 10), key="full").json()
    refused = world.api.order(a_line(world), key="one")
    world.api.post(f"/api/v1/orders/{full['id']}/cancel", {})

    again = world.api.order(a_line(world), key="one")

    assert (refused.status_code, again.status_code) == (409, 201)
    assert_books_balance()


def test_key_of_another_organisation_is_another_key(world: World) -> None:
    other = World()

    mine = world.api.order(a_line(world), key="one").json()
    theirs = other.api.order(a_line(other), key="one").json()

    assert mine["id"] != theirs["id"]
    assert places(world.standing.quota_id) == places(other.standing.quota_id) == (1, 0)


def test_orders_without_a_key_are_never_the_same(world: World) -> None:
    answers = [world.api.order(a_line(world)).json()["id"] for _ in range(2)]

    assert len(set(answers)) == 2


@pytest.mark.parametrize("key", ["", "   ", "x" * 256, "a\tb"])
def test_key_that_is_none_is_invalid(world: World, key: str) -> None:
    wanted = a_line(world)
    before = sale_state()

    answer = world.api.order(wanted, key=key)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert sale_state() == before


def test_key_repeated_within_one_batch_makes_one_order(world: World) -> None:
    same = order_request(world.actor, line(world.standing, 2), key="one")
    other = order_request(world.actor, line(world.standing, 2), key="one", fingerprint=b"o" * 32)

    first, again, refused = place_orders(world.organization.id, [same, same, other], now=utc_now())

    assert isinstance(first, Placed)
    assert again == Placed(first.order_id, first.document, replayed=True)
    assert isinstance(refused, OrderKeyReused)
    assert places(world.standing.quota_id) == (2, 0)
    assert_books_balance()


def test_key_refused_within_one_batch_may_be_placed_by_its_repetition(world: World) -> None:
    large, small = (
        order_request(world.actor, line(world.standing, quantity), key="one") for quantity in (11, 1)
    )

    _, placed, after = place_orders(world.organization.id, [large, small, small], now=utc_now())

    assert isinstance(placed, Placed)
    assert after == Placed(placed.order_id, placed.document, replayed=True)
    assert Order.unscoped.count() == 1
    assert_books_balance()


def test_repetition_in_a_later_batch_stands_among_new_orders(world: World) -> None:
    def request(key: str, wanted: RequestedLine) -> Any:
        return order_request(world.actor, wanted, key=key)

    [first] = place_orders(world.organization.id, [request("one", line(world.standing))], now=utc_now())

    batch = [
        request("two", line(world.standing)),
        request("one", line(world.standing)),
        request("six", line(world.shirt)),
    ]
    outcomes = place_orders(world.organization.id, batch, now=utc_now())

    assert isinstance(first, Placed)
    assert [getattr(outcome, "replayed", None) for outcome in outcomes] == [False, True, False]
    assert isinstance(outcomes[1], Placed)
    assert outcomes[1].order_id == first.order_id
    assert Order.unscoped.count() == 3
    assert_books_balance()


def test_repetition_after_the_hold_is_over_shows_it_expired(world: World) -> None:
    request = order_request(world.actor, line(world.standing), key="one")
    [first] = place_orders(world.organization.id, [request], now=utc_now() - timedelta(hours=1))

    [again] = place_orders(world.organization.id, [request], now=utc_now())

    assert isinstance(first, Placed)
    assert isinstance(again, Placed)
    assert again.order_id == first.order_id
    assert b'"status":"expired"' in again.document
    assert Order.unscoped.count() == 1
