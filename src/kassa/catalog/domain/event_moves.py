"""An event is published, cancelled, completed, deleted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from kassa.catalog.domain.publishing import check_publishing
from kassa.catalog.domain.sold import is_event_taken
from kassa.catalog.domain.tell import tell_cancelled
from kassa.catalog.enums import EVENT_MOVES, EventStatus
from kassa.catalog.errors import EventMoveNotAllowed
from kassa.catalog.models import Event
from kassa.catalog.queries import event_of, events_of, locked_event, quota_ids_of_event
from kassa.core.actor import ActorKind
from kassa.core.errors import StillInUse
from kassa.inventory.domain.quotas import locked_quotas


def move_event(
    organization_id: UUID,
    *,
    event_id: UUID,
    to: EventStatus,
    actor_id: UUID | None,
    actor_kind: ActorKind | None = None,
    now: datetime,
) -> Event:
    """Give an event another status, as ``EVENT_MOVES`` allows. Orders already placed stay as they are.

    That it is called off is told.

    Raises:
        NotFound: the organisation has no such event.
        EventMoveNotAllowed: its status does not allow it.
        NothingToBuy: it would go on sale, and has nothing that can be bought by itself.
        CourseInThePast: it would go on sale, and has begun already.
    """
    allowed_from = [status for status, targets in EVENT_MOVES.items() if to in targets]
    with transaction.atomic():
        if to == EventStatus.PUBLISHED:
            check_publishing(locked_event(organization_id, event_id), now=now)
        moved = (
            events_of(organization_id)
            .filter(id=event_id, status__in=allowed_from)
            .update(status=to, updated_by=actor_id, updated_by_kind=actor_kind, updated_at=now)
        )
        event = event_of(organization_id, event_id)
        if moved and to == EventStatus.CANCELLED:
            tell_cancelled(event, now=now)
    if not moved:
        raise EventMoveNotAllowed(
            status=event.status, to=to.value, allowed_from=[status.value for status in allowed_from]
        )
    return event


def delete_event(
    organization_id: UUID,
    *,
    event_id: UUID,
    actor_id: UUID | None,
    actor_kind: ActorKind | None = None,
    now: datetime,
) -> None:
    """Take an event out of sight; its row stays for the records.

    Raises:
        NotFound: the organisation has no such event.
        StillInUse: places of it are reserved or sold.
    """
    with transaction.atomic():
        event = locked_event(organization_id, event_id)
        quotas = locked_quotas(organization_id, quota_ids_of_event(event))
        taken = sum(quota.reserved + quota.sold for quota in quotas)
        if taken:
            raise StillInUse(
                "Places of the event are reserved or sold. Cancel the event instead.", taken=taken
            )
        if is_event_taken(organization_id, event_id):
            raise StillInUse("Places of the event are reserved or sold. Cancel the event instead.")
        events_of(organization_id).filter(id=event_id).update(
            deleted_at=now, updated_at=now, updated_by=actor_id, updated_by_kind=actor_kind
        )
