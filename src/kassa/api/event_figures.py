"""What is left and sold of events, and what they brought in, asked for a whole page at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count

from kassa.api.event_schemas import show_event
from kassa.api.ticket_type_schemas import show_ticket_type
from kassa.catalog.models import Event, TicketType
from kassa.catalog.queries import TicketTypeView, view_events, view_ticket_types
from kassa.orders.enums import ADMITTING_TICKETS
from kassa.orders.models import Ticket
from kassa.orders.queries import revenue_by_event
from kassa.sales.overdue import count_overdue_as_free


def show_events(organization_id: UUID, events: Sequence[Event], *, now: datetime) -> list[dict[str, Any]]:
    """Return events with ticket types, counters and revenue, in a fixed number of queries.

    Places whose hold is over count as free, released or not.
    """
    if not events:
        return []
    views = view_events(organization_id, events)
    quotas = [quota for view in views for one in view.ticket_types for quota in one.quotas]
    quotas.extend(view.capacity_quota for view in views if view.capacity_quota)
    count_overdue_as_free(organization_id, quotas, now=now)
    revenue = revenue_by_event(organization_id, [event.id for event in events])
    sold = sold_by_type(organization_id, (one for view in views for one in view.ticket_types))
    return [show_event(view, revenue=revenue.get(view.event.id), sold=sold) for view in views]


def show_ticket_types(
    organization_id: UUID, types: Sequence[TicketType], *, now: datetime
) -> list[dict[str, Any]]:
    """Return ticket types with their counters, in a fixed number of queries.

    Places whose hold is over count as free, released or not.
    """
    views = view_ticket_types(organization_id, types)
    count_overdue_as_free(organization_id, (quota for view in views for quota in view.quotas), now=now)
    sold = sold_by_type(organization_id, views)
    return [show_ticket_type(view, sold=sold.get(view.ticket_type.id, 0)) for view in views]


def sold_by_type(organization_id: UUID, views: Iterable[TicketTypeView]) -> dict[UUID, int]:
    """Return how many of each ticket type are sold: its own quota knows, or else the tickets do."""
    counted: dict[UUID, int] = {}
    uncounted: dict[UUID, UUID] = {}
    for view in views:
        if view.sold is None:
            uncounted[view.ticket_type.id] = view.ticket_type.event_id
        else:
            counted[view.ticket_type.id] = view.sold
    if not uncounted:
        return counted
    tickets = Ticket.objects.of(organization_id).filter(
        event_id__in=set(uncounted.values()),
        ticket_type_id__in=list(uncounted),
        status__in=ADMITTING_TICKETS,
    )
    by_type = tickets.order_by().values_list("ticket_type_id").annotate(count=Count("id"))
    return {**counted, **dict(by_type)}
