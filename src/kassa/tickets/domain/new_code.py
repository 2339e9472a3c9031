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
INSERT INTO tickets_formercode (id, organization_id, ticket_id, code, reason, ended_at)
SELECT %s, %s, ended.id, %s, %s, %s FROM ended
"""


def replace_code(organization_id: UUID, ticket: Any, *, reason: EndOfCode, now: datetime) -> str:
    """Give a locked ticket a fresh code and return it; links that hold the old one die with it.

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
            ticket.code,
            reason.value,
            now,
        ),
    )
    if written.rowcount != 1:
        raise TicketOver(str(ticket.status))
    return code
