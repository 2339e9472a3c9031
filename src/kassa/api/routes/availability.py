"""``/events/{id}/availability``: what is left, cheap enough to be asked all the time."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from kassa.api.auth import Requires
from kassa.api.problems import reading
from kassa.api.requests import ApiRequest
from kassa.catalog.enums import EventStatus
from kassa.core.clock import utc_now
from kassa.core.errors import NotFound
from kassa.identity.actor import Actor
from kassa.identity.permissions import Permission
from kassa.sales.availability import availability_of

router = Router(tags=["Events"])


class LeftOut(Schema):
    id: UUID
    left: int | None = Field(description="Null: no limit.")


class AvailabilityOut(Schema):
    event: UUID
    status: EventStatus
    ticket_types: list[LeftOut]
    seats: str | None = Field(
        None,
        description="With `?seats=1`: one letter a seat, in the order of the event's seats: "
        "a(vailable), h(eld), s(old), b(locked).",
    )


@router.get(
    "/events/{event_id}/availability",
    response={200: AvailabilityOut, 304: None},
    auth=Requires(Permission.OFFER_READ),
    openapi_extra=reading(NotFound),
    summary="What is left",
)
def read_availability(request: ApiRequest, event_id: UUID, seats: bool = False) -> HttpResponse:
    """What is left of each ticket type now; at most half a second old.

    Send the answer's `ETag` back as `If-None-Match`: as long as nothing has changed the answer
    is an empty 304.
    """
    return _answer(request, request.auth, event_id, seats=seats)


def _answer(request: HttpRequest, actor: Actor, event_id: UUID, *, seats: bool) -> HttpResponse:
    found = availability_of(actor.organization_id, event_id, seats=seats, now=utc_now())
    if request.META.get("HTTP_IF_NONE_MATCH") == found.etag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(found.body, content_type="application/json")
    response["ETag"] = found.etag
    response["Cache-Control"] = "private, max-age=1"
    return response
