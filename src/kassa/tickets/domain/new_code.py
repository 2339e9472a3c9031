"""A ticket gets another code: the old one is kept as a former code, and lets nobody in from then on."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from kassa.core.database import statements
from kassa.core.ids import new_id
from kassa.orders.domain.codes import new_codes
from kassa.tickets.enums import EndOfCode
from kassa.tickets.errors import TicketOver

REPLACE_CODE = """
WITH ended AS (
    UPDATE orders_ticket SET code = %s, updated_at = %s
    WHERE organization_id = %s AND id = %s AND code = %s AND status = %s
    RETURNING id
)
INSERT INTO tickets_formercode (id, organization_id, ticket_id, position, code, reason, ended_at)
SELECT %s, %s, ended.id, (
    SELECT coalesce(max(f.position), 0) + 1 FROM tickets_formercode f
    WHERE f.organization_id = %s AND f.ticket_id = ended.id), %s, %s, %s
FROM ended RETURNING position
"""


def replace_code(organization_id: UUID, ticket: Any, *, reason: EndOfCode, now: datetime) -> int:
    """Give a locked ticket a fresh code; links that hold the old one die with it.

    Returns the position of the old one among the codes that the ticket had.

    Raises:
        TicketOver: it is not as the caller has read it, which no ticket is that was locked.
    """
    [code] = new_codes(1)
    written = statements().queue(
        REPLACE_CODE,
        (
            code,
            now,
            organization_id,
            ticket.id,
            ticket.code,
            ticket.status,
            new_id(),
            organization_id,
            organization_id,
            ticket.code,
            reason.value,
            now,
        ),
    )
    row = written.fetchone()
    if row is None:
        raise TicketOver(str(ticket.status))
    position: int = row[0]
    return position
