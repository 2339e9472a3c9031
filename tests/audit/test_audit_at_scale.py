"""What the audit costs grows as the tables do, and not with their square."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from kassa.audit.run import CHECKS, NO_HURRY
from tests.importers.old_system import OldSystem

ORDERS = 400
LARGEST_TABLE = 5 * ORDERS
"""Entries of the ledger: four for each order, and what was given back of some."""
PASSES = 4
"""So often a statement may read, sort or join a whole table's rows at one place."""


@pytest.fixture
def sold(transactional_db: None, tmp_path: Path) -> None:
    """Have sold two tickets in each of many orders, and given one back in each tenth."""
    old = OldSystem(tmp_path)
    old.let_capacity_be(2 * ORDERS)
    type(old.event.capacity_quota)._base_manager.update(capacity=2 * ORDERS)
    rows = [
        old.ticket(f"T{nth}-{place}", purchase_reference=f"P{nth}", status=status)
        for nth in range(ORDERS)
        for place, status in enumerate(("valid", "refunded" if nth % 10 == 0 else "valid"))
    ]
    assert old.import_rows("tickets", *rows) == (ORDERS, 0, 0)


def steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from steps(below)


def rows_handled(step: dict[str, Any]) -> float:
    """Return how many rows went through a step of a plan, those it looked at in vain among them."""
    in_vain = sum(step[name] for name in step if name.startswith("Rows Removed"))
    return float((step["Actual Rows"] + in_vain) * step["Actual Loops"])


@pytest.mark.usefixtures("sold")
def test_no_check_goes_through_a_table_once_for_each_row_of_another(database_url: str) -> None:
    with psycopg.connect(database_url) as connection, connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # what tests before this one have left in the statistics is gone
        cursor.execute(NO_HURRY)
        worst: dict[str, float] = {}
        for check in CHECKS:
            statement = f"EXPLAIN (ANALYZE, FORMAT JSON) {check.statement}"
            cursor.execute(statement.encode(), {"organization": None})
            [[[explained]]] = cursor.fetchall()
            worst[check.name] = max(map(rows_handled, steps(explained["Plan"])))

    assert {name: rows for name, rows in worst.items() if rows > PASSES * LARGEST_TABLE} == {}
