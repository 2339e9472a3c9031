"""Orders that were paid before there were payments get theirs from the migration, and the books balance."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from importlib import import_module
from pathlib import Path

import psycopg
import pytest

from kassa.payments.domain.refunds.progress import mark_refunded
from kassa.payments.models import Payment, Refund, Transaction
from tests.importers.old_system import OldSystem
from tests.payments.money import balances, paid_order
from tests.support.books import assert_books_balance
from tests.support.factories import line
from tests.support.sale_world import World

migration = import_module("kassa.payments.migrations.0003_earlier_orders").Migration

TABLES = (
    "payments_ledgerentry",
    "payments_transaction",
    "payments_refundedticket",
    "payments_refundedgoods",
    "payments_refundpart",
    "payments_refund",
    "payments_payment",
)
MONEY_KEPT = "UPDATE orders_order SET payment_id = NULL, payment_method = NULL"
NOTHING_PROMISED = (
    "UPDATE orders_order SET refunded_amount = 0, refunding_amount = 0 WHERE status = 'cancelled'"
)

pytestmark = pytest.mark.django_db(transaction=True)

Migrate = Callable[[], None]


@pytest.fixture
def forget_money(database_url: str) -> Migrate:
    """Leave the orders as they were before there were payments."""

    def forget() -> None:
        with psycopg.connect(database_url.replace("kassa@", "postgres@")) as connection:
            connection.execute("SET LOCAL session_replication_role = replica")
            for table in TABLES:
                connection.execute(f"DELETE FROM {table}".encode())
            connection.execute(MONEY_KEPT)
            connection.execute(NOTHING_PROMISED.encode())

    return forget


@pytest.fixture
def migrate(database_url: str) -> Migrate:
    """Do what the migration does."""

    def run() -> None:
        with psycopg.connect(database_url) as connection:
            for operation in migration.operations:
                connection.execute(operation.sql.encode())

    return run


def test_paid_orders_get_payment_transaction_and_books(forget_money: Migrate, migrate: Migrate) -> None:
    world = World()
    order = paid_order(world, line(world.standing, 2), line(world.shirt), coupon_code=world.coupon.code)
    unpaid = world.place(line(world.standing))
    forget_money()

    migrate()

    [payment] = Payment.objects.of(world.organization.id)
    assert (payment.order_id, payment.provider, payment.method) == (order.id, "imported", "imported")
    assert (payment.amount, payment.provider_reference) == (order.total, order.number)
    assert payment.received_at == world.order(order.id).paid_at
    assert world.order(order.id).payment_id == payment.id
    [movement] = Transaction.objects.of(world.organization.id)
    assert (movement.type, movement.status, movement.amount) == ("purchase", "completed", order.total)
    assert balances(world) == {"provider": order.total, "sales": -order.total}
    assert world.order(unpaid.id).payment_id is None
    assert_books_balance()


def test_it_gives_nobody_a_payment_twice(forget_money: Migrate, migrate: Migrate) -> None:
    world = World()
    paid_order(world)
    forget_money()
    migrate()
    paid_order(world)

    migrate()

    assert Payment.objects.of(world.organization.id).count() == 2
    assert_books_balance()


def test_what_was_paid_for_a_cancelled_order_is_promised_back(
    forget_money: Migrate, migrate: Migrate
) -> None:
    world = World()
    order = paid_order(world, line(world.standing, 2))
    world.api.post(f"/api/v1/orders/{order.id}/cancel")
    forget_money()

    migrate()

    [refund] = Refund.objects.of(world.organization.id)
    assert (refund.kind, refund.status, refund.amount) == ("cancellation", "pending", Decimal(90))
    assert refund.lines == [
        {"what": "cancellation", "label": "The order was cancelled.", "amount": "90.00"},
    ]
    assert world.order(order.id).refunding_amount == 90
    assert_books_balance()
    mark_refunded(world.context(), order.id, refund.id, reference="in cash")
    assert (world.order(order.id).refunded_amount, world.order(order.id).payment_status) == (90, "refunded")
    assert_books_balance()


def test_imported_orders_of_every_kind_balance(
    forget_money: Migrate, migrate: Migrate, tmp_path: Path
) -> None:
    old = OldSystem(tmp_path)
    tickets = [
        old.ticket("T1"),
        old.ticket("T2", status="refunded"),
        old.ticket("T3", status="refunded", purchase_reference="P2"),
        old.ticket("T4", status="refunded", purchase_reference="P3", price="0"),
        old.ticket("T5", status="cancelled", purchase_reference="P4"),
        old.ticket("T6", status="used", purchase_reference="P5", price="0"),
    ]
    assert old.import_rows("tickets", *tickets) == (5, 0, 0)
    bookings = [
        old.booking("ada"),
        old.booking("bob"),
        old.booking("eve", payment_status="REFUNDED", stripe_payment_intent_id="pi_3"),
    ]
    assert old.import_rows("bookings", *bookings) == (3, 0, 0)
    orders = [old.item("S-1"), old.item("S-2", status="REFUNDED"), old.item("S-3", status="CANCELLED")]
    assert old.import_rows("orders", *orders) == (3, 0, 0)
    before = figures(old)
    forget_money()

    migrate()

    after = figures(old)
    assert len(after["payments"]) == 7
    references = [reference for *_, reference in after["payments"]]
    assert references.count("pi_1") == 1
    assert "pi_3" in references
    assert after["refunds"] == before["refunds"]
    assert [payment[:3] for payment in after["payments"]] == [payment[:3] for payment in before["payments"]]
    assert_books_balance()


def figures(old: OldSystem) -> dict[str, list[tuple[object, ...]]]:
    """Return what payments and refunds of an organisation say, but for their ids."""
    payments = Payment.objects.of(old.organization.id).order_by("order_id")
    refunds = Refund.objects.of(old.organization.id).order_by("order_id")
    return {
        "payments": list(payments.values_list("order_id", "amount", "refunded_amount", "provider_reference")),
        "refunds": [
            (*refund, sorted(line["amount"] for line in lines))
            for *refund, lines in refunds.values_list("order_id", "kind", "status", "amount", "lines")
        ],
    }
