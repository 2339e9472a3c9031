"""Reads of layouts and seats. What an organisation's staff may see comes from here."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from kassa.core.errors import NotFound
from kassa.seating.enums import SeatStatus
from kassa.seating.models import EventSeat, SeatLayout

CATEGORIES_LEFT = """
SELECT w.event_id, w.category FROM unnest(%s::uuid[], %s::text[]) AS w (event_id, category)
WHERE EXISTS (
    SELECT 1 FROM seating_eventseat s
    WHERE s.organization_id = %s AND s.event_id = w.event_id AND s.category = w.category
      AND s.status = 'available')
"""


def seat_layouts_of(organization_id: UUID) -> QuerySet[SeatLayout]:
    """Return an organisation's layouts, deleted ones left out."""
    return SeatLayout.objects.of(organization_id).filter(deleted_at=None)


def seat_layout_of(organization_id: UUID, layout_id: UUID) -> SeatLayout:
    """Return one layout with its plan.

    Raises:
        NotFound: the organisation has no such layout.
    """
    found = seat_layouts_of(organization_id).filter(id=layout_id).first()
    if found is None:
        raise NotFound
    return found


def event_seats_of(organization_id: UUID, event_id: UUID) -> QuerySet[EventSeat]:
    """Return the seats of an event, the best first."""
    return EventSeat.objects.of(organization_id).filter(event_id=event_id).order_by("rank", "id")


def categories_left(organization_id: UUID, wanted: Collection[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """Return of some events' seat categories those that have a free seat, in one query.

    It looks for one seat each; counting those of a season would take much longer.
    """
    if not wanted:
        return set()
    events, categories = zip(*wanted, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(CATEGORIES_LEFT, (list(events), list(categories), organization_id))
        return {(event, category) for event, category in cursor.fetchall()}


def list_event_seats(
    organization_id: UUID,
    *,
    event_id: UUID,
    limit: int,
    after: int | None = None,
    statuses: Collection[SeatStatus] = (),
    category: str | None = None,
    section: str | None = None,
    given_back: Collection[UUID] = frozenset(),
) -> tuple[list[EventSeat], int | None]:
    """Return a page of an event's seats, the best first, and the rank it goes on after.

    The second is None on the last page. Held seats that are ``given_back``, because their hold is
    over, are shown and filtered as available; the rows are for showing only.
    """
    free_again = Q(status=SeatStatus.HELD, id__in=given_back)
    seats = event_seats_of(organization_id, event_id)
    if after is not None:
        seats = seats.filter(rank__gt=after)
    if statuses:
        fits = Q(status__in=statuses) & ~free_again
        seats = seats.filter(fits | free_again if SeatStatus.AVAILABLE in statuses else fits)
    if category is not None:
        seats = seats.filter(category=category)
    if section is not None:
        seats = seats.filter(section=section)
    found = list(seats[: limit + 1])
    for seat in found:
        if seat.status == SeatStatus.HELD and seat.id in given_back:
            seat.status = SeatStatus.AVAILABLE
    if len(found) <= limit:
        return found, None
    return found[:limit], found[limit - 1].rank
