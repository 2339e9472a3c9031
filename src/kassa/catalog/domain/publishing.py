"""What an event needs to go on sale."""

from __future__ import annotations

from datetime import datetime

from kassa.catalog.enums import EVENT_MOVES, EventKind, EventStatus
from kassa.catalog.errors import CourseInThePast, NothingToBuy
from kassa.catalog.models import Event
from kassa.catalog.queries import has_offer


def check_publishing(event: Event, *, now: datetime) -> None:
    """Let a locked event pass that may go on sale; whether its status allows it is asked elsewhere.

    A course that was completed by mistake goes on as it was, whenever it began.

    Raises:
        NothingToBuy: nothing of it can be bought by itself.
        CourseInThePast: it is a course, and has begun already.
    """
    if EventStatus.PUBLISHED not in EVENT_MOVES[EventStatus(event.status)]:
        return
    is_new = event.status == EventStatus.DRAFT
    if is_new and event.kind == EventKind.COURSE and event.starts_at is not None and event.starts_at <= now:
        raise CourseInThePast(event.starts_at)
    if not has_offer(event.organization_id, event.id):
        raise NothingToBuy(
            "Nothing of the event can be bought. Add a ticket type that is no add-on, and publish it then."
        )
