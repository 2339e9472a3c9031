"""Nobody writes another domain's tables: the source itself is read.

Reading is free, writing is the owner's: who wants a row of another package changed calls a function of it.
"""

from __future__ import annotations

import ast
import importlib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import QuerySet

import kassa.urls  # noqa: F401 (the modules of pages are importable after it)
from kassa.orders.models import Order
from tests.contract.source_code import ROOT, SOURCES, name_of, syntax
from tests.contract.table_writes import UNNAMED, orm_writes, sql_writes

FOREIGN_WRITES: dict[str, tuple[dict[str, int], str]] = {
    "api/idempotency.py": ({"core_idempotentanswer": 2}, "the answer is written around the view itself"),
    "catalog/domain/ticket_type_rows.py": ({"inventory_quota": 1}, "a ticket type's own quota"),
    "importers/payments.py": (
        {
            "payments_payment": 1,
            "orders_order": 1,
            "payments_refund": 1,
            "payments_refundedticket": 1,
            "payments_refundpart": 1,
            "payments_transaction": 1,
            "payments_ledgerentry": 1,
        },
        "payments of the past",
    ),
    "importers/write.py": (
        {
            "orders_order": 1,
            "orders_orderitem": 1,
            "orders_ticket": 1,
            "orders_orderhistory": 1,
            "orders_ordernumberseries": 1,
            "orders_couponusage": 1,
        },
        "orders of the past",
    ),
    "integrations/clerk/people.py": (
        {"identity_linkedidentity": 1, "identity_user": 2, "account_emailaddress": 1},
        "people whose word another service gives",
    ),
    "notifications/domain/account_mail.py": ({"identity_accountmail": 5}, "what is sent is deleted"),
    "storefront/account/adapter.py": ({"identity_user": 1}, "signing up"),
    "tickets/domain/new_code.py": (
        {"orders_ticket": 1},
        "one statement gives a ticket its new code and keeps the old one, of which no time may lie between",
    ),
}
"""Which tables of others a file writes, how often in its source, and why."""

UNREADABLE: dict[str, tuple[int, str]] = {
    "core/delivery.py": (2, "the table of the model that a queue names"),
    "identity/domain/security_log.py": (1, "its own two logs, by turns"),
    "identity/models/people.py": (1, "the model that its own manager is of"),
    "integrations/stripe/provider.py": (1, "a call of Stripe"),
    "integrations/stripe/refunds.py": (1, "a call of Stripe"),
    "orders/domain/record.py": (1, "the tables of orders, put into one text"),
    "storefront/account/mfa.py": (1, "a picture is saved to memory"),
    "tickets/domain/qr_image.py": (1, "a picture is saved to memory"),
    "tickets/domain/revoke_links.py": (1, "orders, tickets and transfers by turns"),
}
"""Where a call has the form of a write, and the source does not say of which table."""

OWNERS_OF_LIBRARIES = {
    "account": "identity",
    "mfa": "identity",
    "sessions": "identity",
    "socialaccount": "identity",
    "usersessions": "identity",
}
"""The tables of accounts that a library brings are the accounts' own."""


def owner_of(table: str) -> str:
    [model] = (model for model in apps.get_models() if model._meta.db_table == table)
    package, name = model.__module__.split(".")[:2]
    return name if package == "kassa" else OWNERS_OF_LIBRARIES.get(model._meta.app_label, package)


