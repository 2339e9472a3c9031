"""The transition table: the code and the database hold the same one, and the database enforces it."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from psycopg import errors as postgres

from kassa.core.clock import utc_now
from kassa.orders.domain.moves import FULFILLING, allowed_moves
from kassa.orders.enums import (
    CANCELLABLE,
    FULFILMENT_MOVES,
    ORDER_MOVES,
    PAYMENT_MOVES,
    STAFF_MOVES,
    FulfilmentStatus,
    OrderStatus,
    PaymentStatus,
)
from kassa.orders.models import Order, OrderHistory, OrderItem
from tests.support.sale_world import World

AXES: dict[str, Any] = {
    "status": ORDER_MOVES,
    "payment_status": PAYMENT_MOVES,
    "fulfilment_status": FULFILMENT_MOVES,
}


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
    assert set(FULFILMENT_MOVES) == set(FulfilmentStatus)
    assert not [start for moves in AXES.values() for start in moves if start in moves[start]]


def test_staff_move_only_where_a_move_leads() -> None:
    reachable = {end for ends in ORDER_MOVES.values() for end in ends}

    assert reachable >= STAFF_MOVES
    assert not STAFF_MOVES & {OrderStatus.EXPIRED, OrderStatus.REFUNDED, OrderStatus.PARTIALLY_REFUNDED}


@pytest.mark.parametrize("fulfilment", FulfilmentStatus)
@pytest.mark.parametrize("start", OrderStatus)
def test_database_moves_the_status_as_the_table_says(
    world: World, start: OrderStatus, fulfilment: FulfilmentStatus
) -> None:
    if fulfilment not in fitting(start):
        with pytest.raises(IntegrityError) as refused:
            order_in(world, status=start, fulfilment_status=fulfilment)
        assert constraint_of(refused.value) == "orders_order_status_fulfilment"
        return
    order = parcel_in(world, status=start, fulfilment_status=fulfilment)
    allowed = allowed_moves(start, fulfilment, has_goods_to_ship=True)

    outcomes = {
        end: moved(order, status=end, fulfilment_status=goods_at(end, fulfilment)) for end in OrderStatus
    }

    assert outcomes == {
        end: None
        if end in allowed or end == start
        else "orders_order_legal_fulfilment"
        if end in ORDER_MOVES[start]
        else "orders_order_legal_move"
        for end in OrderStatus
    }


def test_partly_refunded_order_goes_on_from_where_its_goods_are_and_nowhere_else() -> None:
    steps = {
        fulfilment: allowed_moves(OrderStatus.PARTIALLY_REFUNDED, fulfilment, has_goods_to_ship=True)
        for fulfilment in FulfilmentStatus
    }

    assert steps == {
        FulfilmentStatus.UNFULFILLED: {"processing", "completed", "refunded"},
        FulfilmentStatus.PROCESSING: {"shipped", "completed", "refunded"},
        FulfilmentStatus.SHIPPED: {"delivered", "refunded"},
        FulfilmentStatus.DELIVERED: {"completed", "refunded"},
        FulfilmentStatus.COMPLETED: {"refunded"},
    }


def test_database_cancels_nothing_that_has_left(world: World) -> None:
    order = parcel_in(world, status=OrderStatus.PROCESSING, fulfilment_status="processing")

    refused_by = moved(order, status=OrderStatus.CANCELLED, fulfilment_status="shipped")

    assert refused_by == "orders_order_status_fulfilment"
    assert moved(order, status=OrderStatus.CANCELLED) is None


def test_database_ships_nothing_that_cannot_be_shipped(world: World) -> None:
    tickets = order_in(world, status=OrderStatus.PROCESSING, fulfilment_status="processing")
    parcel = parcel_in(world, status=OrderStatus.PROCESSING, fulfilment_status="processing")
    shipped = {"status": OrderStatus.SHIPPED, "fulfilment_status": "shipped"}

    outcomes = [moved(tickets, **shipped), moved(parcel, **shipped)]
    OrderItem.objects.of(world.organization.id).filter(order=parcel).update(refunded_quantity=2)

    assert [*outcomes, moved(parcel, **shipped)] == [
        "orders_order_nothing_to_ship",
        None,
        "orders_order_nothing_to_ship",
    ]


@pytest.mark.parametrize("column", ["shipped_at", "delivered_at", "completed_at"])
def test_database_writes_a_moment_once(world: World, column: str) -> None:
    order = order_in(world)
    first, second = utc_now(), utc_now() + timedelta(hours=1)
    assert moved(order, **{column: first}) is None
    Order.unscoped.filter(id=order.id).update(**{column: first})

    outcomes = [moved(order, **{column: value}) for value in (first, second, None)]

    assert outcomes == [None, "orders_order_moments_once", "orders_order_moments_once"]


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
    orders = [
        order_in(world, status=OrderStatus.PENDING),
        order_in(world, status=OrderStatus.SHIPPED, fulfilment_status="shipped"),
    ]

    with pytest.raises(IntegrityError) as refused:
        Order.objects.of(world.organization.id).update(
            status=OrderStatus.CANCELLED, fulfilment_status=FulfilmentStatus.UNFULFILLED
        )

    assert constraint_of(refused.value) == "orders_order_legal_move"
    assert str(refused.value).startswith(f"Order {orders[1].number} cannot go from shipped to cancelled.")
    assert [world.order(order.id).status for order in orders] == ["pending", "shipped"]
    assert OrderHistory.objects.of(world.organization.id).count() == 2


def test_moves_are_checked_for_every_pair_of_both_axes(world: World) -> None:
    """A legal move on one axis does not let an illegal one on the other pass."""
    order = order_in(world, status=OrderStatus.PENDING, payment_status=PaymentStatus.PENDING)

    outcomes = {
        (status, payment): moved(
            order,
            status=status,
            payment_status=payment,
            fulfilment_status=goods_at(status, FulfilmentStatus.UNFULFILLED),
        )
        for status, payment in product((OrderStatus.CONFIRMED, OrderStatus.SHIPPED), ("paid", "refunded"))
    }

    assert outcomes == {
        (OrderStatus.CONFIRMED, "paid"): None,
        (OrderStatus.CONFIRMED, "refunded"): "orders_order_legal_payment_move",
        (OrderStatus.SHIPPED, "paid"): "orders_order_legal_move",
        (OrderStatus.SHIPPED, "refunded"): "orders_order_legal_move",
    }


def fitting(status: OrderStatus) -> frozenset[FulfilmentStatus]:
    """Return where the goods of an order in this status may be."""
    if status in FULFILLING:
        return frozenset({FulfilmentStatus(status.value)})
    if status in (OrderStatus.PARTIALLY_REFUNDED, OrderStatus.REFUNDED):
        return frozenset(FulfilmentStatus)
    return CANCELLABLE if status == OrderStatus.CANCELLED else frozenset({FulfilmentStatus.UNFULFILLED})


def goods_at(status: OrderStatus, before: FulfilmentStatus) -> FulfilmentStatus:
    """Return where the goods are to be when an order takes this status."""
    fits = fitting(status)
    return before if before in fits else max(fits)


def parcel_in(world: World, **states: str) -> Order:
    """Write an order of two pieces that are shipped."""
    order = order_in(world, **states)
    OrderItem.unscoped.create(
        organization=world.organization,
        order=order,
        position=0,
        kind="merchandise",
        product=world.book,
        name="Book",
        is_shippable=True,
        quantity=2,
        unit_price=0,
        subtotal=0,
        total=0,
    )
    return order


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


def moved(order: Order, **states: Any) -> str | None:
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
