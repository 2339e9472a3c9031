"""Which tickets buyers may give back by themselves, until when, and why not: pure, on values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from kassa.core.money import round_money
from kassa.orders.enums import TicketStatus
from kassa.payments.enums import WhyKept

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class BuyerRules:
    """What an organisation allows its buyers."""

    is_enabled: bool
    until_hours: int
    """Before the event starts."""
    kept_percentage: Decimal
    """Of the price of a ticket, kept back."""


@dataclass(frozen=True, slots=True)
class HeldTicket:
    """A ticket as far as giving it back is concerned."""

    id: UUID
    code: str
    status: str
    is_given_away: bool
    is_blocked: bool
    is_frozen: bool
    starts_at: datetime | None
    """When its event starts. None: that is not decided, and so not too near."""
    is_event_cancelled: bool


@dataclass(frozen=True, slots=True)
class Return:
    """Whether a ticket may be given back."""

    ticket: HeldTicket
    until: datetime | None
    """Before when. None: at any time, or not at all."""
    why_not: WhyKept | None
    """None: it may."""


def may_give_back(ticket: HeldTicket, rules: BuyerRules, *, now: datetime) -> Return:
    """Say whether a buyer may give a ticket back, and until when.

    What was used, went to somebody else or is kept from letting anybody in never goes back by itself. What
    was sold for a cancelled event the organiser gives back, and in full.
    """
    until = ticket.starts_at and ticket.starts_at - timedelta(hours=rules.until_hours)
    reasons = (
        (ticket.status == TicketStatus.USED, WhyKept.USED),
        (ticket.status != TicketStatus.VALID, WhyKept.OVER),
        (ticket.is_given_away, WhyKept.GIVEN_AWAY),
        (ticket.is_blocked, WhyKept.BLOCKED),
        (ticket.is_frozen, WhyKept.FROZEN),
        (ticket.is_event_cancelled, WhyKept.EVENT_CANCELLED),
        (not rules.is_enabled, WhyKept.DISABLED),
        (until is not None and now >= until, WhyKept.TOO_LATE),
    )
    why_not = next((reason for applies, reason in reasons if applies), None)
    return Return(ticket, until if why_not in (None, WhyKept.TOO_LATE) else None, why_not)


def retention_fee(amount: Decimal, percentage: Decimal, currency: str) -> Decimal:
    """Return what is kept back of the price of a ticket; never more than it."""
    return min(round_money(amount * percentage / HUNDRED, currency), amount)
