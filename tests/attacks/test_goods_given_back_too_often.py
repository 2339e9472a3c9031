"""More pieces are given back than were bought, or goods that left come into stock: money and stock."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import IntegrityError, connection

from kassa.orders.models import NEVER_MORE_GOODS_BACK, Order, OrderItem
from kassa.payments.domain.refunds import plan as refund_plan
from tests.payments.money import paid_order
from tests.support.factories import line, places
from tests.support.sale_world import ADDRESS, World


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


@pytest.fixture
def order(world: World) -> Order:
    """A paid order of two books and two tickets; others have bought books too."""
    paid_order(world, line(world.book, 4), shipping_address=ADDRESS, email="bob@example.com")
    return paid_order(world, line(world.book, 2), line(world.standing, 2), shipping_address=ADDRESS)


def book_of(order: Order) -> OrderItem:
    return OrderItem.objects.of(order.organization_id).get(order_id=order.id, kind="merchandise")


def ask(world: World, order: Order, *quantities: int, **more: Any) -> Any:
    """Ask for so many books, each time as an entry of its own."""
    item = str(book_of(order).id)
    goods = [{"item": item, "quantity": quantity, **more} for quantity in quantities]
    return world.api.post(f"/api/v1/orders/{order.id}/refunds", {"goods": goods})


@pytest.mark.parametrize("quantities", [(3,), (2, 1), (1, 1, 1)])
def test_no_more_pieces_go_back_than_were_bought(
    world: World, order: Order, quantities: tuple[int, ...]
) -> None:
    at_once = ask(world, order, *quantities)
    one_by_one = [ask(world, order, quantity) for quantity in quantities]

    assert (at_once.status_code, at_once.json()["code"]) == (409, "goods_not_refundable")
    assert one_by_one[-1].status_code == 409
    after = book_of(order)
    assert after.refunded_quantity == after.restocked_quantity == sum(quantities[:-1])
    assert world.order(order.id).refunding_amount == after.unit_price * sum(quantities[:-1])
    assert places(world.book.quota_id) == (0, 6 - sum(quantities[:-1]))


def test_database_refuses_what_no_code_looks_at(world: World, order: Order) -> None:
    items = OrderItem.objects.of(order.organization_id).filter(id=book_of(order).id)

    for changes in ({"refunded_quantity": 3}, {"refunded_quantity": 1, "restocked_quantity": 2}):
        with pytest.raises(IntegrityError, match=NEVER_MORE_GOODS_BACK):
            items.update(**changes)


def test_what_was_shipped_comes_into_stock_only_if_staff_say_that_it_is_back(
    world: World, order: Order
) -> None:
    for step in ("processing", "shipped"):
        assert world.api.put(f"/api/v1/orders/{order.id}/status", {"status": step}).status_code == 200

    unsaid = ask(world, order, 1)
    said = ask(world, order, 1, restock=True)

    assert [answer.json()["lines"][0]["restocked"] for answer in (unsaid, said)] == [False, True]
    assert places(world.book.quota_id) == (0, 5)


@pytest.fixture
def _unguarded(transactional_db: None) -> Iterator[None]:
    """Take away what counts the pieces: the plan's look at what is left, and the rule of the database."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE orders_orderitem RENAME CONSTRAINT {NEVER_MORE_GOODS_BACK} TO aside")
        cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'aside'")
        [[definition]] = cursor.fetchall()
        cursor.execute("ALTER TABLE orders_orderitem DROP CONSTRAINT aside")

    def as_asked(
        sold: refund_plan.RefundableOrder, wish: refund_plan.RefundSelection, worth: Any
    ) -> tuple[Any, ...]:
        prices = {one.id: one.total / one.bought for one in sold.goods}
        return tuple(
            refund_plan.GoodsBack(one.item_id, one.quantity, True, prices[one.item_id] * one.quantity)
            for one in wish.goods
        )

    with patch.object(refund_plan, "_choose_goods", as_asked):
        yield
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE orders_orderitem ADD CONSTRAINT {NEVER_MORE_GOODS_BACK} {definition} NOT VALID"
        )


@pytest.mark.usefixtures("_unguarded")
def test_without_the_guard_others_pay_for_pieces_that_never_were(world: World, order: Order) -> None:
    """The control: four of two books go back, for the money of the tickets, and are in stock."""
    assert ask(world, order, 4).status_code == 201

    assert book_of(order).refunded_quantity == 4
    assert world.order(order.id).refunding_amount == 4 * Decimal("12.50")
    assert places(world.book.quota_id) == (0, 2)
