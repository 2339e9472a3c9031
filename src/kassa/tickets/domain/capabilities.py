"""What the holder of a ticket may do with it just now, and how it stands for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kassa.catalog.models import Event
from kassa.orders.domain.order_view import is_overdue
from kassa.orders.enums import ADMITTING_TICKETS, OrderStatus, TicketStatus
from kassa.organizations.models import OrganizationSettings
from kassa.tickets.domain.attendee import may_change
from kassa.tickets.domain.transfer_rules import check_open, why_not_transferable
from kassa.tickets.errors import TransfersDisabled, TransferTooLate

BLOCKED, FROZEN = "blocked", "frozen"
"""States beside those of a ticket and of an order: somebody keeps it back."""
ENDED_ORDERS = (OrderStatus.CANCELLED, OrderStatus.REFUNDED)


@dataclass(frozen=True, slots=True)
class TicketCapabilities:
    """What the holder of a ticket may do."""

    can_change: bool
    """Change what is written on it."""
    can_replace: bool
    """Have its code replaced."""
    can_offer: bool
    """Offer it to another person."""


def ticket_state(ticket: Any, order: Any, *, now: datetime) -> str:
    """Return how a ticket stands for its holder: its status, what keeps it back, or the end of its order."""
    if ticket.status == TicketStatus.RESERVED and is_overdue(order, now):
        return TicketStatus.EXPIRED.value
    if ticket.status in ADMITTING_TICKETS:
        if order.status in ENDED_ORDERS:
            return str(order.status)  # It was used before; the door lets nobody in with it once more.
        if ticket.blocked_at is not None:
            return BLOCKED
        if ticket.frozen_at is not None:
            return FROZEN
    return str(ticket.status)


def admits(ticket: Any, order: Any, *, now: datetime) -> bool:
    """Say whether a ticket has something to show at the door."""
    return ticket_state(ticket, order, now=now) in ADMITTING_TICKETS


def can_print(ticket: Any, order: Any, *, now: datetime) -> bool:
    """Say whether the buyer may print a ticket: it admits somebody, and they have not given it away."""
    return admits(ticket, order, now=now) and ticket.transferred_at is None


def decide_capabilities(
    ticket: Any, order: Any, event: Event, settings: OrganizationSettings, *, has_offer: bool, now: datetime
) -> TicketCapabilities:
    """Decide what the holder of a ticket may do; ``has_offer``: it is offered to somebody already."""
    is_valid = ticket_state(ticket, order, now=now) == TicketStatus.VALID
    is_free = is_valid and why_not_transferable(ticket, event) is None
    return TicketCapabilities(
        can_change=is_valid and may_change(ticket, event, settings, now=now),
        can_replace=is_free,
        can_offer=is_free and not has_offer and _are_transfers_open(event, settings, now),
    )


def _are_transfers_open(event: Event, settings: OrganizationSettings, now: datetime) -> bool:
    try:
        check_open(event, settings, now=now)
    except (TransfersDisabled, TransferTooLate):
        return False
    return True
