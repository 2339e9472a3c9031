"""Every query of tenant data says whose data it wants: the source itself is read."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from django.apps import apps

from kassa.core.tenancy import TenantModel
from tests.contract.source_code import SOURCES, name_of, parents, syntax, texts

UNSCOPED_QUERIES: dict[str, tuple[int, str]] = {
    "core/tenancy.py": (2, "the manager's own module"),
    "core/personal_data.py": (1, "a person asks for all that is known of them"),
    "core/tasks.py": (1, "the worker's sweep of old answers to repeated requests"),
    "admission/domain/devices.py": (1, "enrolment: the code tells whose device it is"),
    "identity/domain/api_keys.py": (1, "authentication: the key tells which organisation asks"),
    "identity/domain/accept_invitation.py": (2, "the secret of the link, or the person's own address"),
    "identity/queries.py": (1, "a person's own memberships"),
    "identity/domain/security_log.py": (
        2,
        "a person's own event: their memberships say in whose logs it stands; and the worker's sweep",
    ),
    "sales/domain/holders.py": (2, "the worker's sweep over all organisations: it forgets who held places"),
    "sales/domain/personal_data.py": (1, "a person asks for all that is known of them"),
    "sales/domain/expire.py": (2, "the worker's sweep over all organisations: it reads whose turn it is"),
    "orders/domain/personal_data.py": (3, "a person asks for all that is known of them"),
    "orders/domain/time_zones.py": (2, "a buyer's own list of orders, whoever sold them"),
    "orders/domain/upload_quotas.py": (1, "the size of all files together, which the operator bounds"),
    "orders/domain/uploads.py": (1, "the worker's sweep of files that no order has claimed"),
    "tickets/domain/expire.py": (1, "the worker's sweep over all organisations: it reads whose turn it is"),
    "notifications/domain/announce.py": (1, "the worker's sweep of what guests are still to be told"),
    "notifications/domain/bounces.py": (1, "a provider's word: its own id tells whose message it is"),
    "notifications/domain/remind.py": (3, "the worker's sweeps over all organisations, by the clock"),
    "notifications/domain/send.py": (
        1,
        "the worker's sweep over all organisations: it reads whose turn it is",
    ),
    "privacy/whose.py": (6, "a buyer asks for what is theirs, whoever sold it"),
    "storefront/account/purchases.py": (1, "what a buyer's own orders and tickets lead to"),
    "notifications/queries.py": (1, "the mailbox page, whose secret address is the whole installation's"),
    "pictures/queries.py": (1, "pictures are for everybody to see; the id tells which one"),
    "invoices/domain/personal_data.py": (1, "a person asks for all that is known of them"),
    "payments/domain/attempts/close.py": (
        1,
        "the worker's sweep over all organisations: it reads whose turn it is",
    ),
    "payments/domain/attempts/reconcile.py": (
        3,
        "the worker's sweep over all organisations: it reads whose turn it is",
    ),
    "payments/domain/attempts/silent_providers.py": (1, "whoever runs Kassa looks at the whole installation"),
    "payments/domain/payouts/fees.py": (
        1,
        "the worker's sweep over all organisations: it reads whose turn it is",
    ),
    "payments/domain/sweeps.py": (
        4,
        "the worker's sweeps over all organisations: they read whose turn it is",
    ),
    "payments/domain/webhooks/settle.py": (1, "the worker's sweep of what was settled long ago"),
    "integrations/demo_bank/domain/turns.py": (
        3,
        "the demonstration bank's clock: it reads whose turn it is",
    ),
    "catalog/queries.py": (1, "a website names just the event it shows; the id tells whose it is"),
    "demo/keys.py": (1, "asks at the terminal which of the kept demonstration keys are still alive"),
}
"""Where rows are read without naming the organisation: how often in a file, and the reason."""

UNSCOPED_SQL = {
    "core/delivery.py": (2, "a tenant's table is scoped by its class: tests/core/test_delivery.py"),
    "core/outbox_horizon.py": (1, "the horizon is that of all events; it reads their positions alone"),
}
"""Where SQL names a tenant's table and not the organisation: how often in a file, and the reason."""

