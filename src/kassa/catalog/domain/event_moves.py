"""An event is published, cancelled, completed, deleted."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from kassa.catalog.domain.event_locks import changed_by, locked_event_for
from kassa.catalog.domain.published_events import publish_cancelled
from kassa.catalog.domain.publishing import check_publishing
from kassa.catalog.domain.sold import is_event_taken
from kassa.catalog.enums import EVENT_MOVES, EventStatus
from kassa.catalog.errors import EventMoveNotAllowed
from kassa.catalog.models import Event
from kassa.catalog.queries import events_of, quota_ids_of_event
from kassa.core.activity_log import record_activity, snapshot
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import StillInUse
from kassa.core.permissions import Permission
from kassa.inventory.domain.quotas import locked_quotas

MOVED = {
    EventStatus.DRAFT: "unpublished",
    EventStatus.PUBLISHED: "published",
    EventStatus.CANCELLED: "cancelled",
    EventStatus.COMPLETED: "completed",
}
"""What the log calls it that an event was given a status."""


@command(Permission.OFFER_WRITE)
def move_event(context: CommandContext, event_id: UUID, *, to: EventStatus) -> Event:
    """Give an event another status, as ``EVENT_MOVES`` allows. Orders already placed stay as they are.

    That it is called off is told.

    Raises:
        NotFound: the organisation has no such event.
        EventMoveNotAllowed: its status does not allow it.
        NothingToBuy: it would go on sale, and has nothing that can be bought by itself.
        CourseInThePast: it would go on sale, and has begun already.
    """
    organization_id, now = context.organization_id, context.now
    allowed_from = [status for status, targets in EVENT_MOVES.items() if to in targets]
    with transaction.atomic():
        event = locked_event_for(context, event_id)
        if to == EventStatus.PUBLISHED:
            check_publishing(event, now=now)
        if event.status not in allowed_from:
            raise EventMoveNotAllowed(
                status=event.status, to=to.value, allowed_from=[status.value for status in allowed_from]
            )
        before = snapshot(event)
        rows = events_of(organization_id).filter(id=event_id)
        rows.update(status=to, **changed_by(context))
        event.refresh_from_db(from_queryset=rows)
        if to == EventStatus.CANCELLED:
            publish_cancelled(event, now=now)
        record_activity(context, f"event.{MOVED[to]}", event, before=before)
    return event


@command(Permission.OFFER_WRITE)
def delete_event(context: CommandContext, event_id: UUID) -> None:
    """Take an event out of sight; its row stays for the records.

    Raises:
        NotFound: the organisation has no such event.
        StillInUse: places of it are reserved or sold.
    """
    organization_id = context.organization_id
    with transaction.atomic():
        event = locked_event_for(context, event_id)
        quotas = locked_quotas(organization_id, quota_ids_of_event(event))
        taken = sum(quota.reserved + quota.sold for quota in quotas)
        if taken:
            raise StillInUse(
                "Places of the event are reserved or sold. Cancel the event instead.", taken=taken
            )
        if is_event_taken(organization_id, event_id):
            raise StillInUse("Places of the event are reserved or sold. Cancel the event instead.")
        events_of(organization_id).filter(id=event_id).update(deleted_at=context.now, **changed_by(context))
        record_activity(context, "event.deleted", event)
