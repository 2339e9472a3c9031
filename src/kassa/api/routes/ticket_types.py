"""``/ticket-types``: the ways to take part in an event."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ninja import Router, Status
from ninja.decorators import decorate_view

from kassa.api.auth import Requires
from kassa.api.event_figures import show_ticket_types
from kassa.api.idempotency import KeyReused, repeatable
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest
from kassa.api.ticket_type_schemas import TicketTypeChange, TicketTypeIn, TicketTypeOut
from kassa.catalog.domain.ticket_types import change_ticket_type, create_ticket_type, delete_ticket_type
from kassa.catalog.queries import event_of, ticket_type_of, ticket_types_of
from kassa.core.clock import utc_now
from kassa.core.errors import NotFound, StillInUse
from kassa.core.permissions import Permission
from kassa.inventory.errors import CapacityBelowTaken

router = Router(tags=["Ticket types"])


@router.post(
    "/events/{event_id}/ticket-types",
    response={201: TicketTypeOut},
    auth=Requires(Permission.OFFER_WRITE),
    openapi_extra=writing(NotFound, KeyReused),
    summary="Add a ticket type to an event",
)
@decorate_view(repeatable)
def create(request: ApiRequest, event_id: UUID, payload: TicketTypeIn) -> Status[dict[str, Any]]:
    organization_id = request.auth.organization_id
    made = create_ticket_type(
        organization_id, event_id=event_id, fields=payload.model_dump(exclude_unset=True), now=utc_now()
    )
    return Status(201, show_ticket_types(organization_id, [made], now=utc_now())[0])


@router.get(
    "/events/{event_id}/ticket-types",
    response=Page[TicketTypeOut],
    auth=Requires(Permission.OFFER_READ),
    openapi_extra=reading(NotFound),
    summary="List the ticket types of an event",
    description="Newest first; the event itself shows them in the order in which they are offered.",
)
def list_all(request: ApiRequest, event_id: UUID, limit: Limit = 50, after: After = None) -> dict[str, Any]:
    organization_id, now = request.auth.organization_id, utc_now()
    event = event_of(organization_id, event_id)
    return page_of(
        ticket_types_of(organization_id, [event.id]),
        limit=limit,
        after=after,
        show=lambda types: show_ticket_types(organization_id, types, now=now),
    )


@router.get(
    "/ticket-types/{ticket_type_id}",
    response=TicketTypeOut,
    auth=Requires(Permission.OFFER_READ),
    openapi_extra=reading(NotFound),
    summary="Read a ticket type",
)
def read(request: ApiRequest, ticket_type_id: UUID) -> dict[str, Any]:
    organization_id = request.auth.organization_id
    found = ticket_type_of(organization_id, ticket_type_id)
    return show_ticket_types(organization_id, [found], now=utc_now())[0]


@router.patch(
    "/ticket-types/{ticket_type_id}",
    response=TicketTypeOut,
    auth=Requires(Permission.OFFER_WRITE),
    openapi_extra=writing(NotFound, CapacityBelowTaken, StillInUse),
    summary="Change a ticket type",
    description="Orders keep the price they were placed at. What it shares, and whether it has a limit "
    "at all, changes only while none of it is reserved or sold.",
)
def change(request: ApiRequest, ticket_type_id: UUID, payload: TicketTypeChange) -> dict[str, Any]:
    organization_id = request.auth.organization_id
    changed = change_ticket_type(
        organization_id,
        ticket_type_id=ticket_type_id,
        changes=payload.model_dump(exclude_unset=True),
        now=utc_now(),
    )
    return show_ticket_types(organization_id, [changed], now=utc_now())[0]


@router.delete(
    "/ticket-types/{ticket_type_id}",
    response={204: None},
    auth=Requires(Permission.OFFER_WRITE),
    openapi_extra=writing(NotFound, StillInUse),
    summary="Delete a ticket type of which nothing is reserved or sold",
)
def delete(request: ApiRequest, ticket_type_id: UUID) -> Status[None]:
    delete_ticket_type(request.auth.organization_id, ticket_type_id=ticket_type_id, now=utc_now())
    return Status(204, None)
