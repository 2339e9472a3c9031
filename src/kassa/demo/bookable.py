"""What can be bought first: the order in which the demo shows its events and ticket types."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from kassa.catalog.enums import EventKind, EventStatus
from kassa.catalog.models import Event
from kassa.catalog.queries import EventView, TicketTypeView

NEVER = datetime.max.replace(tzinfo=UTC)
EASY_QUANTITY = 2
"""How many places an order by the ready line takes."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An event with its ticket types, both as they are shown."""

    event: Event
    ticket_types: tuple[TicketTypeView, ...]


def list_events(views: Iterable[EventView], *, now: datetime) -> list[Listed]:
    """Return events by what it takes to buy of them: first the easy ones, then by when it can be done.

    Easy: now, two at once, by anyone, without choosing seats or waiting for approval. Of those
    that are alike the soonest comes first. An event's ticket types stand in the order in which
    they are offered, those that can be had only later, on request or never at the end.
    """
    listed = [_listed(view, now) for view in views]
    return sorted(listed, key=lambda one: _rank_event(one, now))


def bookable_from(view: TicketTypeView, event: Event, *, now: datetime) -> datetime:
    """Return from when a ticket type can be bought: now, when its sale begins, or never."""
    ticket_type, available = view.ticket_type, view.available
    starts = [now, ticket_type.sales_start_at, event.sales_start_at]
    last = event.starts_at if event.kind == EventKind.TRIP else event.ends_at or event.starts_at
    ends = [ticket_type.sales_end_at, event.sales_end_at, last, NEVER]
    start = max(moment for moment in starts if moment is not None)
    is_over = start >= min(moment for moment in ends if moment is not None)
    is_gone = available is not None and available < ticket_type.min_per_order
    return NEVER if is_over or is_gone or event.status != EventStatus.PUBLISHED else start


def _listed(view: EventView, now: datetime) -> Listed:
    def rank(one: TicketTypeView) -> tuple[bool, datetime]:
        by_request = one.ticket_type.is_hidden or one.ticket_type.requires_approval
        return by_request, bookable_from(one, view.event, now=now)

    return Listed(event=view.event, ticket_types=tuple(sorted(view.ticket_types, key=rank)))


def _rank_event(listed: Listed, now: datetime) -> tuple[bool, datetime, datetime, UUID]:
    event, types = listed.event, listed.ticket_types
    start = min((bookable_from(one, event, now=now) for one in types), default=NEVER)
    is_easy = bool(types) and _is_easy(types[0], event, now)
    return not is_easy, start, event.starts_at or NEVER, event.id


def _is_easy(view: TicketTypeView, event: Event, now: datetime) -> bool:
    ticket_type, available = view.ticket_type, view.available
    limits = [limit for limit in (available, ticket_type.max_per_order) if limit is not None]
    return (
        bookable_from(view, event, now=now) == now
        and ticket_type.min_per_order <= EASY_QUANTITY <= min(limits, default=EASY_QUANTITY)
        and ticket_type.seat_category is None
        and not ticket_type.is_hidden
        and not ticket_type.requires_approval
        and not event.one_per_customer
    )
