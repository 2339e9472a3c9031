"""An order refers to its payment and its cart: to its own organisation's, and it outlives both."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from kassa.core.ids import new_id
from kassa.orders.models import Order
from kassa.payments.models import Payment
from kassa.sales.models import Cart
from tests.payments.money import paid_order
from tests.sales.carts import a_cart
from tests.support.factories import line
from tests.support.sale_world import World

pytestmark = pytest.mark.django_db(transaction=True)


def change(order: Order, **columns: Any) -> None:
    with transaction.atomic():
        Order.objects.of(order.organization_id).filter(id=order.id).update(**columns)


@pytest.mark.parametrize(
    ("column", "rule"), [("payment_id", "orders_order_payment"), ("cart_id", "orders_order_of_cart")]
)
def test_order_refers_to_nothing_that_is_not_there_or_is_anothers(column: str, rule: str) -> None:
    order, stranger = paid_order(World()), World()
    theirs = paid_order(stranger)
    cart = a_cart(stranger.organization, line(stranger.standing), now=stranger.context().now)
    of_strangers = {"payment_id": theirs.payment_id, "cart_id": cart}

    for wanted in (new_id(), of_strangers[column]):
        with pytest.raises(IntegrityError, match=rule):
            change(order, **{column: wanted})


def test_order_outlives_its_payment() -> None:
    world = World()
    order = paid_order(world)
    assert order.payment_id == Payment.objects.of(world.organization.id).get().id

    delete("payments_payment", order.payment_id)

    after = world.order(order.id)
    assert (after.payment_id, after.organization_id, after.status) == (
        None,
        world.organization.id,
        "confirmed",
    )


def test_order_outlives_its_cart() -> None:
    world = World()
    cart_id = a_cart(world.organization, line(world.standing), now=world.context().now)
    order = world.place()
    change(order, cart_id=cart_id)

    delete("sales_cart", cart_id)

    after = world.order(order.id)
    assert (after.cart_id, after.organization_id) == (None, world.organization.id)
    assert not Cart.objects.of(world.organization.id).filter(id=cart_id).exists()


def delete(table: str, row_id: Any) -> None:
    """Delete a row, and of what else points at it only that which lets it go."""
    with transaction.atomic(), connection.cursor() as cursor:
        if table == "payments_payment":
            cursor.execute("ALTER TABLE payments_ledgerentry DISABLE TRIGGER USER")
            cursor.execute("DELETE FROM payments_ledgerentry")
            cursor.execute("ALTER TABLE payments_ledgerentry ENABLE TRIGGER USER")
            cursor.execute("DELETE FROM payments_transaction")
        cursor.execute(f"DELETE FROM {table} WHERE id = %s", [row_id])
