"""What is asked for among many orders is found by an index: PostgreSQL's own plans say so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from django.db.models import QuerySet

from kassa.catalog.queries import filter_by_price
from kassa.core.ids import new_id
from kassa.orders.models import CouponUsage, Order
from kassa.orders.queries import filter_orders
from kassa.payments.models import Payment, Transaction
from kassa.payments.queries import transactions_of
from kassa.sales.models import Cart
from tests.payments.money import paid_order
from tests.support.sale_world import World

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 6_000
NOW = datetime(2026, 11, 1, tzinfo=UTC)
# Rows of a year, one every 87 minutes, made from one that there is; nothing looks at them meanwhile.
COPIES = """
INSERT INTO {table} SELECT copy.* FROM {table} one CROSS JOIN generate_series(1, %(many)s) AS n
CROSS JOIN LATERAL jsonb_populate_record(one, to_jsonb(one) || jsonb_build_object(
    'id', kassa_uuid7(), 'created_at', %(now)s::timestamptz - n * interval '87 minutes') || {changes}) AS copy
WHERE one.id = %(id)s
"""
CHANGES = {
    "orders_order": "jsonb_build_object('number', 'OLD-' || n, 'idempotency_key', 'old-' || n, "
    "'user_id', NULL, 'payment_id', kassa_uuid7(), 'payment_status', CASE WHEN n %% 1000 = 0 THEN 'failed' "
    "ELSE 'paid' END)",
    "payments_payment": "jsonb_build_object('provider_reference', 'old-' || n, 'attempt_id', NULL)",
    "payments_transaction": "jsonb_build_object('payment_id', kassa_uuid7())",
    "catalog_tickettype": "jsonb_build_object('price', n, 'event_id', kassa_uuid7())",
}


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """An organisation with many orders, each with its payment."""
    world = World()
    order = paid_order(world)
    organization_id = world.organization.id
    ids = {
        "orders_order": order.id,
        "payments_payment": Payment.objects.of(organization_id).get().id,
        "payments_transaction": Transaction.objects.of(organization_id).get().id,
        "catalog_tickettype": world.standing.id,
    }
    with psycopg.connect(database_url.replace("kassa@", "postgres@"), autocommit=True) as forger:
        forger.execute("SET session_replication_role = replica")
        for table, row_id in ids.items():
            statement = COPIES.format(table=table, changes=CHANGES[table])
            forger.execute(statement.encode(), {"now": NOW, "many": MANY, "id": row_id})
            forger.execute(f"ANALYZE {table}".encode())
        yield world
        for table, row_id in ids.items():
            forger.execute(f"DELETE FROM {table} WHERE id <> %s".encode(), [row_id])


def plan_of(rows: QuerySet[Any]) -> str:
    return str(rows.explain())


def of_a_day() -> dict[str, Any]:
    start = NOW - timedelta(days=300)
    return {"created_from": start, "created_before": start + timedelta(days=1)}


def test_orders_are_found_by_index(world: World) -> None:
    organization_id, now = world.organization.id, NOW
    asked = {
        "orders_order_by_creation": filter_orders(organization_id, now=now, **of_a_day()),
        "orders_order_by_payment_status": filter_orders(organization_id, now=now, payment_status=["failed"]),
        "orders_order_by_user": filter_orders(organization_id, now=now, user=new_id()),
        "orders_order_by_payment": Order.objects.of(organization_id).filter(payment_id=new_id()),
        "orders_order_cart": Order.objects.of(organization_id).filter(cart_id=new_id()),
        "orders_order_by_status": filter_orders(organization_id, now=now, status=["refunded"]),
    }
    for index, rows in asked.items():
        listed = rows.order_by("-id")[:51] if index.startswith("orders_order_by_") else rows
        assert index in plan_of(listed), (index, plan_of(listed))


def test_money_is_found_by_index(world: World) -> None:
    organization_id = world.organization.id
    movements = transactions_of(organization_id, **of_a_day())

    assert "payments_transaction_creation" in plan_of(movements.order_by("-id")[:51])
    by_order = transactions_of(organization_id, order=new_id())
    assert "payments_transaction_of_order" in plan_of(by_order.order_by("-id")[:51])


@pytest.mark.parametrize(
    ("model", "index"),
    [
        (Payment, "payments_payment_of_user"),
        (Transaction, "payments_transaction_of_user"),
        (CouponUsage, "orders_couponusage_of_user"),
        (Cart, "sales_cart_of_user"),
        (Order, "orders_order_by_user"),
    ],
)
def test_what_a_person_leaves_is_found_by_index(world: World, model: Any, index: str) -> None:
    """An account that is deleted is taken off all that it has bought, at all organisations."""
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")  # where the table of the test is all but empty
    try:
        assert index in plan_of(model.unscoped.filter(user_id=new_id()))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET enable_seqscan = on")


def test_events_are_found_by_price(world: World) -> None:
    events = filter_by_price(world.organization.id, lowest=None, highest=world.standing.price * 0 + 3)

    assert "catalog_tickettype_by_price" in plan_of(events.order_by("-id")[:51])


def test_control_without_the_index_all_orders_are_looked_at(world: World) -> None:
    organization_id: UUID = world.organization.id
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("DROP INDEX orders_order_by_payment_status")
        rows = filter_orders(organization_id, now=NOW, payment_status=["failed"])
        plan = plan_of(rows.order_by("-id")[:51])
        cursor.execute("ROLLBACK")

    assert "orders_order_by_payment_status" not in plan
