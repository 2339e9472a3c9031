"""The transition table: the code and the database hold the same one, and the database enforces it."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from psycopg import errors as postgres

from kassa.orders.enums import ORDER_MOVES, PAYMENT_MOVES, STAFF_MOVES, OrderStatus, PaymentStatus
from kassa.orders.models import Order, OrderHistory
from tests.orders.world import World

AXES: dict[str, Any] = {"status": ORDER_MOVES, "payment_status": PAYMENT_MOVES}


def test_moves_in_the_code_are_those_in_the_database(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT axis, from_state, to_state FROM orders_order_move")
        in_the_database = set(cursor.fetchall())

    assert in_the_database == {
        (axis, start.value, end.value)
        for axis, moves in AXES.items()
        for start in moves
        for end in moves[start]
    }


def test_every_state_has_its_moves_and_none_goes_to_itself() -> None:
    assert set(ORDER_MOVES) == set(OrderStatus)
    assert set(PAYMENT_MOVES) == set(PaymentStatus)
    assert not [start for moves in AXES.values() for start in moves if start in moves[start]]


def test_staff_move_only_where_a_move_leads() -> None:
    reachable = {end for ends in ORDER_MOVES.values() for end in ends}

    assert reachable >= STAFF_MOVES
    assert not STAFF_MOVES & {OrderStatus.EXPIRED, OrderStatus.REFUNDED, OrderStatus.PARTIALLY_REFUNDED}


@pytest.mark.parametrize("start", OrderStatus)
def test_database_moves_the_status_as_the_table_says(world: World, start: OrderStatus) -> None:
    order = order_in(world, status=start)

    outcomes = {end: moved(order, status=end) for end in OrderStatus}

    assert outcomes == {
        end: None if end in ORDER_MOVES[start] or end == start else "orders_order_legal_move"
        for end in OrderStatus
    }


@pytest.mark.parametrize("start", PaymentStatus)
def test_database_moves_the_payment_as_the_table_says(world: World, start: PaymentStatus) -> None:
    order = order_in(world, payment_status=start)

    outcomes = {end: moved(order, payment_status=end) for end in PaymentStatus}

    assert outcomes == {
        end: None if end in PAYMENT_MOVES[start] or end == start else "orders_order_legal_payment_move"
        for end in PaymentStatus
    }


@pytest.mark.parametrize("axis", AXES)
def test_database_refuses_a_state_that_does_not_exist(world: World, axis: str) -> None:
    order = order_in(world)

    refused_by = moved(order, **{axis: "lost"})

    assert refused_by == f"orders_order_{axis}"


def test_one_illegal_move_undoes_the_whole_bulk_update(world: World) -> None:
    orders = [order_in(world, status=status) for status in (OrderStatus.PENDING, OrderStatus.SHIPPED)]

    with pytest.raises(IntegrityError) as refused:
        Order.objects.of(world.organization.id).update(status=OrderStatus.CANCELLED)

    assert constraint_of(refused.value) == "orders_order_legal_move"
    assert str(refused.value).startswith(f"Order {orders[1].number} cannot go from shipped to cancelled.")
    assert [world.order(order.id).status for order in orders] == ["pending", "shipped"]
    assert OrderHistory.objects.of(world.organization.id).count() == 2


def test_moves_are_checked_for_every_pair_of_both_axes(world: World) -> None:
    """A legal move on one axis does not let an illegal one on the other pass."""
    order = order_in(world, status=OrderStatus.PENDING, payment_status=PaymentStatus.PENDING)

    outcomes = {
        (status, payment): moved(order, status=status, payment_status=payment)
        for status, payment in product((OrderStatus.CONFIRMED, OrderStatus.SHIPPED), ("paid", "refunded"))
    }

    assert outcomes == {
        (OrderStatus.CONFIRMED, "paid"): None,
        (OrderStatus.CONFIRMED, "refunded"): "orders_order_legal_payment_move",
        (OrderStatus.SHIPPED, "paid"): "orders_order_legal_move",
        (OrderStatus.SHIPPED, "refunded"): "orders_order_legal_move",
    }


def order_in(world: World, **states: str) -> Order:
    """Write an order that is in these states from the start, which only an import could do."""
    count = Order.objects.of(world.organization.id).count()
    return Order.unscoped.create(
        organization=world.organization,
        number=f"OLD-{count + 1}",
        customer_key="email:ada@example.com",
        customer_email="ada@example.com",
        subtotal=0,
        total=0,
        currency="EUR",
        idempotency_key=f"old-{count + 1}",
        fingerprint=b"f" * 32,
        **states,
    )


def moved(order: Order, **states: str) -> str | None:
    """Move an order and take it back; return the constraint that refused it (None: it was legal)."""
    try:
        with transaction.atomic():
            Order.unscoped.filter(id=order.id).update(**states)
            transaction.set_rollback(True)
    except IntegrityError as error:
        return constraint_of(error)
    return None


def constraint_of(error: IntegrityError) -> str | None:
    assert isinstance(error.__cause__, postgres.CheckViolation)
    return error.__cause__.diag.constraint_name
