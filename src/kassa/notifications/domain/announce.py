"""What all guests of an event are told: order by order, resumable, nobody twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from kassa.core.clock import format_moment
from kassa.core.database import plain_array, statements
from kassa.core.email_addresses import email_key
from kassa.core.feed import OutboxRecord
from kassa.core.ids import new_id
from kassa.core.jobs import defer_on_commit
from kassa.notifications.domain.occasions import Occasion
from kassa.notifications.domain.write import write_messages
from kassa.notifications.enums import MessageKind
from kassa.notifications.jobs import ANNOUNCE, MAIL_QUEUE, SEND, lanes
from kassa.notifications.models import Announcement

BATCH = 500
ANNOUNCED = {
    "event.changed": MessageKind.EVENT_CHANGED,
    "event.cancelled": MessageKind.EVENT_CANCELLED,
}
"""The events of the outbox that all guests are written to about."""
# Tickets that were given back because of what is told belong to guests, too: a refund may be faster.
ORDERS = """
SELECT o.id FROM orders_order o
WHERE o.organization_id = %(organization)s AND o.id > %(after)s AND EXISTS (
    SELECT FROM orders_ticket t
    WHERE t.organization_id = o.organization_id AND t.order_id = o.id AND t.event_id = %(event)s
      AND (t.status = ANY(%(statuses)s)
           OR t.status IN ('refunded', 'cancelled') AND t.updated_at >= %(told_at)s))
  AND (%(bought_before)s::timestamptz IS NULL OR o.confirmed_at < %(bought_before)s)
ORDER BY o.id LIMIT %(limit)s
"""
NEW_HOLDERS = """
SELECT DISTINCT ON (t.order_id, lower(t.transferred_to)) t.id, t.order_id, t.transferred_to,
    concat_ws(' ', nullif(t.attendee_first_name, ''), nullif(t.attendee_last_name, ''))
FROM orders_ticket t
WHERE t.organization_id = %s AND t.order_id = ANY(%s::uuid[]) AND t.event_id = %s AND t.transferred_to <> ''
  AND (t.status = ANY(%s) OR t.status IN ('refunded', 'cancelled') AND t.updated_at >= %s)
ORDER BY t.order_id, lower(t.transferred_to), t.id
"""
WRITTEN = """
UPDATE notifications_announcement SET last_order_id = %s, orders_done = orders_done + %s,
    messages_written = messages_written + %s, updated_at = %s, completed_at = %s
