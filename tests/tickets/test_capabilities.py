"""What the holder of a ticket may do with it, in every state that it can have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from kassa.catalog.enums import EventStatus
from kassa.orders.enums import OrderStatus, TicketStatus
from kassa.tickets.domain.capabilities import can_print, decide_capabilities, ticket_state

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ORDER = SimpleNamespace(status=OrderStatus.CONFIRMED, expires_at=None)
ENDED = SimpleNamespace(status=OrderStatus.REFUNDED, expires_at=None)
OVERDUE = SimpleNamespace(status=OrderStatus.PENDING, expires_at=NOW)
EVENT = SimpleNamespace(status=EventStatus.PUBLISHED, starts_at=NOW + timedelta(days=3))
CANCELLED = SimpleNamespace(status=EventStatus.CANCELLED, starts_at=EVENT.starts_at)
SOON = SimpleNamespace(status=EventStatus.PUBLISHED, starts_at=NOW + timedelta(hours=1))
OPEN = {
    "ticket_transfers_enabled": True,
    "transfer_until_hours": 24,
    "attendee_changes_enabled": True,
    "attendee_changes_until_hours": 24,
}


def a_ticket(status: str = TicketStatus.VALID, **changed: Any) -> Any:
    facts = {"status": status, "blocked_at": None, "frozen_at": None, "transferred_at": None}
    return SimpleNamespace(**(facts | changed))


@pytest.mark.parametrize(
    ("ticket", "order", "state", "printed"),
    [
        (a_ticket(), ORDER, "valid", True),
        (a_ticket(TicketStatus.USED), ORDER, "used", True),
        (a_ticket(TicketStatus.USED), ENDED, "refunded", False),
        (a_ticket(TicketStatus.RESERVED), OVERDUE, "expired", False),
        (a_ticket(blocked_at=NOW, frozen_at=NOW), ORDER, "blocked", False),
        (a_ticket(frozen_at=NOW), ORDER, "frozen", False),
        (a_ticket(transferred_at=NOW), ORDER, "valid", False),
        (a_ticket(TicketStatus.CANCELLED), ORDER, "cancelled", False),
    ],
)
def test_state_of_a_ticket(ticket: Any, order: Any, state: str, printed: bool) -> None:
    assert ticket_state(ticket, order, now=NOW) == state
    assert can_print(ticket, order, now=NOW) is printed


@pytest.mark.parametrize(
    ("ticket", "event", "settings", "has_offer", "decided"),
    [
        (a_ticket(), EVENT, {}, False, (True, True, True)),
        (a_ticket(), EVENT, {}, True, (True, True, False)),
        (a_ticket(), EVENT, {"ticket_transfers_enabled": False}, False, (True, True, False)),
        (a_ticket(), EVENT, {"attendee_changes_enabled": False}, False, (False, True, True)),
        (a_ticket(), SOON, {}, False, (False, True, False)),
        (a_ticket(), CANCELLED, {}, False, (True, False, False)),
        (a_ticket(TicketStatus.USED), EVENT, {}, False, (False, False, False)),
        (a_ticket(frozen_at=NOW), EVENT, {}, False, (False, False, False)),
    ],
)
def test_capabilities(
    ticket: Any, event: Any, settings: Any, has_offer: bool, decided: tuple[bool, bool, bool]
) -> None:
    chosen: Any = SimpleNamespace(**(OPEN | settings))

    found = decide_capabilities(ticket, ORDER, event, chosen, has_offer=has_offer, now=NOW)

    assert (found.can_change, found.can_replace, found.can_offer) == decided
