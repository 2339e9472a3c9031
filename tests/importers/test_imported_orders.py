"""An order says in a column which system it comes from; a key that a client chose says nothing."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from django.db import connection

from kassa.audit.orders import NUMBERS
from kassa.audit.run import look
from kassa.orders.models import Order
from tests.importers.old_system import OldSystem
from tests.payments.money import paid_order
from tests.support.factories import line
from tests.support.sale_world import World

migration = import_module("kassa.orders.migrations.0023_imported_orders")

pytestmark = pytest.mark.django_db(transaction=True)


def find_gaps(order: Order) -> list[str | None]:
    """Return the numbers before which the audit finds a gap."""
    with connection.cursor() as cursor:
        findings = list(look(cursor, NUMBERS, order.organization_id))
    return [finding.number for finding in findings if finding.order_id == order.id]


def test_key_of_a_client_hides_no_order_from_the_audit() -> None:
    world = World()
    order = world.place(line(world.standing))
    number = f"{order.number[:-5]}00007"
    orders = Order.unscoped.filter(id=order.id)

    orders.update(idempotency_key="import:shop:1", number=number)

    assert find_gaps(order) == [number]
    orders.update(imported_from="shop")  # the control: what was imported keeps its number
    assert find_gaps(order) == []


def test_orders_of_earlier_versions_say_where_they_come_from(tmp_path: Path) -> None:
    old = OldSystem(tmp_path)
    old.import_rows("tickets", old.ticket("T1"))
    placed = paid_order(World())
    orders = Order.unscoped.order_by("id")
    orders.update(imported_from=None)
    orders.filter(id=placed.id).update(idempotency_key="import:tickets:P1")

    with connection.cursor() as cursor:
        cursor.execute(migration.FILL)

    assert {order.id: order.imported_from for order in orders} == {
        old.orders[0].id: "tickets",
        placed.id: None,
    }
