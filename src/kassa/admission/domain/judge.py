"""Whether a ticket lets somebody in or out, and if not, why. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kassa.admission.domain.fold import Inside
from kassa.admission.enums import ENTRANCE, EntryRule, ScanKind, ScanResult
from kassa.catalog.enums import EventStatus
from kassa.orders.enums import HOLDING, OrderStatus, TicketStatus


@dataclass(frozen=True, slots=True)
class ListRules:
    """What a list lets in, when and how often."""

    id: UUID
    event_id: UUID
    event_status: str
    area: str
    ticket_type_ids: frozenset[UUID]
    """Empty: all of the event."""
    entry_rule: EntryRule
    counts_exits: bool
    doors_open_at: datetime | None
    doors_close_at: datetime | None


ENDED = {
    TicketStatus.REFUNDED: ScanResult.REFUNDED,
    TicketStatus.CANCELLED: ScanResult.CANCELLED,
    TicketStatus.EXPIRED: ScanResult.EXPIRED,
}
ORDER_ENDED = {
    OrderStatus.REFUNDED: ScanResult.REFUNDED,
    OrderStatus.CANCELLED: ScanResult.CANCELLED,
    OrderStatus.EXPIRED: ScanResult.EXPIRED,
}
"""A ticket that was used before its order ended stays used; it lets nobody in once more."""


def judge(rules: ListRules, ticket: Any, state: Inside, *, kind: ScanKind, at: datetime) -> ScanResult:
    """Return what a scan of a ticket comes to; ``valid`` lets in or out.

    ``ticket`` is its row as it is under its lock, with ``order_status`` and the order's ``expires_at``.
    Who wants out is held up by nothing but not being in.
    """
    if ticket.event_id != rules.event_id:
        return ScanResult.WRONG_EVENT
    if kind == ScanKind.EXIT:
        if not rules.counts_exits:
            return ScanResult.NO_EXITS
        return ScanResult.VALID if state.is_inside else ScanResult.NOT_INSIDE
    if rules.ticket_type_ids and ticket.ticket_type_id not in rules.ticket_type_ids:
        return ScanResult.WRONG_TICKET_TYPE
    return (
        _end_of(rules, ticket, at)
        or _doors(rules, at)
        or (ScanResult.ALREADY_USED if _is_used_up(rules, ticket, state) else ScanResult.VALID)
    )


def _end_of(rules: ListRules, ticket: Any, at: datetime) -> ScanResult | None:
    """Return why the ticket itself lets nobody in."""
    if ended := ENDED.get(ticket.status) or ORDER_ENDED.get(ticket.order_status):
        return ended
    if ticket.status == TicketStatus.RESERVED or ticket.order_status in HOLDING:
        over = ticket.expires_at is not None and ticket.expires_at <= at
        return ScanResult.EXPIRED if over else ScanResult.UNPAID
    if ticket.blocked_at is not None or ticket.frozen_at is not None:
        return ScanResult.BLOCKED
    return ScanResult.CANCELLED if rules.event_status == EventStatus.CANCELLED else None


def _doors(rules: ListRules, at: datetime) -> ScanResult | None:
    if rules.doors_open_at is not None and at < rules.doors_open_at:
        return ScanResult.TOO_EARLY
    if rules.doors_close_at is not None and at >= rules.doors_close_at:
        return ScanResult.TOO_LATE
    return None


def _is_used_up(rules: ListRules, ticket: Any, state: Inside) -> bool:
    if rules.entry_rule == EntryRule.UNLIMITED:
        return False
    if state.turn == 0 and rules.area == ENTRANCE and ticket.status == TicketStatus.USED:
        return True  # At the door of the system that it was imported from.
    if rules.entry_rule == EntryRule.AFTER_EXIT:
        return state.is_inside
    return state.entries > 0
