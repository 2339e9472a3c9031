"""What offered tickets know of people: who offers, and to whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kassa.core.personal_data import (
    DataSubject,
    Erasure,
    PersonalData,
    find_rows_by_email,
    list_columns,
    register,
)
from kassa.tickets.models import Transfer

OFFERED = """
UPDATE tickets_transfer f SET from_name = '', from_email = %(nobody)s, message = ''
WHERE f.organization_id = %(organization)s AND (
    lower(f.from_email) = ANY(%(emails)s::text[])
    OR (lower(f.from_email) = ANY(%(typed)s::text[]) AND EXISTS (
        SELECT FROM orders_ticket t WHERE t.organization_id = f.organization_id AND t.id = f.ticket_id
        AND t.order_id = ANY(%(orders)s::uuid[]))))
"""
TAKEN = """
UPDATE tickets_transfer SET to_name = '', to_email = %(nobody)s, message = ''
WHERE organization_id = %(organization)s AND lower(to_email) = ANY(%(emails)s::text[])
"""
KNOWN_IN = """
SELECT organization_id FROM tickets_transfer
WHERE lower(from_email) = ANY(%(emails)s::text[]) OR lower(to_email) = ANY(%(emails)s::text[])
"""
TRANSFER = ("status", "from_name", "from_email", "to_name", "to_email", "message", "offered_at", "ended_at")


def erase(erasure: Erasure) -> None:
    """Forget who offered tickets, and to whom they were offered."""
    erasure.execute(OFFERED, TAKEN)


def export(subject: DataSubject, now: datetime) -> dict[str, Any]:
    """Return the offers that a person made or got."""
    transfers = find_rows_by_email(Transfer, subject.emails, "from_email", "to_email")
    return {"transfers": list_columns(transfers, TRANSFER)}


register(
    PersonalData(
        app="tickets",
        erased={"tickets_transfer": ("from_name", "from_email", "to_name", "to_email", "message")},
        erase=erase,
        known_in=KNOWN_IN,
        export=export,
    )
)
