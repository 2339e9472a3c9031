"""What other domains do to tickets: they let their holders in, change hands, are frozen or blocked.

Each of these decides by its own rules and has locked the tickets; the rows are written here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from kassa.core.database import Statements, plain_array, text_array
from kassa.orders.enums import ScannerKind
from kassa.orders.models import Ticket

# A ticket that ended after it was used stays what it became.
CHECK_IN = """
UPDATE orders_ticket t SET checked_in_at = d.at, checked_in_by = d.by, updated_at = %s,
    checked_in_by_kind = CASE WHEN d.by IS NOT NULL THEN %s END,
    status = CASE WHEN t.status NOT IN ('valid', 'used') THEN t.status
                  WHEN d.at IS NULL THEN 'valid' ELSE 'used' END
FROM unnest(%s::uuid[], %s::timestamptz[], %s::uuid[]) AS d(id, at, by)
WHERE t.organization_id = %s AND t.id = d.id
"""


def check_in_tickets(
    database: Statements,
    organization_id: UUID,
    check_ins: Mapping[UUID, tuple[datetime | None, UUID | None]],
    *,
    by_kind: ScannerKind | None,
    now: datetime,
) -> None:
    """Queue when tickets were first used, and by whom, by their id. No moment: they are not used any more."""
    moments = text_array([None if at is None else str(at) for at, _ in check_ins.values()])
    people = plain_array(by for _, by in check_ins.values())
    database.queue(CHECK_IN, (now, by_kind, plain_array(check_ins), moments, people, organization_id))


def freeze_tickets(organization_id: UUID, order_id: UUID, *, now: datetime) -> None:
    """Keep the tickets of an order from being used while its money is disputed."""
    _lock(organization_id, order_id).filter(frozen_at=None).update(frozen_at=now, updated_at=now)


def unfreeze_tickets(organization_id: UUID, order_id: UUID, *, now: datetime) -> None:
    """Let the tickets of an order be used again."""
    _lock(organization_id, order_id).update(frozen_at=None, updated_at=now)


def set_block(
    organization_id: UUID, ticket_id: UUID, *, blocked_at: datetime | None, reason: str, now: datetime
) -> None:
    """Write since when a ticket is blocked, and why. None: it is not."""
    Ticket.objects.of(organization_id).filter(id=ticket_id).update(
        blocked_at=blocked_at, block_reason=reason, updated_at=now
    )


def set_attendee(
    organization_id: UUID, ticket_id: UUID, columns: Mapping[str, Any], *, now: datetime
) -> None:
    """Write what is known of the holder of a ticket, by column."""
    Ticket.objects.of(organization_id).filter(id=ticket_id).update(**columns, updated_at=now)


def hand_over_ticket(
    organization_id: UUID,
    ticket_id: UUID,
    columns: Mapping[str, Any],
    *,
    from_email: str,
    to_email: str,
    now: datetime,
) -> None:
    """Make a ticket out to another person, whose columns these are, and note from whom it came."""
    Ticket.objects.of(organization_id).filter(id=ticket_id).update(
        **columns,
        attendee_email=to_email,
        transferred_at=now,
        transferred_from=from_email,
        transferred_to=to_email,
    )


def _lock(organization_id: UUID, order_id: UUID) -> QuerySet[Ticket]:
    """Return the tickets of an order, locked in the order of their ids, as the door locks them."""
    tickets = Ticket.objects.of(organization_id).filter(order_id=order_id)
    list(tickets.select_for_update(no_key=True).order_by("id").values_list("id"))
    return tickets
