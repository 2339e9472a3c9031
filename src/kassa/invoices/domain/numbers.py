"""Numbers of invoices: counted per organisation, kind and year, without gaps."""

from __future__ import annotations

from uuid import UUID

from kassa.core.database import Statements
from kassa.core.ids import new_id
from kassa.invoices.enums import InvoiceKind

LOCK_SERIES = """
INSERT INTO invoices_invoiceseries AS s (id, organization_id, kind, year, last) VALUES (%s, %s, %s, %s, 0)
ON CONFLICT (organization_id, kind, year) DO UPDATE SET last = s.last RETURNING s.last
"""
TAKE_NEXT = """
UPDATE invoices_invoiceseries SET last = last + 1
WHERE organization_id = %s AND kind = %s AND year = %s RETURNING last
"""


def lock_series(database: Statements, organization_id: UUID, *, kind: InvoiceKind, year: int) -> None:
    """Let nobody else issue a document of this kind until the transaction ends. No sale waits for it."""
    database.queue(LOCK_SERIES, (new_id(), organization_id, kind.value, year)).fetchone()


def take_next(database: Statements, organization_id: UUID, *, kind: InvoiceKind, year: int) -> int:
    """Return the next number of a locked series; it is free again if the transaction fails."""
    row = database.queue(TAKE_NEXT, (organization_id, kind.value, year)).fetchone()
    if row is None:
        raise LookupError("Lock the series first.")
    return int(row[0])
