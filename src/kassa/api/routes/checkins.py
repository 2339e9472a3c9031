"""``/checkins``: scans at the door, one by one or in the batches of a phone that had no network."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router

from kassa.admission.domain.answers import refused_as_reused
from kassa.admission.domain.recorded import recorded_scans, show_recorded
from kassa.admission.domain.scan import WantedScan, record_batch, record_scan
from kassa.admission.domain.undo import WantedUndo, undo_scan
from kassa.admission.errors import NotLastScan, ScanIdReused
from kassa.api.auth import Requires
from kassa.api.language import language_of
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context, json_of
from kassa.api.scan_schemas import (
    BatchIn,
    BatchOut,
    OfflineScanIn,
    RecordedScanOut,
    ScanFilters,
    ScanIn,
    ScanOut,
    UndoIn,
)
from kassa.core.errors import NotFound
from kassa.core.permissions import Permission
from kassa.tickets.errors import TicketOver

router = Router(tags=["Check-ins"])


@router.post(
    "/checkins",
    response=ScanOut,
    auth=Requires(record_scan),
    openapi_extra=writing(NotFound, ScanIdReused),
    summary="Scan a ticket",
    description="Whatever comes of it is an answer and no error: look at `accepted`. The same `id` again is "
    "the same scan, with the same result.",
)
def scan(request: ApiRequest, payload: ScanIn) -> HttpResponse:
    context = command_context(request)
    return json_of(record_scan(context, _wanted(payload), language=language_of(request)))


@router.post(
    "/checkins/batch",
    response=BatchOut,
    auth=Requires(record_batch),
    openapi_extra=writing(),
    summary="Tell of scans made without a network",
    description="All of them are recorded, or none. They count in the order of `scanned_at`; whoever was "
    "let in and is not accepted is kept as a conflict.",
)
def scan_batch(request: ApiRequest, payload: BatchIn) -> HttpResponse:
    answers = record_batch(
        command_context(request),
        [_wanted(one) for one in payload.scans],
        language=language_of(request),
    )
    results = [
        refused_as_reused(sent.id, sent.kind) if answer is None else answer
        for sent, answer in zip(payload.scans, answers, strict=True)
    ]
    return json_of({"results": results})


@router.post(
    "/checkins/{checkin_id}/undo",
    response=ScanOut,
    auth=Requires(undo_scan),
    openapi_extra=writing(NotFound, NotLastScan, TicketOver, ScanIdReused),
    summary="Undo the last scan of a ticket",
)
def undo(request: ApiRequest, checkin_id: UUID, payload: UndoIn) -> HttpResponse:
    wanted = WantedUndo(id=payload.id, client_id=checkin_id, reason=payload.reason)
    return json_of(undo_scan(command_context(request, payload.reason), wanted, language=language_of(request)))


@router.get(
    "/checkins",
    response=Page[RecordedScanOut],
    auth=Requires(Permission.CHECKIN_READ),
    openapi_extra=reading(),
    summary="List scans",
    description="The latest to arrive first.",
)
def list_all(
    request: ApiRequest,
    filters: Annotated[ScanFilters, Query()],
    limit: Limit = 50,
    after: After = None,
) -> dict[str, Any]:
    asked = filters.model_dump(exclude={"conflict", "since"})
    rows = recorded_scans(request.auth.organization_id, asked, conflict=filters.conflict, since=filters.since)
    return page_of(rows, limit=limit, after=after, show=show_recorded)


def _wanted(payload: ScanIn) -> WantedScan:
    return WantedScan(
        id=payload.id,
        list_id=payload.list,
        text=payload.ticket,
        kind=payload.kind,
        gate=payload.gate,
        scanned_at=payload.scanned_at,
        let_in=payload.let_in if isinstance(payload, OfflineScanIn) else None,
    )
