"""The history: the database writes every change, with who made it and why."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from itertools import pairwise

from django.db import connection, transaction
from django.db.models import F

from kassa.core.clock import utc_now
from kassa.orders.enums import OrderStatus
from kassa.orders.models import Order, OrderHistory
from kassa.payments.domain.manual_status import cancel_order, change_status
from kassa.sales.domain.expire import release_all_overdue
from tests.support.books import assert_books_balance
from tests.support.clocks import machine_clock_ahead
from tests.support.factories import line, make_ticket_type, moment
from tests.support.sale_world import World


def test_placing_is_the_first_entry_with_who_placed_it(world: World) -> None:
    order = world.place()

    [first] = world.history(order)

    assert (first.from_status, first.to_status) == (None, "draft")
    assert (first.from_payment_status, first.to_payment_status) == (None, "pending")
    assert (first.changed_by, first.changed_by_kind) == (world.actor.id, "api_key")
    assert first.created_at == order.created_at


def test_free_order_is_placed_as_confirmed_in_one_entry(world: World) -> None:
    free = make_ticket_type(world.event, price=0)

    order = world.place(line(free))

    assert world.moves(order) == [(None, "confirmed")]
    assert world.told(order) == ["order.created", "order.confirmed"]
    assert_books_balance()


def test_change_is_written_with_who_why_and_when(world: World) -> None:
    order = world.place()
    now = utc_now() + timedelta(minutes=1)

    change_status(world.context("Paid in cash.", now=now), order.id, to_status=OrderStatus.CONFIRMED)

    last = world.history(order)[-1]
    assert (last.from_status, last.to_status) == ("draft", "confirmed")
    assert (last.from_payment_status, last.to_payment_status) == ("pending", "paid")
    assert (last.notes, last.changed_by, last.changed_by_kind) == ("Paid in cash.", world.actor.id, "api_key")
    assert last.created_at == now


def test_expiry_is_written_as_the_systems_own_deed(world: World) -> None:
    orders = [world.place(), world.place()]

    released = release_all_overdue(now=utc_now() + timedelta(hours=1))

    assert released == 2
    for order in orders:
        last = world.history(order)[-1]
        assert (last.from_status, last.to_status) == ("draft", "expired")
        assert (last.changed_by, last.changed_by_kind) == (None, "system")
        assert last.notes == "The hold time is over."


def test_bulk_update_by_hand_is_written_for_every_order(world: World) -> None:
    orders = [world.place() for _ in range(3)]
    actor_id = world.actor.id

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('kassa.actor_id', %s, true)", [str(actor_id)])
        cursor.execute("SELECT set_config('kassa.actor_kind', 'user', true)")
        cursor.execute("SELECT set_config('kassa.reason', 'Moved by hand.', true)")
        cursor.execute("UPDATE orders_order SET status = 'pending' WHERE status = 'draft'")

    entries = OrderHistory.objects.of(world.organization.id).filter(to_status="pending")
    assert {entry.order_id for entry in entries} == {order.id for order in orders}
    assert {(entry.notes, entry.changed_by, entry.changed_by_kind) for entry in entries} == {
        ("Moved by hand.", actor_id, "user")
    }


def test_who_and_why_do_not_outlive_their_transaction(world: World) -> None:
    first, second = world.place(), world.place()
    cancel_order(world.context("Ada asked for it."), first.id)

    Order.objects.of(world.organization.id).filter(id=second.id).update(status=OrderStatus.PENDING)

    last = world.history(second)[-1]
    assert (last.notes, last.changed_by, last.changed_by_kind) == (None, None, "system")


def test_update_that_changes_no_state_writes_nothing(world: World) -> None:
    order = world.place()

    Order.objects.of(world.organization.id).update(notes="Wheelchair", status=OrderStatus.DRAFT)

    assert len(world.history(order)) == 1


def test_changes_of_one_moment_stay_in_their_order(world: World) -> None:
    orders = [world.place_parcel() for _ in range(10)]
    steps = ("draft", "pending", "confirmed", "processing", "shipped", "delivered", "completed")
    goods = dict.fromkeys(steps[:3], "unfulfilled") | {step: step for step in steps[3:]}

    with connection.cursor() as cursor:  # All at once, so that several changes fall into one millisecond.
        for order in orders:
            moves = [
                f"UPDATE orders_order SET status = '{step}', fulfilment_status = '{goods[step]}' "
                f"WHERE id = '{order.id}'"
                for step in steps[1:]
            ]
            cursor.execute(";".join(moves))

    expected = [(None, "draft"), *pairwise(steps)]
    assert [world.moves(order) for order in orders] == [expected] * len(orders)


def test_history_is_read_over_http_oldest_first(world: World) -> None:
    order = world.place()
    world.api.post(f"/api/v1/orders/{order.id}/cancel", {"reason": "Rain."})

    answer = world.api.get(f"/api/v1/orders/{order.id}/history")

    assert answer.status_code == 200
    placed, cancelled = answer.json()
    assert (placed["from_status"], placed["to_status"]) == (None, "draft")
    assert (cancelled["from_status"], cancelled["to_status"]) == ("draft", "cancelled")
    assert (cancelled["from_payment_status"], cancelled["to_payment_status"]) == ("pending", "cancelled")
    assert (cancelled["notes"], cancelled["changed_by_kind"]) == ("Rain.", "api_key")
    assert moment(placed["created_at"]) < moment(cancelled["created_at"])


def test_history_of_another_organisations_order_is_not_found(world: World) -> None:
    order = World().place()

    answer = world.api.get(f"/api/v1/orders/{order.id}/history")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_change_is_never_written_before_the_one_before_it(world: World) -> None:
    """A command that waited for the order's lock began before the one that had it."""
    order = world.place()
    began_first, began_last = utc_now(), utc_now() + timedelta(seconds=4)
    for status, now in ((OrderStatus.CONFIRMED, began_last), (OrderStatus.PROCESSING, began_first)):
        change_status(world.context(now=now), order.id, to_status=status)

    assert [change.created_at for change in world.history(order)[1:]] == [began_last, began_last]


def test_histories_that_a_wrong_clock_spoiled_are_numbered_as_they_were(world: World) -> None:
    """The identifier of what was placed came from a machine that was ahead; the others are the database's."""
    with machine_clock_ahead(timedelta(seconds=9)):
        order = world.place()
    change_status(world.context("Paid in cash."), order.id, to_status=OrderStatus.CONFIRMED)
    moves = world.moves(order)
    OrderHistory.objects.of(world.organization.id).update(position=F("position") + 100)

    with connection.cursor() as cursor:
        cursor.execute(import_module("kassa.orders.migrations.0014_history_by_position").NUMBER)

    assert [change.position for change in world.history(order)] == [1, 2]
    assert world.moves(order) == moves
    first, last = world.history(order)
    assert first.id > last.id  # the control: by identifiers they were the other way round