@cache
def writes(path: Path) -> Counter[str]:
    """Return which tables a file writes, and how often."""
    module = ".".join(("kassa", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    names = vars(importlib.import_module(module)) if path.stem != "__main__" else {}
    tree = syntax(path)
    return Counter(sql_writes(tree)) + Counter(table for table, _ in orm_writes(tree, names))


def foreign_writes(path: Path) -> dict[str, int]:
    package = name_of(path).partition("/")[0]
    return {
        table: count
        for table, count in writes(path).items()
        if table != UNNAMED and owner_of(table) != package
    }


def test_nobody_writes_the_tables_of_others() -> None:
    found = {name_of(path): foreign for path in SOURCES if (foreign := foreign_writes(path))}
    assert found == {name: tables for name, (tables, _) in FOREIGN_WRITES.items()}


def test_writes_that_the_source_does_not_name_stand_in_their_list() -> None:
    found = {name_of(path): count for path in SOURCES if (count := writes(path)[UNNAMED])}
    assert found == {name: count for name, (count, _) in UNREADABLE.items()}


def test_every_table_has_an_owner_who_writes_it() -> None:
    """The control of the control: the readers see the writes of all domains."""
    owners = {owner_of(model._meta.db_table) for model in apps.get_models()}
    written = {table for path in SOURCES for table in writes(path)}
    assert {owner_of(table) for table in written - {UNNAMED}} == owners - {"procrastinate", "django"}
    assert sum(sum(writes(path).values()) for path in SOURCES) > 250


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("UPDATE orders_order SET status = 'paid'", "orders_order"),
        ("WITH one AS (SELECT 1) UPDATE ONLY orders_order o SET status = 'paid'", "orders_order"),
        ('INSERT INTO "orders_ticket" (id) VALUES (1)', "orders_ticket"),
        ("DELETE FROM sales_cart WHERE id = 1", "sales_cart"),
        ("TRUNCATE TABLE payments_refund", "payments_refund"),
        ("TRUNCATE payments_refund", "payments_refund"),
        ("COPY seating_eventseat (id) FROM STDIN", "seating_eventseat"),
        ("MERGE INTO inventory_quota q USING other o ON true", "inventory_quota"),
        ("UPDATE {} SET status = 'paid'", UNNAMED),
        ("DELETE FROM ", UNNAMED),
    ],
)
def test_the_reader_sees_statements_that_write(text: str, table: str) -> None:
    assert list(sql_writes(ast.parse(repr(text)))) == [table]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT id FROM orders_order WHERE id = 1 FOR NO KEY UPDATE",
        "SELECT id FROM orders_order FOR UPDATE OF orders_order",
        "INSERT INTO kassa_schema_stamp (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 1",
        "Update your order first.",
    ],
)
def test_the_reader_sees_no_write_where_rows_are_read(text: str) -> None:
    assert list(sql_writes(ast.parse(repr(text)))) == []


def test_the_reader_sees_a_table_whose_name_is_put_in() -> None:
    assert list(sql_writes(ast.parse('f"INSERT INTO {table} (id) VALUES (1)"'))) == [UNNAMED]


ORM_WRITES = {
    "Order.objects.of(one).filter(id=1).update(status='paid')": ["orders_order"],
    "Order.unscoped.create(id=1)": ["orders_order"],
    "Order.unscoped.bulk_create([Order(id=1)])": ["orders_order"],
    "Order.objects.of(one).bulk_update(rows, ['status'])": ["orders_order"],
    "Order.objects.of(one).get_or_create(id=1)": ["orders_order"],
    "Order.objects.of(one).update_or_create(id=1)": ["orders_order"],
    "Order.objects.of(one).filter(id=1).delete()": ["orders_order"],
    "Order.objects.of(one).get(id=1).save()": ["orders_order"],
    "orders = Order.objects.of(one)\nfound = orders.first()\nfound.save()": ["orders_order"],
    "for order in Order.objects.of(one):\n    order.delete()": ["orders_order"],
    "def move(order: Order) -> None:\n    order.save()": ["orders_order"],
    "def find() -> Order | None: ...\ndef move():\n    find().save()": ["orders_order"],
    "order_rows(one).update(status='paid')": ["orders_order"],
    "def move(order: Order):\n    order.tickets.update(status='used')": ["orders_ticket"],
    "def move(ticket: Ticket):\n    ticket.order.save()": ["orders_order"],
    "class Move:\n    order: Order\n    def do(self):\n        self.order.save()": ["orders_order"],
    "DeliveryQueue(Order, back_off=BACK_OFF)": ["orders_order"],
    "def move(order):\n    order.save()": [UNNAMED],
    "{}.update({'status': 'paid'})": [],
    "router.delete('/orders')": [],
}


def order_rows(organization_id: object) -> QuerySet[Order]:
    """Stand for a function of another module: only what it says it returns is read."""
    return Order.unscoped.none()


@pytest.mark.parametrize("source", ORM_WRITES)
def test_the_reader_sees_calls_that_write(source: str) -> None:
    names = {model.__name__: model for model in apps.get_models()} | {"order_rows": order_rows}
    assert [table for table, _ in orm_writes(ast.parse(source), names)] == ORM_WRITES[source]
