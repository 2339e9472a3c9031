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
from kassa.api.requests import ApiRequest, command_context
from kassa.api.ticket_type_schemas import TicketTypeChange, TicketTypeIn, TicketTypeOut
from kassa.api.versions import expected_version, show_version
from kassa.catalog.domain.ticket_types import change_ticket_type, create_ticket_type, delete_ticket_type
from kassa.catalog.models import TicketType
from kassa.catalog.queries import event_of, ticket_type_of, ticket_types_of
from kassa.core.clock import utc_now
from kassa.core.errors import ChangedMeanwhile, NotFound, StillInUse
from kassa.core.permissions import Permission
from kassa.inventory.errors import CapacityBelowTaken

router = Router(tags=["Ticket types"])


@router.post(
    "/events/{event_id}/ticket-types",
    response={201: TicketTypeOut},
    auth=Requires(create_ticket_type),
    openapi_extra=writing(NotFound, KeyReused, version_status=201),
    summary="Add a ticket type to an event",
)
@decorate_view(repeatable)
def create(request: ApiRequest, event_id: UUID, payload: TicketTypeIn) -> Status[dict[str, Any]]:
    fields = payload.model_dump(exclude_unset=True)
    made = create_ticket_type(command_context(request), event_id, fields=fields)
    return Status(201, _show(request, made))


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
    openapi_extra=reading(NotFound, has_version=True),
    summary="Read a ticket type",
)
def read(request: ApiRequest, ticket_type_id: UUID) -> dict[str, Any]:
    return _show(request, ticket_type_of(request.auth.organization_id, ticket_type_id))


@router.patch(
    "/ticket-types/{ticket_type_id}",
    response=TicketTypeOut,
    auth=Requires(change_ticket_type),
    openapi_extra=writing(NotFound, CapacityBelowTaken, StillInUse, ChangedMeanwhile),
    summary="Change a ticket type",
    description="Orders keep the price they were placed at. What it shares, and whether it has a limit "
    "at all, changes only while none of it is reserved or sold.",
)
def change(request: ApiRequest, ticket_type_id: UUID, payload: TicketTypeChange) -> dict[str, Any]:
    changed = change_ticket_type(
        command_context(request),
        ticket_type_id,
        changes=payload.model_dump(exclude_unset=True),
        expected=expected_version(request),
    )
    return _show(request, changed)


@router.delete(
    "/ticket-types/{ticket_type_id}",
    response={204: None},
    auth=Requires(delete_ticket_type),
    openapi_extra=writing(NotFound, StillInUse),
    summary="Delete a ticket type of which nothing is reserved or sold",
)
def delete(request: ApiRequest, ticket_type_id: UUID) -> Status[None]:
    delete_ticket_type(command_context(request), ticket_type_id)
    return Status(204, None)


def _show(request: ApiRequest, ticket_type: TicketType) -> dict[str, Any]:
    show_version(request, ticket_type)
    return show_ticket_types(request.auth.organization_id, [ticket_type], now=utc_now())[0]
