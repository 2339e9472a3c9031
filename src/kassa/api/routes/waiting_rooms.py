"""``/events/{id}/waiting-room``: the line before an event, and how it is doing."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from ninja import Field, Router, Schema, Status
from pydantic import Field as Bounded

from kassa.api.auth import Requires
from kassa.api.inputs import KEPT, Moment
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.api.schemas import Input, example
from kassa.api.versions import expected_version, show_version
from kassa.core.clock import utc_now
from kassa.core.errors import ChangedMeanwhile, NotFound
from kassa.core.permissions import Permission
from kassa.organizations.queries import organization_settings
from kassa.waiting.domain.draw import commitment
from kassa.waiting.domain.figures import figures_of
from kassa.waiting.domain.line import state_of
from kassa.waiting.domain.places import seed_of
from kassa.waiting.domain.rooms import set_up_room, take_room_away
from kassa.waiting.enums import RoomState
from kassa.waiting.errors import WaitingRoomDrawn
from kassa.waiting.models import WaitingRoom
from kassa.waiting.queries import line_of, room_of

router = Router(tags=["Waiting rooms"])

MOST_A_MINUTE = 100_000
Rate = Annotated[int, Bounded(ge=1, le=MOST_A_MINUTE, examples=[120])]


class WaitingRoomIn(Input):
    model_config = example(starts_at="2027-03-01T09:00:00Z", rate_per_minute=120)

    opens_at: Moment | None = KEPT
    starts_at: Moment | None = KEPT
    ends_at: Moment | None = KEPT
    rate_per_minute: Rate = KEPT
    is_paused: bool = KEPT


class WaitingRoomOut(Schema):
    id: UUID
    event: UUID
    url: str = Field(description="The page on which buyers wait; add `?next=` with where they are to go.")
    state: RoomState
    opens_at: datetime = Field(description="From when one can wait.")
    starts_at: datetime = Field(description="When the places are drawn and the line begins to move.")
    ends_at: datetime | None = Field(description="Null: until it is taken away.")
    rate_per_minute: int
    is_paused: bool
    commitment: str = Field(
        description="SHA-256 of what the places are drawn with, which is shown at the start: so that "
        "everybody can check the draw."
    )
    created_at: datetime
    updated_at: datetime


class WaitingRoomFigures(Schema):
    event: UUID
    state: RoomState
    joined: int = Field(description="How many have a number.")
    served: int = Field(description="How many of them have been called.")
    waiting: int = Field(description="How many of them have not.")
    entered: int = Field(description="How many have come in; others were called and are not there (yet).")
    inside: int = Field(description="How many are in just now.")
    rate_per_minute: int
    estimate_seconds: int | None = Field(
        description="How long somebody waits who joins now. Null: the line is paused."
    )


@router.get(
    "/events/{event_id}/waiting-room",
    response=WaitingRoomOut,
    auth=Requires(Permission.OFFER_READ),
    openapi_extra=reading(NotFound, has_version=True),
    summary="Read an event's waiting room",
)
def read(request: ApiRequest, event_id: UUID) -> dict[str, Any]:
    """Read the waiting room of an event; 404 if it has none."""
    room = room_of(request.auth.organization_id, event_id)
    show_version(request, room)
    return _show(room)


@router.put(
    "/events/{event_id}/waiting-room",
    response=WaitingRoomOut,
    auth=Requires(set_up_room),
    openapi_extra=writing(NotFound, WaitingRoomDrawn, ChangedMeanwhile),
    summary="Put a waiting room before an event",
    description="Fields left out stay, or take their usual value in a new one: it starts with the event's "
    "sale, opens half an hour before, and lets in 60 a minute. The rate and the pause take effect within "
    "a second; visitors who have been called stay called.",
)
def set_up(request: ApiRequest, event_id: UUID, payload: WaitingRoomIn) -> dict[str, Any]:
    room = set_up_room(
        command_context(request),
        event_id,
        changes=payload.model_dump(exclude_unset=True),
        expected=expected_version(request),
    )
    show_version(request, room)
    return _show(room)


@router.delete(
    "/events/{event_id}/waiting-room",
    response={204: None},
    auth=Requires(take_room_away),
    openapi_extra=writing(NotFound),
    summary="Take a waiting room away",
    description="Everybody gets by at once, also those who wait. To stop the line for a while, pause it.",
)
def take_away(request: ApiRequest, event_id: UUID) -> Status[None]:
    take_room_away(command_context(request), event_id)
    return Status(204, None)


@router.get(
    "/events/{event_id}/waiting-room/figures",
    response=WaitingRoomFigures,
    auth=Requires(Permission.OFFER_READ),
    openapi_extra=reading(NotFound),
    summary="How a waiting room is doing",
)
def read_figures(request: ApiRequest, event_id: UUID) -> dict[str, Any]:
    """Say how many wait, were called, came in and are in, and how long a newcomer waits."""
    figures = figures_of(request.auth.organization_id, event_id=event_id, now=utc_now())
    return {"event": event_id, **asdict(figures)}


def _show(room: WaitingRoom) -> dict[str, Any]:
    slug = organization_settings(room.organization_id).organization.slug
    return {
        "id": room.id,
        "event": room.event_id,
        "url": f"{settings.BASE_URL}/waiting/{slug}/{room.event_id}",
        "state": state_of(line_of(room), utc_now()),
        "commitment": commitment(seed_of(room.organization_id, room.id)),
        **{name: getattr(room, name) for name in _COLUMNS},
    }


_COLUMNS = (
    "opens_at",
    "starts_at",
    "ends_at",
    "rate_per_minute",
    "is_paused",
    "created_at",
    "updated_at",
)
