"""What can be bought first: the order in which the demo shows its events and ticket types."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from kassa.catalog.enums import EventKind, EventStatus
from kassa.catalog.models import Event
from kassa.catalog.queries import EventView, TicketTypeView

NEVER = datetime.max.replace(tzinfo=UTC)
PLAIN_QUANTITY = 2
"""How many places an order by the ready line takes."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An event with its ticket types, both as they are shown."""

    event: Event
    ticket_types: tuple[TicketTypeView, ...]


def list_events(views: list[EventView], *, now: datetime) -> list[Listed]:
    """Return what is easily bought before all else, then by when it can be bought and takes place.

    Easily: now, two at once, by anyone, without choosing seats or waiting for approval.
    """
    ranked = []
    for view in views:
        types = sorted(
            view.ticket_types,
            key=lambda one, event=view.event: _rank(one, event, now),  # type: ignore[misc]
        )
        best = min((_rank(one, view.event, now) for one in types), default=(True, NEVER))
        ranked.append((best, view.event.starts_at or NEVER, view.event.id, Listed(view.event, tuple(types))))
    ranked.sort(key=lambda each: each[:3])
    return [each[3] for each in ranked]


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


def _rank(view: TicketTypeView, event: Event, now: datetime) -> tuple[bool, datetime]:
    start = bookable_from(view, event, now=now)
    return not (start == now and _is_plain(view, event)), start


def _is_plain(view: TicketTypeView, event: Event) -> bool:
    ticket_type, available = view.ticket_type, view.available
    most = min(PLAIN_QUANTITY if limit is None else limit for limit in (available, ticket_type.max_per_order))
    return (
        ticket_type.min_per_order <= PLAIN_QUANTITY <= most
        and ticket_type.seat_category is None
        and not ticket_type.is_hidden
        and not ticket_type.requires_approval
        and not event.one_per_customer
    )
