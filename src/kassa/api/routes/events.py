"""``/events``: events, courses and trips."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from django.db.models import QuerySet
from ninja import Query, Router, Schema, Status
from ninja.decorators import decorate_view
from pydantic import Field

from kassa.api.auth import Requires
from kassa.api.event_figures import show_events
from kassa.api.event_schemas import EventChange, EventIn, EventOut, PublishedEventOut, SeatingIn
from kassa.api.filters import Several
from kassa.api.idempotency import KeyReused, repeatable
from kassa.api.inputs import Moment
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.api.schemas import Amount, Text
from kassa.api.versions import expected_version, show_version
from kassa.catalog.domain.event_moves import delete_event, move_event
from kassa.catalog.domain.events import change_event, create_event
from kassa.catalog.enums import EventKind, EventStatus, Visibility
from kassa.catalog.errors import CourseInThePast, EventMoveNotAllowed, NothingToBuy
from kassa.catalog.models import Event
from kassa.catalog.queries import event_of, filter_by_price
from kassa.catalog.search import find_by_title_or_tag, has_tag, is_same
from kassa.core.clock import utc_now
from kassa.core.errors import ChangedMeanwhile, InvalidInput, NotFound, StillInUse
from kassa.core.permissions import Permission
from kassa.inventory.errors import CapacityBelowTaken
from kassa.payments.domain.sale_warnings import list_sale_warnings
from kassa.seating.domain.seat_event import create_seated_event
from kassa.seating.queries import seat_layout_of

router = Router(tags=["Events"])

Word = Annotated[Text | None, Field(max_length=200)]


class EventFilters(Schema):
    kind: EventKind | None = None
    status: Several[EventStatus]
    visibility: Visibility | None = None
    category: Word = None
    tag: Annotated[
        Several[Text], Field(description="With all of these tags, whatever their capitals and accents.")
    ]
    city: Word = None
    origin: Word = None
    destination: Word = None
    starts_from: Moment | None = Field(None, description="That start then or later.")
    starts_before: Moment | None = Field(None, description="That start earlier.")
    price_from: Amount | None = Field(
        None, description="With a ticket type at this price or more that is not hidden."
    )
    price_to: Amount | None = Field(
        None, description="With a ticket type at this price or less that is not hidden."
    )
    q: Word = Field(
        None, description="A part of the title, or a tag, whatever its capitals, accents and dashes."
    )

    def narrow(self, events: QuerySet[Event]) -> QuerySet[Event]:
        """Return the events that fit all that is asked for."""
        lookups = {
            "kind": self.kind,
            "status__in": self.status or None,
            "visibility": self.visibility,
            "starts_at__gte": self.starts_from,
            "starts_at__lt": self.starts_before,
        }
        events = events.filter(**{name: value for name, value in lookups.items() if value is not None})
        for column in ("category", "city", "origin", "destination"):
            text = getattr(self, column)
            events = events if text is None else events.filter(is_same(column, text))
        for tag in self.tag:
            events = events.filter(has_tag(tag))
        return events if self.q is None else find_by_title_or_tag(events, self.q)


@router.post(
    "/events",
    response={201: EventOut},
    auth=Requires(create_event),
    openapi_extra=writing(KeyReused, version_status=201),
    summary="Make an event, a course or a trip",
    description="It starts as a draft. Its ticket types and numbered seats may come with it.",
)
@decorate_view(repeatable)
def create(request: ApiRequest, payload: EventIn) -> Status[dict[str, Any]]:
    context = command_context(request)
    fields = payload.model_dump(exclude_unset=True, exclude={"ticket_types", "capacity", "seating"})
    ticket_types = [one.model_dump(exclude_unset=True) for one in payload.ticket_types]
    given: dict[str, Any] = {
        "fields": fields,
        "ticket_types": ticket_types,
        "capacity": payload.capacity,
    }
    if payload.seating is None:
        event = create_event(context, **given)
    else:
        plan = _plan(context.organization_id, payload.seating)
        event = create_seated_event(context, plan=plan, **given)
    return Status(201, _show(request, event))


@router.get(
    "/events",
    response=Page[EventOut],
    auth=Requires(Permission.OFFER_READ),
    openapi_extra=reading(),
    summary="List events",
)
def list_all(
    request: ApiRequest, filters: Query[EventFilters], limit: Limit = 50, after: After = None
) -> dict[str, Any]:
    organization_id, now = request.auth.organization_id, utc_now()
    priced = filter_by_price(organization_id, lowest=filters.price_from, highest=filters.price_to)
    return page_of(
        filters.narrow(priced),
        limit=limit,
        after=after,
        show=lambda events: show_events(organization_id, events, now=now),
    )


@router.get(
    "/events/{event_id}",
    response=EventOut,
    auth=Requires(Permission.OFFER_READ),
    openapi_extra=reading(NotFound, has_version=True),
    summary="Read an event",
)
def read(request: ApiRequest, event_id: UUID) -> dict[str, Any]:
    return _show(request, event_of(request.auth.organization_id, event_id))


@router.patch(
    "/events/{event_id}",
    response=EventOut,
    auth=Requires(change_event),
    openapi_extra=writing(NotFound, CapacityBelowTaken, StillInUse, ChangedMeanwhile),
    summary="Change an event",
    description="The kind is for good; the currency changes only while no place is reserved or sold.",
)
def change(request: ApiRequest, event_id: UUID, payload: EventChange) -> dict[str, Any]:
    event = change_event(
        command_context(request),
        event_id,
        changes=payload.model_dump(exclude_unset=True),
        expected=expected_version(request),
    )
    return _show(request, event)


@router.delete(
    "/events/{event_id}",
    response={204: None},
    auth=Requires(delete_event),
    openapi_extra=writing(NotFound, StillInUse),
    summary="Delete an event of which nothing is reserved or sold",
)
def delete(request: ApiRequest, event_id: UUID) -> Status[None]:
    delete_event(command_context(request), event_id)
    return Status(204, None)


@router.post(
    "/events/{event_id}/publish",
    response=PublishedEventOut,
    auth=Requires(move_event),
    openapi_extra=writing(NotFound, EventMoveNotAllowed, NothingToBuy, CourseInThePast, version_status=200),
    summary="Put an event on sale",
)
def publish(request: ApiRequest, event_id: UUID) -> dict[str, Any]:
    """Put an event on sale that has something to buy; `warnings` say what is missing all the same."""
    shown = _move(request, event_id, to=EventStatus.PUBLISHED)
    warnings = list_sale_warnings(request.auth.organization_id, event_id)
    return {**shown, "warnings": [asdict(warning) for warning in warnings]}


def _move(request: ApiRequest, event_id: UUID, *, to: EventStatus) -> dict[str, Any]:
    return _show(request, move_event(command_context(request), event_id, to=to))


def _show(request: ApiRequest, event: Event) -> dict[str, Any]:
    show_version(request, event)
    return show_events(request.auth.organization_id, [event], now=utc_now())[0]


def _move_by(path: str, to: EventStatus, summary: str) -> None:
    """Add an operation that gives an event another status."""

    def operation(request: ApiRequest, event_id: UUID) -> dict[str, Any]:
        return _move(request, event_id, to=to)

    operation.__name__ = path
    router.post(
        f"/events/{{event_id}}/{path}",
        response=EventOut,
        auth=Requires(move_event),
        openapi_extra=writing(NotFound, EventMoveNotAllowed, version_status=200),
        summary=summary,
    )(operation)


_move_by("unpublish", EventStatus.DRAFT, "Take an event off sale, back to a draft")
_move_by("cancel", EventStatus.CANCELLED, "Call an event off for good")
_move_by("complete", EventStatus.COMPLETED, "Note that an event has taken place")


def _plan(organization_id: UUID, seating: SeatingIn) -> dict[str, Any]:
    if seating.plan is not None and seating.layout is None:
        return seating.plan.model_dump(exclude_none=True)
    if seating.layout is None or seating.plan is not None:
        raise InvalidInput("Give either a layout or a plan.", field="seating")
    try:
        return dict(seat_layout_of(organization_id, seating.layout).plan)
    except NotFound as error:
        raise InvalidInput(
            "There is no such seat layout in your organisation.", field="seating.layout"
        ) from error