CREATING = {"create", "bulk_create"}
"""Calls that read nothing; the organisation is in the row."""

TENANT_TABLES = {model._meta.db_table for model in apps.get_models() if issubclass(model, TenantModel)}
NAMED_TABLE = re.compile(r"\b(?:FROM|UPDATE|INTO|JOIN|COPY|USING)\s+(?:ONLY\s+)?\"?(\w+)", re.IGNORECASE)
UNNAMED_TABLE = re.compile(r"\b(?:FROM|UPDATE|INTO|JOIN|COPY|USING) {}")
"""A table whose name is put in: taken for a tenant's."""


def unscoped(tree: ast.Module) -> Iterator[str]:
    """Yield the method that is called on each ``.unscoped``, or an empty text."""
    above = parents(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "unscoped":
            following = above.get(node)
            yield following.attr if isinstance(following, ast.Attribute) else ""
        elif isinstance(node, ast.Constant) and node.value == "unscoped":
            yield ""


def statements(tree: ast.Module) -> Iterator[str]:
    """Yield the texts of a module that name a tenant's table."""
    for text in texts(tree):
        if TENANT_TABLES.intersection(NAMED_TABLE.findall(text)) or UNNAMED_TABLE.search(text):
            yield text


def test_unscoped_queries_stand_in_their_list() -> None:
    found = Counter(
        name_of(path) for path in SOURCES for method in unscoped(syntax(path)) if method not in CREATING
    )
    assert found == {name: count for name, (count, _) in UNSCOPED_QUERIES.items()}


def test_rows_are_made_with_their_organisation() -> None:
    """Single rows name it in the call; rows of a bulk are built with it where they are built."""
    missing = []
    for path in SOURCES:
        for node in ast.walk(syntax(path)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr == "create" and getattr(node.func.value, "attr", "") == "unscoped":
                given = {keyword.arg for keyword in node.keywords}
                if not given & {"organization", "organization_id"}:
                    missing.append(f"{name_of(path)}:{node.lineno}")
    assert missing == []


@pytest.mark.parametrize("manager", ["_default_manager", "_base_manager"])
def test_nobody_goes_around_the_managers(manager: str) -> None:
    assert [name_of(path) for path in SOURCES if manager in path.read_text()] == []


def test_tenant_rows_are_reached_by_of_alone() -> None:
    """``objects`` refuses everything but ``of`` at run time; here nothing else is even written."""
    tenants = {model.__name__ for model in apps.get_models() if issubclass(model, TenantModel)}
    found = []
    for path in SOURCES:
        tree = syntax(path)
        above = parents(tree)
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Attribute) and node.attr == "objects"):
                continue
            model, following = node.value, above.get(node)
            is_tenants = isinstance(model, ast.Name) and model.id in tenants
            if is_tenants and getattr(following, "attr", "") != "of":
                found.append(f"{name_of(path)}:{node.lineno}")
    assert found == []


def test_sql_of_tenant_tables_names_the_organisation() -> None:
    found = Counter(
        name_of(path)
        for path in SOURCES
        for text in statements(syntax(path))
        if "organization_id" not in text
    )
    assert found == {name: count for name, (count, _) in UNSCOPED_SQL.items()}


def test_the_check_of_sql_finds_what_it_looks_for() -> None:
    texts = {
        "SELECT id FROM orders_order": True,
        "UPDATE inventory_quota SET sold = 0": True,
        'DELETE FROM "orders_ticket"': True,
        "INSERT INTO sales_cart (id) VALUES (1)": True,
        "SELECT 1 FROM identity_user": False,
        "An order comes from orders.": False,
    }
    for text, wanted in texts.items():
        assert bool(list(statements(ast.parse(repr(text))))) == wanted
    for text in ('f"SELECT {names} FROM orders_order"', 'f"INSERT INTO {table} (id)"'):
        assert len(list(statements(ast.parse(text)))) == 1
    assert len(TENANT_TABLES) > 20
