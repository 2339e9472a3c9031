"""Orders from before goods had a status of their own: it is found in what happened to them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest
from django.db import connection, transaction

from kassa.orders.models import Order, OrderItem
from tests.payments.money import give_back, paid_order
from tests.support.factories import line
from tests.support.sale_world import ADDRESS, World

migration = import_module("kassa.orders.migrations.0015_fulfilment")
CONSTRAINTS = ("orders_order_status_fulfilment", "orders_order_fulfilment_status")


@pytest.fixture
def _as_before(world: World) -> Iterator[None]:
    """Take the tables back to what they were; all of it is undone after the test."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM orders_order_move WHERE axis = 'fulfilment_status'")
        cursor.execute(migration.BEFORE)
        for name in CONSTRAINTS:
            cursor.execute(f"ALTER TABLE orders_order DROP CONSTRAINT {name}")
        yield
        transaction.set_rollback(True)


def walked(world: World, *steps: str) -> Order:
    """Return a paid order that went through these states as it could before."""
    order = paid_order(world, line(world.book), shipping_address=ADDRESS, email=f"{len(steps)}@example.com")
    for step in steps:
        moments = {f"{step}_at": order.created_at} if step in ("shipped", "delivered", "completed") else {}
        Order.unscoped.filter(id=order.id).update(status=step, **moments)
    return order


def fill() -> None:
    with connection.cursor() as cursor:
        cursor.execute(migration.FILL)


@pytest.mark.usefixtures("_as_before")
@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((), ("confirmed", "unfulfilled")),
        (("processing",), ("processing", "processing")),
        (("processing", "shipped", "delivered"), ("delivered", "delivered")),
        (("completed",), ("completed", "completed")),
        (("partially_refunded",), ("partially_refunded", "unfulfilled")),
        (("processing", "partially_refunded"), ("partially_refunded", "processing")),
        (("processing", "shipped", "refunded"), ("refunded", "shipped")),
        (("processing", "cancelled"), ("cancelled", "processing")),
        (
            ("processing", "shipped", "delivered", "partially_refunded", "processing"),
            ("partially_refunded", "delivered"),
        ),
        (
            ("processing", "shipped", "delivered", "partially_refunded", "processing", "cancelled"),
            ("cancelled", "processing"),
        ),
    ],
)
def test_goods_are_where_the_order_had_brought_them(
    world: World, steps: tuple[str, ...], expected: tuple[str, str]
) -> None:
    order = walked(world, *steps)

    fill()

    after = world.order(order.id)
    assert (after.status, after.fulfilment_status) == expected
    with connection.cursor() as cursor:  # the rules that the migration goes on to make
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(migration.MOVED)
        for operation in migration.Migration.operations[-3:-1]:
            constraint = operation.constraint.constraint_sql(Order, connection.schema_editor())
            cursor.execute(f"ALTER TABLE orders_order ADD {constraint}")


@pytest.mark.usefixtures("_as_before")
def test_order_that_is_brought_back_says_why(world: World) -> None:
    order = walked(world, "processing", "shipped", "partially_refunded", "processing")

    fill()

    last = world.history(order)[-1]
    assert (last.from_status, last.to_status) == ("processing", "partially_refunded")
    assert last.notes == "Its goods had gone further before."


@pytest.mark.usefixtures("_as_before")
def test_goods_of_refunded_orders_are_in_stock_as_they_were_put_there(world: World) -> None:
    refunded, sold = walked(world, "refunded"), walked(world, "processing")

    fill()

    counts = {
        item.order_id: (item.refunded_quantity, item.restocked_quantity)
        for item in OrderItem.objects.of(world.organization.id)
    }
    assert counts == {refunded.id: (1, 1), sold.id: (0, 0)}


def test_goods_of_a_partly_refunded_order_stay_counted(world: World) -> None:
    order = paid_order(world, line(world.book, 2), shipping_address=ADDRESS)

    give_back(world, order, amount=order.total / 2)

    [item] = OrderItem.objects.of(world.organization.id)
    assert (item.refunded_quantity, item.restocked_quantity) == (0, 0)
