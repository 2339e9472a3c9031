"""``/events/{event_id}/seats``: the numbered places of an event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Router, Schema

from kassa.api.auth import Requires
from kassa.api.filters import Several
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.api.schemas import Input, Text, example
from kassa.catalog.queries import event_of
from kassa.core.clock import utc_now
from kassa.core.errors import NotFound
from kassa.core.permissions import Permission
from kassa.sales.overdue import overdue_seat_ids
from kassa.seating.domain.block import block_seats, unblock_seats
from kassa.seating.domain.plan import MAX_CATEGORY, MAX_SECTION, seat_label
from kassa.seating.enums import SeatStatus
from kassa.seating.errors import SeatTaken, SeatUnknown
from kassa.seating.models import EventSeat
from kassa.seating.queries import list_event_seats

router = Router(tags=["Seats"])

SeatLimit = Annotated[int, Field(ge=1, le=1000, description="How many to return.")]
AfterRank = Annotated[int | None, Field(ge=0, le=2**31 - 1, description="The `next` of the page before.")]
Category = Annotated[Text | None, Field(max_length=MAX_CATEGORY)]
Section = Annotated[Text | None, Field(max_length=MAX_SECTION)]


class SeatFilters(Schema):
    status: Several[SeatStatus]
    category: Category = None
    section: Section = None


class SeatOut(Schema):
    id: UUID
    section: str
    row: str
    number: str
    label: str = Field(description="What it is called on a ticket.", examples=["Stalls, row A, seat 12"])
    category: str
    status: SeatStatus
    rank: int = Field(description="0 is the best seat of the event.")
    block: int = Field(description="Seats of one block stand side by side without an aisle.")
    place: int = Field(description="The position in the block; neighbours differ by one.")
    x: float | None = Field(description="Where it stands on the drawn plan, if that was given.")
    y: float | None


class SeatPage(Schema):
    """A part of an event's seats, the best first, and where it goes on."""

    items: list[SeatOut]
    next: int | None = Field(None, description="Send it as `after` for the next page; null on the last.")


class SeatsIn(Input):
    model_config = example(seats=["01935d6e-0000-7000-8000-000000000001"])

    seats: list[UUID] = Field(min_length=1, max_length=1000, description="Ids of seats of this event.")


class SeatsOut(Schema):
    items: list[SeatOut]


@router.get(
    "/events/{event_id}/seats",
    response=SeatPage,
    auth=Requires(Permission.OFFER_READ),
    openapi_extra=reading(NotFound),
    summary="List an event's seats",
)
def list_seats(
    request: ApiRequest,
    event_id: UUID,
    *,
    filters: Annotated[SeatFilters, Query()],
    limit: SeatLimit = 200,
    after: AfterRank = None,
) -> dict[str, Any]:
    organization_id = request.auth.organization_id
    event_of(organization_id, event_id)
    seats, following = list_event_seats(
        organization_id,
        event_id=event_id,
        statuses=filters.status,
        category=filters.category,
        section=filters.section,
        limit=limit,
        after=after,
        given_back=overdue_seat_ids(organization_id, event_id, now=utc_now()),
    )
    return {"items": _show(seats), "next": following}


@router.post(
    "/events/{event_id}/seats/block",
    response=SeatsOut,
    auth=Requires(block_seats),
    openapi_extra=writing(NotFound, SeatTaken, SeatUnknown),
    summary="Keep seats from being sold",
)
def block(request: ApiRequest, event_id: UUID, payload: SeatsIn) -> dict[str, Any]:
    seats = block_seats(command_context(request), event_id, seat_ids=payload.seats)
    return {"items": _show(seats)}


@router.post(
    "/events/{event_id}/seats/unblock",
    response=SeatsOut,
    auth=Requires(unblock_seats),
    openapi_extra=writing(NotFound, SeatTaken, SeatUnknown),
    summary="Let blocked seats be sold again",
)
def unblock(request: ApiRequest, event_id: UUID, payload: SeatsIn) -> dict[str, Any]:
    seats = unblock_seats(command_context(request), event_id, seat_ids=payload.seats)
    return {"items": _show(seats)}


def _show(seats: Sequence[EventSeat]) -> list[dict[str, Any]]:
    return [
        {
            "id": seat.id,
            "section": seat.section,
            "row": seat.row,
            "number": seat.number,
            "label": seat_label(seat.section, seat.row, seat.number),
            "category": seat.category,
            "status": seat.status,
            "rank": seat.rank,
            "block": seat.block,
            "place": seat.place,
            "x": seat.x,
            "y": seat.y,
        }
        for seat in seats
    ]
