"""`kassa audit`: what it prints, and what its exit status says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from kassa.cli.main import kassa
from tests.payments.money import paid_order
from tests.support.factories import line, make_organization, make_ticket_type
from tests.support.sale_world import World

NOWHERE = "postgresql://kassa:secret-word@127.0.0.1:1/kassa"

pytestmark = pytest.mark.django_db(transaction=True)

Audit = Callable[..., Result]


@pytest.fixture
def world() -> World:
    """An organisation that has sold something."""
    world = World()
    paid_order(world, line(world.standing, 2))
    world.place(line(world.shirt))
    return world


@pytest.fixture
def audit(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Audit:
    """Run the command."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    return lambda *arguments: CliRunner().invoke(kassa, ["audit", *arguments])


def spoil(database_url: str, *statements: str) -> None:
    with psycopg.connect(database_url.replace("kassa@", "postgres@")) as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            connection.execute(statement.encode())


def test_books_that_balance_exit_with_nought(world: World, audit: Audit) -> None:
    done = audit()

    assert done.exit_code == 0
    assert done.stdout == (
        "Looked at 2 orders, 1 payments and 4 entries of the ledger.\nAll books balance.\n"
    )


def test_wrong_rows_are_shown_and_their_subjects_add_up(
    world: World, audit: Audit, database_url: str
) -> None:
    spoil(
        database_url,
        "UPDATE inventory_quota SET sold = sold + 1 WHERE id = (SELECT quota_id FROM catalog_product)",
        "DELETE FROM payments_ledgerentry WHERE kind = 'order_confirmed'",
    )

    done = audit()

    assert done.exit_code == 1 + 8
    assert "The books do not balance." in done.stdout
    assert "inventory: quotas do not count what orders and carts hold (1, 'quotas')" in done.stdout
    assert "(2, 'ledger_entries')" in done.stdout
    assert "    order ORD-" in done.stdout
    assert ", kind order_confirmed, account customer, " in done.stdout


def test_no_more_than_twenty_rows_of_a_kind_are_shown(world: World, audit: Audit, database_url: str) -> None:
    free = make_ticket_type(world.event, quantity=100)
    for _ in range(21):
        world.place(line(free))
    spoil(database_url, "DELETE FROM orders_orderhistory")

    done = audit()

    assert done.exit_code == 2
    assert done.stdout.count("    order ORD-") == 20
    assert "    … and 3 more" in done.stdout


def test_json_has_everything(world: World, audit: Audit, database_url: str) -> None:
    spoil(database_url, "UPDATE payments_payment SET refunded_amount = 1")

    done = audit("--json")

    assert done.exit_code == 4
    report: dict[str, Any] = json.loads(done.stdout)
    [finding] = report.pop("findings")
    assert report == {
        "balanced": False,
        "exit_status": 4,
        "silent_providers": [],
        "looked_at": {"orders": 2, "payments": 1, "entries": 4},
    }
    assert (finding["check"], finding["subject"]) == ("sums_of_payments", "payments")
    assert finding["organization"] == str(world.organization.id)
    assert finding["figures"]["refunded_amount"] == "1.000"


def test_one_organisation_is_looked_at_alone(world: World, audit: Audit, database_url: str) -> None:
    other = make_organization()
    spoil(database_url, "UPDATE payments_payment SET refunded_amount = 1")

    assert audit("--organization", world.organization.slug).exit_code == 4
    calm = audit("--organization", other.slug)
    assert (calm.exit_code, "Looked at 0 orders" in calm.stdout) == (0, True)


def test_what_keeps_it_from_running_is_told_apart_from_wrong_books(
    world: World, audit: Audit, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = audit("--organization", "nobody")
    assert (nobody.exit_code, "no organisation with the slug 'nobody'" in nobody.stderr) == (64, True)
    assert audit("--organisation", "nobody").exit_code == 64

    spoil(database_url, "UPDATE django_migrations SET app = 'later' WHERE app = 'payments'")
    try:
        behind = audit()
        assert (behind.exit_code, "kassa migrate" in behind.stderr) == (64, True)
    finally:
        spoil(database_url, "UPDATE django_migrations SET app = 'payments' WHERE app = 'later'")

    monkeypatch.setenv("DATABASE_URL", NOWHERE)
    unreachable = audit()
    assert (unreachable.exit_code, "cannot be reached" in unreachable.stderr) == (64, True)
    assert "secret-word" not in unreachable.output
