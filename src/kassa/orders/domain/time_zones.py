"""The clock on which an order's days and times are read, wherever they are written."""

from __future__ import annotations

from collections.abc import Collection
from datetime import tzinfo
from uuid import UUID

from django.db.models import F

from kassa.catalog.models import Event
from kassa.core.formatting import zone_named
from kassa.orders.models import Order, OrderItem

WITHOUT_EVENTS = "UTC"
"""The zone of orders of organisations that have never had an event."""


def find_time_zones(orders: Collection[Order]) -> dict[UUID, str]:
    """Return the time zone of each order, by its name: that of the earliest of its events.

    An order of goods alone has that of its organisation's newest event. Two queries at most, however many
    orders there are, of whatever organisations.
    """
    organizations = {order.organization_id for order in orders}
    items = OrderItem.unscoped.filter(
        organization_id__in=organizations,
        order_id__in=[order.id for order in orders],
        event__organization_id=F("organization_id"),
    )
    earliest = items.order_by("order_id", F("event__starts_at").asc(nulls_last=True), "event_id")
    found = dict(earliest.distinct("order_id").values_list("order_id", "event__time_zone"))
    sellers = {order.organization_id for order in orders if order.id not in found}
    usual = _find_usual_time_zones(sellers) if sellers else {}
    return {
        order.id: found.get(order.id) or usual.get(order.organization_id, WITHOUT_EVENTS) for order in orders
    }


def find_time_zone(order: Order, *, events: Collection[Event] = ()) -> str:
    """Return the name of the time zone of one order; without a query if its events are given."""
    if events:
        return str(min(events, key=_start).time_zone)
    return find_time_zones([order])[order.id]


def find_clock(order: Order) -> tzinfo:
    """Return the time zone of one order."""
    return zone_named(find_time_zone(order))


def _start(event: Event) -> tuple[bool, float, UUID]:
    """Return what orders events as the database does: those without a date last."""
    return (event.starts_at is None, event.starts_at.timestamp() if event.starts_at else 0.0, event.id)


def _find_usual_time_zones(organization_ids: Collection[UUID]) -> dict[UUID, str]:
    events = Event.unscoped.filter(organization_id__in=organization_ids).order_by("organization_id", "-id")
    return dict(events.distinct("organization_id").values_list("organization_id", "time_zone"))