WHERE organization_id = %s AND id = %s
"""
FIRST = UUID(int=0)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
DAY_BEFORE = timedelta(hours=24)
GUESTS = ["reserved", "valid", "used"]
COMING = ["valid"]


def announce(event: OutboxRecord, *, now: datetime) -> None:
    """Begin to tell the guests of an event what became of it, within the caller's transaction.

    A start that moves to within a day brings no reminder any more: this message is one.
    """
    event_id = UUID(event.data["event"]["id"])
    told_at = datetime.fromisoformat(event.time)
    begin_announcement(
        event.organization_id,
        event_id=event_id,
        kind=ANNOUNCED[event.type],
        occasion=f"{event.id}:{ANNOUNCED[event.type]}",
        facts={key: event.data[key] for key in ("changed", "previous") if key in event.data},
        told_at=told_at,
        now=now,
    )
    start = event.data["event"]["starts_at"]
    if "starts_at" in event.data.get("changed", ()) and start is not None:
        starts_at = datetime.fromisoformat(start)
        if starts_at - DAY_BEFORE <= told_at:
            begin_announcement(
                event.organization_id,
                event_id=event_id,
                kind=MessageKind.EVENT_REMINDER,
                occasion=reminder_occasion(event_id, starts_at),
                facts={},
                told_at=told_at,
                now=now,
                is_over=True,
            )


def begin_announcement(
    organization_id: UUID,
    *,
    event_id: UUID,
    kind: MessageKind,
    occasion: str,
    facts: dict[str, Any],
    told_at: datetime,
    now: datetime,
    is_over: bool = False,
) -> bool:
    """Write down that guests are to be told something, once for an occasion; return whether it is new.

    One that ``is_over`` is not told after all, and never will be.
    """
    rows = Announcement.objects.of(organization_id)
    if rows.filter(occasion=occasion).exists():
        return False
    announcement = Announcement(
        id=new_id(),
        organization_id=organization_id,
        event_id=event_id,
        kind=kind,
        occasion=occasion,
        facts=facts,
        told_at=told_at,
        created_at=now,
        updated_at=now,
        completed_at=now if is_over else None,
    )
    rows.bulk_create([announcement], ignore_conflicts=True)
    if not is_over:
        defer_on_commit(ANNOUNCE, organization_id, announcement_id=str(announcement.id))
    return True


def continue_announcement(organization_id: UUID, announcement_id: UUID, *, now: datetime) -> bool:
    """Write the messages for the next 500 orders; return whether there are more.

    How far it has come is written together with the messages, so that one that is killed goes on there.
    """
    with transaction.atomic(), connection.wrap_database_errors:
        announcement = (
            Announcement.objects.of(organization_id)
            .filter(id=announcement_id, completed_at=None)
            .select_for_update(no_key=True, skip_locked=True)
            .first()
        )
        if announcement is None:
            return False
        order_ids = _next_orders(announcement)
        written = write_messages(organization_id, _occasions(announcement, order_ids), now=now)
        is_done = len(order_ids) < BATCH
        place = order_ids[-1] if order_ids else announcement.last_order_id
        count = (place, len(order_ids), written, now, now if is_done else None)
        statements().queue(WRITTEN, (*count, organization_id, announcement_id))
        if written:
            for lane in lanes():
                defer_on_commit(SEND, organization_id, queue=MAIL_QUEUE, lane=lane)
    return not is_done


def running_announcements() -> list[tuple[UUID, UUID]]:
    """Return the organisation and the id of each announcement that is not done."""
    running = Announcement.unscoped.filter(completed_at=None).order_by("created_at", "id")
    return list(running.values_list("organization_id", "id"))


def _next_orders(announcement: Announcement) -> list[UUID]:
    is_reminder = announcement.kind == MessageKind.EVENT_REMINDER
    with connection.cursor() as cursor:
        cursor.execute(
            ORDERS,
            {
                "organization": announcement.organization_id,
                "after": announcement.last_order_id or FIRST,
                "event": announcement.event_id,
                "statuses": COMING if is_reminder else GUESTS,
                # Who gave their ticket back is not reminded.
                "told_at": NEVER if is_reminder else announcement.told_at,
                "bought_before": announcement.told_at if is_reminder else None,
                "limit": BATCH,
            },
        )
        return [order_id for (order_id,) in cursor.fetchall()]


def _occasions(announcement: Announcement, order_ids: Sequence[UUID]) -> list[Occasion]:
    """Return a message to who bought each order, and to each person that a ticket of it was given to."""
    kind = MessageKind(announcement.kind)
    found = [_occasion(announcement, kind, order_id, key=f"order:{order_id}") for order_id in order_ids]
    for ticket_id, order_id, address, name in _new_holders(announcement, order_ids):
        key = f"holder:{email_key(address)}"
        found.append(_occasion(announcement, kind, order_id, key=key, to=(ticket_id, address, name)))
    return found


def _occasion(
    announcement: Announcement,
    kind: MessageKind,
    order_id: UUID,
    *,
    key: str,
    to: tuple[UUID, str, str] | None = None,
) -> Occasion:
    ticket_id, recipient, name = to or (None, None, "")
    return Occasion(
        kind=kind,
        key=f"{announcement.id}:{key}",
        order_id=order_id,
        recipient=recipient,
        recipient_name=name,
        ticket_id=ticket_id,
        event_id=announcement.event_id,
        announcement_id=announcement.id,
        facts=announcement.facts,
    )


def _new_holders(announcement: Announcement, order_ids: Sequence[UUID]) -> list[tuple[UUID, UUID, str, str]]:
    if not order_ids:
        return []
    is_reminder = announcement.kind == MessageKind.EVENT_REMINDER
    rows = statements().queue(
        NEW_HOLDERS,
        (
            announcement.organization_id,
            plain_array(order_ids),
            announcement.event_id,
            COMING if is_reminder else GUESTS,
            NEVER if is_reminder else announcement.told_at,
        ),
    )
    return rows.fetchall()


def reminder_occasion(event_id: UUID, starts_at: datetime) -> str:
    """Return what there is one reminder about: an event and its start."""
    return f"reminder:{event_id}:{format_moment(starts_at)}"
