"""Every check sees what it is there for, and nothing else does."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from kassa.audit.check import BITS, Check
from kassa.audit.run import CHECKS, Report, examine
from tests.audit.forgeries import FORGERIES, Forgery
from tests.audit.village import Village

BY_NAME = {check.name: check for check in CHECKS}

Forger = psycopg.Cursor[Any]


def forge(forger: Forger, village: Village, sql: str) -> None:
    changed = 0
    for statement in filter(str.strip, sql.split(";")):
        forger.execute(statement.encode(), village.names)
        changed += forger.rowcount
    assert changed > 0


def test_village_balances(village: Village, forger: Forger) -> None:
    told: list[Check] = []

    report = examine(forger, None, progress=told.append)

    assert report.findings == []
    assert report.exit_status == 0
    assert (report.orders, report.payments, report.entries) == (len(village.orders), 16, 103)
    assert told == list(CHECKS)


@pytest.mark.parametrize("forgery", FORGERIES, ids=str)
def test_forgery_is_seen_by_exactly_one_check(village: Village, forger: Forger, forgery: Forgery) -> None:
    forge(forger, village, forgery.sql)

    report = examine(forger, None)

    assert {finding.check.name for finding in report.findings} == {forgery.check}
    assert report.exit_status == BITS[BY_NAME[forgery.check].subject]
    assert {finding.organization_id for finding in report.findings} == {village.organization_id}


def test_every_check_has_its_forgery() -> None:
    assert {forgery.check for forgery in FORGERIES} == set(BY_NAME)
    assert len(BY_NAME) == len(CHECKS)


def test_finding_names_its_order_and_the_figures(village: Village, forger: Forger) -> None:
    order = village.orders["gift"]
    forge(forger, village, "UPDATE orders_order SET refunding_amount = 0 WHERE id = %(gift)s")

    [finding] = examine(forger, None).findings

    assert (finding.order_id, finding.number) == (order.id, order.number)
    assert (finding.figures["refunding_amount"], finding.figures["refunding_by_parts"]) == (0, 10)


def test_entries_of_an_order_that_there_is_not_are_seen(village: Village, forger: Forger) -> None:
    forge(
        forger,
        village,
        "UPDATE payments_ledgerentry SET order_id = gen_random_uuid() WHERE order_id = %(won)s",
    )

    names = {finding.check.name for finding in examine(forger, None).findings}

    assert names == {"ledger_entries", "ledger_references"}


def test_another_organisations_books_are_left_alone(village: Village, forger: Forger) -> None:
    for forgery in FORGERIES:
        forger.execute("SAVEPOINT clean")
        forge(forger, village, forgery.sql)
        assert examine(forger, uuid4()) == Report(0, 0, 0)
        forger.execute("ROLLBACK TO clean")


def test_bits_of_several_subjects_add_up(village: Village, forger: Forger) -> None:
    one_of_each = {BY_NAME[forgery.check].subject: forgery for forgery in FORGERIES}
    for forgery in one_of_each.values():
        forge(forger, village, forgery.sql)

    assert examine(forger, village.organization_id).exit_status == 63
