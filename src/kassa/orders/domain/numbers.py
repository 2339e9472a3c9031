"""Order numbers: ``ORD-2026-00001``, counted per organisation and year, without gaps."""

from __future__ import annotations

from uuid import UUID

from kassa.core.database import Statements
from kassa.core.ids import new_id

TAKE_NUMBERS = """
INSERT INTO orders_ordernumberseries AS s (id, organization_id, year, last) VALUES (%s, %s, %s, %s)
ON CONFLICT (organization_id, year) DO UPDATE SET last = s.last + excluded.last
RETURNING s.last
"""


def take_numbers(database: Statements, organization_id: UUID, *, year: int, count: int) -> list[str]:
    """Return the next numbers; their series stays locked until the transaction ends."""
    row = database.queue(TAKE_NUMBERS, (new_id(), organization_id, year, count)).fetchone()
    last = int(row[0]) if row else 0
    return [f"ORD-{year}-{number:05d}" for number in range(last - count + 1, last + 1)]
