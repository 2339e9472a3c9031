"""When a ticket may go to another person, and until when an offer stands: pure rules."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from kassa.catalog.enums import EventStatus
from kassa.catalog.models import Event
from kassa.orders.enums import TicketStatus
from kassa.organizations.models import OrganizationSettings
from kassa.tickets.enums import TransferStatus
from kassa.tickets.errors import TicketNotTransferable, TransfersDisabled, TransferTooLate
from kassa.tickets.models import Transfer

OFFER_LASTS = timedelta(days=7)


def last_moment(event: Event, settings: OrganizationSettings) -> datetime | None:
    """Return from when on tickets of an event stay where they are. None: it is not scheduled yet."""
    if event.starts_at is None:
        return None
    return event.starts_at - timedelta(hours=settings.transfer_until_hours)


def check_open(event: Event, settings: OrganizationSettings, *, now: datetime) -> None:
    """Let it pass if tickets of an event may be given away now.

    Raises:
        TransfersDisabled, TransferTooLate: they may not.
    """
    if not settings.ticket_transfers_enabled:
        raise TransfersDisabled
    check_in_time(event, settings, now=now)


def check_in_time(event: Event, settings: OrganizationSettings, *, now: datetime) -> None:
    """Let it pass if the event is far enough away.

    Raises:
        TransferTooLate: it is not.
    """
    until = last_moment(event, settings)
    if until is not None and until <= now:
        raise TransferTooLate(until)


def check_transferable(ticket: Any, event: Event) -> None:
    """Let a ticket pass that may go to another person.

    Raises:
        TicketNotTransferable: it is no valid one, somebody keeps it back, or its event is cancelled.
    """
    if reason := why_not_transferable(ticket, event):
        raise TicketNotTransferable(reason, str(ticket.status))


def why_not_transferable(ticket: Any, event: Event) -> str | None:
    """Return what keeps a ticket from going to another person. None: nothing."""
    if ticket.status != TicketStatus.VALID:
        return "status"
    if ticket.frozen_at is not None:
        return "frozen"
    if ticket.blocked_at is not None:
        return "blocked"
    return "event" if event.status == EventStatus.CANCELLED else None


def offer_ends_at(event: Event, settings: OrganizationSettings, *, now: datetime) -> datetime:
    """Return until when an offer of now can be accepted: a week, and never into the event."""
    until = last_moment(event, settings)
    return now + OFFER_LASTS if until is None else min(now + OFFER_LASTS, until)


def status_at(transfer: Transfer, now: datetime) -> TransferStatus:
    """Return how an offer stands; one whose time is over is expired, written down or not."""
    if transfer.status == TransferStatus.OFFERED and transfer.expires_at <= now:
        return TransferStatus.EXPIRED
    return TransferStatus(transfer.status)
