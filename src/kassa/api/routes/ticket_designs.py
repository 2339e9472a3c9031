"""``/ticket-designs``: how printed tickets look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Router, Status

from kassa.api.auth import Requires
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.api.routes.ticket_documents import PDF, ChosenLanguage, file_of, send_file
from kassa.api.ticket_document_schemas import DesignIn, DesignOut, ListedDesignOut
from kassa.api.versions import expected_version, show_version
from kassa.core.clock import utc_now
from kassa.core.errors import ChangedMeanwhile, NotFound
from kassa.core.permissions import Permission
from kassa.pictures.domain.files import size_of
from kassa.pictures.errors import PictureRefused
from kassa.tickets.domain.designs import (
    KEEP,
    NewDesign,
    design_of,
    preview_pdf,
    remove_design,
    remove_event_design,
    set_design,
    set_event_design,
)
from kassa.tickets.models import TicketDesign
from kassa.tickets.queries import ticket_designs_of

router = Router(tags=["Ticket designs"])


@router.get(
    "/ticket-designs",
    response=Page[ListedDesignOut],
    auth=Requires(Permission.TICKET_READ),
    openapi_extra=reading(),
    summary="List ticket designs",
)
def list_designs(request: ApiRequest, limit: Limit = 50, after: After = None) -> dict[str, Any]:
    """List the designs that were set: the organisation's, and those of events."""

    def show(designs: Sequence[TicketDesign]) -> list[Any]:
        return [{"id": design.id, **_show(design, design.event_id)} for design in designs]

    return page_of(ticket_designs_of(request.auth.organization_id), limit=limit, after=after, show=show)


@router.get(
    "/ticket-designs/default",
    response=DesignOut,
    auth=Requires(Permission.TICKET_READ),
    openapi_extra=reading(has_version=True),
    summary="Read the organisation's ticket design",
)
def read_default(request: ApiRequest) -> dict[str, Any]:
    """How tickets of all events look that have no design of their own."""
    return _show_one(request, design_of(request.auth.organization_id, None), None)


@router.put(
    "/ticket-designs/default",
    response=DesignOut,
    auth=Requires(set_design),
    openapi_extra=writing(PictureRefused, ChangedMeanwhile),
    summary="Set the organisation's ticket design",
)
def set_default(request: ApiRequest, payload: DesignIn) -> dict[str, Any]:
    """Set how tickets look. Fields left out take their default, except for pictures, which stay."""
    return _set(request, None, payload)


@router.delete(
    "/ticket-designs/default",
    response={204: None},
    auth=Requires(remove_design),
    openapi_extra=writing(),
    summary="Remove the organisation's ticket design",
)
def remove_default(request: ApiRequest) -> Status[None]:
    """Forget it: tickets take the organisation's colours and name. Removing it twice changes nothing."""
    remove_design(command_context(request))
    return Status(204, None)


@router.get(
    "/ticket-designs/default/preview.pdf",
    auth=Requires(Permission.TICKET_READ),
    openapi_extra=file_of(PDF, "A sample that lets nobody in."),
    summary="Preview the organisation's ticket design",
)
def preview_default(request: ApiRequest, language: ChosenLanguage = None) -> HttpResponse:
    """A ticket that nobody bought, in the organisation's design."""
    pdf = preview_pdf(request.auth.organization_id, None, language=language, now=utc_now())
    return send_file(pdf, PDF, "preview.pdf")


@router.get(
    "/events/{event_id}/ticket-design",
    response=DesignOut,
    auth=Requires(Permission.TICKET_READ),
    openapi_extra=reading(NotFound, has_version=True),
    summary="Read an event's ticket design",
)
def read_design(request: ApiRequest, event_id: UUID) -> dict[str, Any]:
    """How an event's tickets look; `is_inherited` if it has no design of its own."""
    return _show_one(request, design_of(request.auth.organization_id, event_id), event_id)


@router.put(
    "/events/{event_id}/ticket-design",
    response=DesignOut,
    auth=Requires(set_event_design),
    openapi_extra=writing(NotFound, PictureRefused, ChangedMeanwhile),
    summary="Set an event's ticket design",
)
def set_of_event(request: ApiRequest, event_id: UUID, payload: DesignIn) -> dict[str, Any]:
    """Give an event a design of its own, instead of the organisation's."""
    return _set(request, event_id, payload)


@router.delete(
    "/events/{event_id}/ticket-design",
    response={204: None},
    auth=Requires(remove_event_design),
    openapi_extra=writing(NotFound),
    summary="Remove an event's ticket design",
)
def remove_of_event(request: ApiRequest, event_id: UUID) -> Status[None]:
    """Forget it: the event's tickets look like the organisation's. Removing it twice changes nothing."""
    remove_event_design(command_context(request), event_id)
    return Status(204, None)


@router.get(
    "/events/{event_id}/ticket-design/preview.pdf",
    auth=Requires(Permission.TICKET_READ),
    openapi_extra=file_of(PDF, "A sample that lets nobody in."),
    summary="Preview an event's ticket design",
)
def preview_of_event(request: ApiRequest, event_id: UUID, language: ChosenLanguage = None) -> HttpResponse:
    """A ticket of the event that nobody bought."""
    pdf = preview_pdf(request.auth.organization_id, event_id, language=language, now=utc_now())
    return send_file(pdf, PDF, "preview.pdf")


def _set(request: ApiRequest, event_id: UUID | None, payload: DesignIn) -> dict[str, Any]:
    new = NewDesign(
        primary_color=payload.primary_color,
        secondary_color=payload.secondary_color,
        terms=payload.terms.model_dump(exclude_none=True),
        notes=payload.notes.model_dump(exclude_none=True),
        shows_price=payload.shows_price,
        logo=payload.logo if "logo" in payload.model_fields_set else KEEP,
        picture=payload.picture if "picture" in payload.model_fields_set else KEEP,
    )
    context, expected = command_context(request), expected_version(request)
    if event_id is None:
        design = set_design(context, new, expected=expected)
    else:
        design = set_event_design(context, event_id, new, expected=expected)
    return _show_one(request, design, event_id)


def _show_one(request: ApiRequest, design: TicketDesign, event_id: UUID | None) -> dict[str, Any]:
    if design.event_id == event_id:  # what is inherited has no version of its own
        show_version(request, design)
    return _show(design, event_id)


def _show(design: TicketDesign, event_id: UUID | None) -> dict[str, Any]:
    return {
        "event": event_id,
        "is_inherited": design.event_id != event_id,
        "primary_color": design.primary_color,
        "secondary_color": design.secondary_color,
        "terms": design.terms,
        "notes": design.notes,
        "shows_price": design.shows_price,
        "logo": _picture(design.logo, design.logo_type),
        "picture": _picture(design.picture, design.picture_type),
        "updated_at": design.updated_at,
    }


def _picture(content: bytes | memoryview | None, media_type: str) -> dict[str, Any] | None:
    if content is None:
        return None
    width, height = size_of(bytes(content), media_type)
    return {"media_type": media_type, "bytes": len(bytes(content)), "width": width, "height": height}
