"""A delivered order is sent on its way again after a small refund, and then cancelled: goods and money."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection

from kassa.orders.domain import change
from kassa.orders.enums import ORDER_MOVES, FulfilmentStatus, OrderStatus
from kassa.orders.models import Order
from tests.payments.money import balances, give_back, paid_order
from tests.support.factories import line, places
from tests.support.sale_world import ADDRESS, World

FLOW = ("processing", "shipped", "delivered")


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def put(world: World, order: Order, status: str) -> Any:
    return world.api.put(f"/api/v1/orders/{order.id}/status", {"status": status})


def delivered(world: World) -> Order:
    """Return a paid and delivered order of one book, of which one euro went back."""
    order = paid_order(world, line(world.book), shipping_address=ADDRESS)
    for step in FLOW:
        assert put(world, order, step).status_code == 200
    give_back(world, order, amount=Decimal(1))
    return world.order(order.id)


@pytest.mark.parametrize("step", ["processing", "shipped"])
def test_delivered_order_does_not_start_again_after_a_refund(world: World, step: str) -> None:
    order = delivered(world)

    again = put(world, order, step)
    cancelled = world.api.post(f"/api/v1/orders/{order.id}/cancel")

    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")
    assert again.json()["allowed"] == ["completed", "refunded"]
    assert (cancelled.status_code, cancelled.json()["code"]) == (409, "already_shipped")
    assert "Refund" in cancelled.json()["detail"]
    after = world.order(order.id)
    assert (after.status, after.fulfilment_status) == ("partially_refunded", "delivered")
    assert (after.shipped_at, after.delivered_at) == (order.shipped_at, order.delivered_at)
    assert (after.refunding_amount, places(world.book.quota_id)) == (Decimal(1), (0, 1))


def test_delivered_order_stays_delivered_and_may_be_completed(world: World) -> None:
    """The honest way: telling it again changes nothing, and it goes on from where its goods are."""
    order = delivered(world)

    again = put(world, order, "delivered")
    done = put(world, order, "completed")

    assert (again.status_code, again.json()["fulfilment_status"]) == (200, "delivered")
    assert again.json()["delivered_at"] == done.json()["delivered_at"]
    assert (done.json()["status"], done.json()["fulfilment_status"]) == ("completed", "completed")


@pytest.mark.parametrize(("steps", "stock"), [((), (0, 0)), (FLOW[:1], (0, 0)), (FLOW[:2], (0, 1))])
def test_full_refund_puts_goods_into_stock_only_while_they_are_here(
    world: World, steps: tuple[str, ...], stock: tuple[int, int]
) -> None:
    order = paid_order(world, line(world.book), shipping_address=ADDRESS)
    for step in steps:
        put(world, order, step)

    give_back(world, order, everything=True)

    assert world.order(order.id).status == "refunded"
    assert places(world.book.quota_id) == stock


@pytest.fixture
def _unguarded(transactional_db: None) -> Iterator[None]:
    """Take away what looks at the goods: the table of the code, and the rules of the database."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders_order DISABLE TRIGGER orders_order_moved")
        cursor.execute("ALTER TABLE orders_order RENAME CONSTRAINT orders_order_status_fulfilment TO aside")
        cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'aside'")
        [[definition]] = cursor.fetchall()
        cursor.execute("ALTER TABLE orders_order DROP CONSTRAINT aside")

    def by_status(status: OrderStatus, *_: Any, **__: Any) -> frozenset[OrderStatus]:
        return ORDER_MOVES[status]

    with (
        patch.object(change, "allowed_moves", by_status),
        patch.object(change, "CANCELLABLE", frozenset(FulfilmentStatus)),
    ):
        yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders_order ENABLE TRIGGER orders_order_moved")
        cursor.execute(
            f"ALTER TABLE orders_order ADD CONSTRAINT orders_order_status_fulfilment {definition} NOT VALID"
        )


@pytest.mark.usefixtures("_unguarded")
def test_without_the_guard_everything_is_paid_back_and_delivered_goods_are_in_stock(world: World) -> None:
    """The control: by the order's status alone it starts again, and is cancelled."""
    order = delivered(world)

    again = put(world, order, "processing")
    cancelled = world.api.post(f"/api/v1/orders/{order.id}/cancel")

    assert (again.status_code, cancelled.status_code) == (200, 200)
    assert places(world.book.quota_id) == (0, 0)
    assert world.order(order.id).refunding_amount == order.total
    assert balances(world, order)["refunds_due"] == -order.total
