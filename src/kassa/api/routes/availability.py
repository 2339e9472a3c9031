"""``/events/{id}/availability``: what is left, cheap enough to be asked all the time."""

from __future__ import annotations

from uuid import UUID

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema
from psycopg_pool import PoolTimeout

from kassa.api.auth import Requires, authenticate_request
from kassa.api.problems import answer_error, reading
from kassa.api.requests import ApiRequest
from kassa.catalog.enums import EventStatus
from kassa.core.actor import Actor
from kassa.core.cached_response import cached_response
from kassa.core.clock import utc_now
from kassa.core.errors import KassaError, NotFound
from kassa.core.permissions import Permission
from kassa.sales.availability import availability_of

router = Router(tags=["Events"])

BEFORE_ID, AFTER_ID = "/api/v1/events/", "/availability"
USUAL_QUERIES = {"": False, "seats=1": True, "seats=true": True}


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
    """Read how many of each ticket type are left; at most half a second old.

    Send the answer's `ETag` back as `If-None-Match`: as long as nothing has changed the answer
    is an empty 304.
    """
    return _answer(request, request.auth, event_id, seats=seats)


def answer_quickly(request: HttpRequest) -> HttpResponse | None:
    """Answer the one question that everybody asks all the time, without looking for its address first.

    That, and the machinery behind it, would cost twice what the answer does. Null: it is
    another question, or this one in an unusual form, and the usual way answers it.
    """
    path = request.path_info
    if not (path.startswith(BEFORE_ID) and path.endswith(AFTER_ID) and request.method == "GET"):
        return None
    seats = USUAL_QUERIES.get(request.META.get("QUERY_STRING", ""))
    if seats is None:
        return None
    try:
        event_id = UUID(path[len(BEFORE_ID) : -len(AFTER_ID)])
    except ValueError:
        return None
    try:
        actor = authenticate_request(request, now=utc_now())
        actor.require(Permission.OFFER_READ)
        return _answer(request, actor, event_id, seats=seats)
    except (KassaError, DatabaseError, InterfaceError, PoolTimeout) as error:
        return answer_error(request, error)


def _answer(request: HttpRequest, actor: Actor, event_id: UUID, *, seats: bool) -> HttpResponse:
    found = availability_of(actor.organization_id, event_id, seats=seats, now=utc_now())
    return cached_response(request, found.body, etag=found.etag, cache_control="private, max-age=1")
