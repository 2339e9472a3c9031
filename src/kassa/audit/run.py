"""The audit itself: every check in one look at the database, which a running sale cannot disturb."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from kassa.audit import admission, coupons, inventory, invoices, ledger, orders, payments, refunds, tickets
from kassa.audit.check import BITS, Check
from kassa.core.clock import utc_now
from kassa.payments.domain.attempts.silent_providers import SilentProvider, find_silent_providers

CHECKS: tuple[Check, ...] = (
    *inventory.CHECKS,
    *orders.CHECKS,
    *coupons.CHECKS,
    *payments.CHECKS,
    *refunds.CHECKS,
    *ledger.CHECKS,
    *admission.CHECKS,
    *tickets.CHECKS,
    *invoices.CHECKS,
)

ONE_LOOK = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
NO_HURRY = """
SET LOCAL statement_timeout = 0;
SET LOCAL work_mem = '64MB';
SET LOCAL jit = off;
SET LOCAL enable_nestloop = off
"""
"""Whole tables are held against each other: row by row it would take hours where PostgreSQL has not yet
counted what a table holds and thinks that it is small."""
COUNTS = """
SELECT (SELECT count(*) FROM orders_order WHERE %(organization)s::uuid IS NULL
                                             OR organization_id = %(organization)s::uuid),
       (SELECT count(*) FROM payments_payment WHERE %(organization)s::uuid IS NULL
                                                 OR organization_id = %(organization)s::uuid),
       (SELECT count(*) FROM payments_ledgerentry WHERE %(organization)s::uuid IS NULL
                                                     OR organization_id = %(organization)s::uuid)
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One row that is wrong."""

    check: Check
    organization_id: UUID
    order_id: UUID | None
    """None: it is not about one order."""
    number: str | None
    """The order's."""
    figures: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at, and what is wrong."""

    orders: int
    payments: int
    entries: int
    """Lines of the ledger."""
    findings: list[Finding] = field(default_factory=list)
    silent_providers: list[SilentProvider] = field(default_factory=list)
    """Where buyers may have paid without anybody here knowing. The books are right as far as they go."""

    @property
    def exit_status(self) -> int:
        """The sum of the bits of all subjects in which something is wrong; 0: the books balance."""
        return sum({BITS[finding.check.subject] for finding in self.findings})


def run_audit(
    organization_id: UUID | None, *, progress: Callable[[Check], None] = lambda check: None
) -> Report:
    """Hold every book against every other, of one organisation or (None) of all; change nothing.

    All is read as it was at one moment, so that sales which go on meanwhile are never seen half done. It
    takes as long as it takes. ``progress`` is called after each check. Not to be called within a transaction.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(ONE_LOOK)
        cursor.execute(NO_HURRY)
        report = examine(cursor, organization_id, progress=progress)
        report.silent_providers.extend(find_silent_providers(organization_id, now=utc_now()))
        return report


def examine(
    cursor: Any, organization_id: UUID | None, *, progress: Callable[[Check], None] = lambda check: None
) -> Report:
    """Do all checks within a transaction of the caller's, by a cursor of Django's or of psycopg's own."""
    cursor.execute(COUNTS, {"organization": organization_id})
    report = Report(*cursor.fetchone())
    for check in CHECKS:
        report.findings.extend(look(cursor, check, organization_id))
        progress(check)
    return report


def look(cursor: Any, check: Check, organization_id: UUID | None) -> Iterator[Finding]:
    """Yield what one check finds."""
    cursor.execute(check.statement, {"organization": organization_id})
    names = [column[0] for column in cursor.description]
    for row in cursor.fetchall():
        figures = dict(zip(names, row, strict=True))
        yield Finding(
            check=check,
            organization_id=figures.pop("organization_id"),
            order_id=figures.pop("order_id", None),
            number=figures.pop("number", None),
            figures=figures,
        )
