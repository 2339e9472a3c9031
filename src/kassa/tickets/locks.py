"""Row locks on tickets: the last ones taken, after those of everything an order holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from kassa.core.database import plain_array, statements

LOCK_TICKETS = """
SELECT id, order_id, item_id, event_id, ticket_type_id, seat_label, code, status, frozen_at, blocked_at,
       block_reason, checked_in_at, checked_in_by, checked_in_by_kind,
       transferred_at, transferred_from, transferred_to,
       attendee_first_name, attendee_last_name, attendee_email, attendee_phone
FROM orders_ticket
WHERE organization_id = %s AND id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE
"""


def lock_tickets(organization_id: UUID, ticket_ids: Iterable[UUID]) -> list[Any]:
    """Lock tickets, in the order of their ids, and read them as they are then; call it in a transaction.

    Whatever ends a ticket, lets somebody in with it or gives it another code waits here, so that exactly one
    of them finds it as it was. Tickets that are not there are left out.
    """
    wanted = plain_array(sorted(ticket_ids))
    return statements().queue(LOCK_TICKETS, (organization_id, wanted), named=True).fetchall()
