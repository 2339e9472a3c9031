"""What only the clock gives rise to: a hold that ends in five minutes, an event that starts in a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from kassa.catalog.enums import EventStatus
from kassa.catalog.models import Event
from kassa.core.clock import format_moment
from kassa.core.jobs import defer_on_commit
from kassa.notifications.domain.announce import DAY_BEFORE, begin_announcement, reminder_occasion
from kassa.notifications.domain.occasions import Occasion
from kassa.notifications.domain.write import write_messages
from kassa.notifications.enums import MessageKind
from kassa.notifications.jobs import MAIL_QUEUE, SEND, lanes
from kassa.notifications.models import Announcement
from kassa.orders.domain.order_view import EXPIRING_SOON
from kassa.orders.enums import HOLDING, Approval
from kassa.orders.models import Order

SHORTEST_HOLD = timedelta(minutes=10)
"""Who holds places for less is not warned: the first message has said so a moment ago."""
SETTLED = timedelta(seconds=10)
"""How long a start has to stand before one is reminded of it: that it moved is read first."""
BATCH = 500


def organizations_with_ending_holds(*, now: datetime) -> list[UUID]:
    """Return whose orders are about to expire."""
    return list(
        Order.unscoped.filter(status__in=HOLDING, expires_at__gt=now, expires_at__lte=now + EXPIRING_SOON)
        .order_by()
        .values_list("organization_id", flat=True)
        .distinct()
    )


def warn_of_ending_holds(organization_id: UUID, *, now: datetime) -> int:
    """Write to the buyers whose places are given back within five minutes; return how many are new."""
    written = 0
    after = None
    while True:
        ending = Order.objects.of(organization_id).filter(
            status__in=HOLDING, expires_at__gt=now, expires_at__lte=now + EXPIRING_SOON
        )
        ending = ending.exclude(approval=Approval.AWAITED).order_by("id")
        orders = list((ending if after is None else ending.filter(id__gt=after))[:BATCH])
        warned = [order for order in orders if _is_long(order)]
        with transaction.atomic(), connection.wrap_database_errors:
            new = write_messages(organization_id, [_warning(order) for order in warned], now=now)
            if new:
                for lane in lanes():
                    defer_on_commit(SEND, organization_id, queue=MAIL_QUEUE, lane=lane)
        written += new
        if len(orders) < BATCH:
            return written
        after = orders[-1].id


def remind_of_events(*, now: datetime) -> int:
    """Begin the reminders of all events that start within a day; return how many.

    Each start has one; who bought later than a day before has none.
    """
    events = Event.unscoped.filter(
        status=EventStatus.PUBLISHED,
        deleted_at=None,
        starts_at__gt=now,
        starts_at__lte=now + DAY_BEFORE,
        updated_at__lte=now - SETTLED,
    )
    coming = {
        reminder_occasion(event.id, starts_at): event
        for event in events.only("id", "organization_id", "starts_at").order_by("id")
        if (starts_at := event.starts_at) is not None
    }
    known = Announcement.unscoped.filter(
        organization_id__in={event.organization_id for event in coming.values()}, occasion__in=list(coming)
    ).values_list("occasion", flat=True)
    begun = 0
    for occasion in sorted(set(coming) - set(known)):
        event = coming[occasion]
        if event.starts_at is not None:
            with transaction.atomic():
                begun += begin_announcement(
                    event.organization_id,
                    event_id=event.id,
                    kind=MessageKind.EVENT_REMINDER,
                    occasion=occasion,
                    facts={},
                    told_at=event.starts_at - DAY_BEFORE,
                    now=now,
                )
    return begun


def _is_long(order: Order) -> bool:
    return order.expires_at is not None and order.expires_at - order.created_at >= SHORTEST_HOLD


def _warning(order: Order) -> Occasion:
    ends_at = "" if order.expires_at is None else format_moment(order.expires_at)
    return Occasion(
        kind=MessageKind.ORDER_EXPIRING,
        key=f"expiring:{order.id}:{ends_at}",
        order_id=order.id,
        recipient=order.customer_email,
        recipient_name=f"{order.customer_first_name} {order.customer_last_name}".strip(),
        language=order.customer_language,
    )
