"""``/checkin-lists``: who is let in where and when, and what a device takes along of it."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Status
from ninja.decorators import decorate_view

from kassa.admission.domain.counts import counts_beside, counts_of
from kassa.admission.domain.door import door_of
from kassa.admission.domain.download import MAX_ROWS, download_tickets, record_download
from kassa.admission.domain.lists import change_list, create_list, delete_list
from kassa.admission.domain.search import search_tickets
from kassa.admission.errors import ListInUse
from kassa.admission.models import CheckinList
from kassa.admission.queries import list_at, lists_at, ticket_types_by_list
from kassa.api.auth import Requires
from kassa.api.checkin_schemas import CheckinListChange, CheckinListIn, CheckinListOut
from kassa.api.idempotency import KeyReused, repeatable
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.api.scan_schemas import CountsOut, FoundOut, OfflineOut, TicketsOut
from kassa.api.schemas import Text
from kassa.api.versions import expected_version, show_version
from kassa.catalog.queries import ticket_types_of
from kassa.core.cached_response import accepts_gzip, cached_response
from kassa.core.clock import utc_now
from kassa.core.errors import ChangedMeanwhile, NotFound
from kassa.core.permissions import Permission
from kassa.tickets.domain.keys import make_first_key, public_keys

router = Router(tags=["Check-in lists"])

AT_THE_DOOR = Requires(Permission.CHECKIN_SCAN)
LOOKING_ON = Requires(Permission.CHECKIN_SCAN, or_else=Permission.CHECKIN_READ)
COLUMNS = ("name", "area", "gates", "entry_rule", "doors_open_at", "doors_close_at")
GZIP_LEVEL = 1
"""The fastest: names and ids shrink to a third, at a hundredth of a second a megabyte."""

Words = Annotated[Text, Field(max_length=100, description="All must occur; two letters at least.")]
Minutes = Annotated[int, Field(ge=1, le=1440)]
Rows = Annotated[int, Field(ge=1, le=MAX_ROWS)]
Place = Annotated[str | None, Field(max_length=100)]


@router.post(
    "/checkin-lists",
    response={201: CheckinListOut},
    auth=Requires(create_list),
    openapi_extra=writing(NotFound, KeyReused, version_status=201),
    summary="Make a check-in list",
)
@decorate_view(repeatable)
def create(request: ApiRequest, payload: CheckinListIn) -> Status[dict[str, Any]]:
    made = create_list(
        command_context(request),
        payload.event,
        fields=_fields(payload.model_dump(exclude={"event", "ticket_types"})),
        ticket_type_ids=payload.ticket_types,
    )
    return Status(201, _show_one(request, made))


@router.get(
    "/checkin-lists",
    response=Page[CheckinListOut],
    auth=LOOKING_ON,
    openapi_extra=reading(),
    summary="List check-in lists",
    description="A device sees only those that it scans for.",
)
def list_all(
    request: ApiRequest, event: UUID | None = None, limit: Limit = 50, after: After = None
) -> dict[str, Any]:
    rows = lists_at(door_of(request.auth))
    if event is not None:
        rows = rows.filter(event_id=event)
    return page_of(rows, limit=limit, after=after, show=_show_all)


@router.get(
    "/checkin-lists/{list_id}",
    response=CheckinListOut,
    auth=LOOKING_ON,
    openapi_extra=reading(NotFound, has_version=True),
    summary="Read a check-in list",
)
def read(request: ApiRequest, list_id: UUID) -> dict[str, Any]:
    return _show_one(request, list_at(door_of(request.auth), list_id))


@router.patch(
    "/checkin-lists/{list_id}",
    response=CheckinListOut,
    auth=Requires(change_list),
    openapi_extra=writing(NotFound, ListInUse, ChangedMeanwhile),
    summary="Change a check-in list",
)
def change(request: ApiRequest, list_id: UUID, payload: CheckinListChange) -> dict[str, Any]:
    sent = payload.model_dump(exclude_unset=True)
    changed = change_list(
        command_context(request),
        list_id,
        ticket_type_ids=sent.pop("ticket_types", None),
        changes=_fields(sent),
        expected=expected_version(request),
    )
    return _show_one(request, changed)


@router.delete(
    "/checkin-lists/{list_id}",
    response={204: None},
    auth=Requires(delete_list),
    openapi_extra=writing(NotFound),
    summary="Put a check-in list away",
    description="Its scans stay.",
)
def delete(request: ApiRequest, list_id: UUID) -> Status[None]:
    delete_list(command_context(request), list_id)
    return Status(204, None)


@router.get(
    "/checkin-lists/{list_id}/offline",
    response=OfflineOut,
    auth=AT_THE_DOOR,
    openapi_extra=reading(NotFound),
    summary="What a device needs without a network, apart from the tickets",
)
def read_offline(request: ApiRequest, list_id: UUID) -> dict[str, Any]:
    found = list_at(door_of(request.auth), list_id)
    organization_id, now = found.organization_id, utc_now()
    # A phone that comes before the first ticket was printed needs the key that will sign it.
    make_first_key(organization_id, now)
    shown = _show_all([found])[0]
    types = ticket_types_of(organization_id, [found.event_id])
    allowed = set(shown["ticket_types"])
    return {
        "list": shown,
        "event": shown["event"],
        "ticket_types": [
            {"id": one.id, "name": one.name} for one in types if not allowed or one.id in allowed
        ],
        "keys": [
            {
                "key_id": key.key_id,
                "public_key": base64.b64encode(key.public_key).decode(),
                "revoked": key.revoked_at is not None,
            }
            for key in public_keys(organization_id)
        ],
        "server_time": now,
        "total": counts_beside(organization_id, [list_id])[list_id].total,
    }


@router.get(
    "/checkin-lists/{list_id}/tickets",
    response=TicketsOut,
    auth=AT_THE_DOOR,
    openapi_extra=reading(NotFound),
    summary="Download the tickets of the list's event",
    description="All of them, also those that this list does not let in. With `changed_since`: those that "
    "changed since that cursor was given out, some of them perhaps once more. A download of "
    "all of them is recorded in the security log.",
)
def download(
    request: ApiRequest,
    list_id: UUID,
    changed_since: Place = None,
    after: Place = None,
    limit: Rows = MAX_ROWS,
) -> HttpResponse:
    found = list_at(door_of(request.auth), list_id)
    now = utc_now()
    body = download_tickets(found, changed_since=changed_since, after=after, limit=limit, now=now)
    if changed_since is None and after is None:
        record_download(command_context(request), found)
    return _compressed(request, body)


@router.get(
    "/checkin-lists/{list_id}/search",
    response=FoundOut,
    auth=AT_THE_DOOR,
    openapi_extra=reading(NotFound),
    summary="Find a ticket by name, code, order number or e-mail address",
)
def search(request: ApiRequest, list_id: UUID, q: Words = "") -> dict[str, Any]:
    found = list_at(door_of(request.auth), list_id)
    return {"items": search_tickets(found, q, now=utc_now())}


@router.get(
    "/checkin-lists/{list_id}/counts",
    response={200: CountsOut, 304: None},
    auth=LOOKING_ON,
    openapi_extra=reading(NotFound),
    summary="How many are in, by gate and minute",
    description="At most half a second old. Send the answer's `ETag` back as `If-None-Match`: as long as "
    "nothing has changed the answer is an empty 304.",
)
def read_counts(request: ApiRequest, list_id: UUID, minutes: Minutes = 60) -> HttpResponse:
    found = list_at(door_of(request.auth), list_id)
    counts = counts_of(found.organization_id, list_id, minutes=minutes, now=utc_now())
    return cached_response(request, counts.body, etag=counts.etag, cache_control="private, max-age=1")


def _fields(sent: dict[str, Any]) -> dict[str, Any]:
    if "exits" in sent:
        sent["counts_exits"] = sent.pop("exits")
    return sent


def _show_one(request: ApiRequest, found: CheckinList) -> dict[str, Any]:
    show_version(request, found)
    return _show_all([found])[0]


def _show_all(lists: Sequence[CheckinList]) -> list[dict[str, Any]]:
    if not lists:
        return []
    types = ticket_types_by_list(lists[0].organization_id, [one.id for one in lists])
    return [
        {
            **{name: getattr(one, name) for name in COLUMNS},
            "id": one.id,
            "event": {
                name: getattr(one.event, name)
                for name in ("id", "title", "starts_at", "ends_at", "time_zone", "venue_name")
            },
            "ticket_types": types.get(one.id, []),
            "exits": one.counts_exits,
            "created_at": one.created_at,
            "updated_at": one.updated_at,
        }
        for one in lists
    ]


def _compressed(request: HttpRequest, body: bytes) -> HttpResponse:
    accepted = accepts_gzip(request.META.get("HTTP_ACCEPT_ENCODING", ""))
    response = HttpResponse(
        gzip.compress(body, GZIP_LEVEL) if accepted else body, content_type="application/json"
    )
    if accepted:
        response["Content-Encoding"] = "gzip"
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = "private, no-store"
    return response
