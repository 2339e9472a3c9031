"""What a check is: one statement that finds what must never be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Subject(StrEnum):
    """What a check is about."""

    INVENTORY = "inventory"
    ORDERS = "orders"
    PAYMENTS = "payments"
    LEDGER = "ledger"
    ADMISSION = "admission"
    INVOICES = "invoices"


BITS = {
    Subject.INVENTORY: 1,
    Subject.ORDERS: 2,
    Subject.PAYMENTS: 4,
    Subject.LEDGER: 8,
    Subject.ADMISSION: 16,
    Subject.INVOICES: 32,
}
"""What each subject adds to the exit status of `kassa audit`."""

_OF = re.compile(r"\bOF\((\w+)\)")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be true of every row.

    Its statement returns a row for each that is wrong, with the columns ``organization_id`` and, where it
    is about an order, ``order_id`` and ``number``; the others are figures.
    """

    name: str
    """Short and never changed: programs that read the findings go by it."""
    subject: Subject
    sentence: str
    """What is wrong with the rows that are found."""
    sql: str
    """``OF(t)`` stands for: the row of ``t`` is of the organisation that is looked at, or all are."""

    @property
    def statement(self) -> str:
        """The statement for PostgreSQL, with the parameter ``organization``."""
        return _OF.sub(
            r"(%(organization)s::uuid IS NULL OR \1.organization_id = %(organization)s::uuid)", self.sql
        )
