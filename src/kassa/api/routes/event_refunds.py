"""``/events/{id}/refunds``: giving back all that was sold for a cancelled event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from ninja import Router, Status

from kassa.api.auth import Requires
from kassa.api.ledger_schemas import EventRefundIn, EventRefundOut
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.core.errors import NotFound
from kassa.core.permissions import Permission
from kassa.payments.domain.refunds.event_refunds import start_event_refund
from kassa.payments.errors import EventNotCancelled
from kassa.payments.models import EventRefund
from kassa.payments.queries import event_refunds_of

router = Router(tags=["Refunds"])


@router.post(
    "/events/{event_id}/refunds",
    response={202: EventRefundOut},
    auth=Requires(start_event_refund),
    openapi_extra=writing(NotFound, EventNotCancelled),
    summary="Refund a whole event",
)
def start(
    request: ApiRequest, event_id: UUID, payload: EventRefundIn | None = None
) -> Status[dict[str, Any]]:
    """Begin to give back all that was sold for a cancelled event, in the background.

    One runs at a time: asked again meanwhile, the answer says how far it has come.
    """
    reason = payload.reason if payload else ""
    run = start_event_refund(command_context(request, reason), event_id, reason=reason)
    return Status(202, _show(run))


@router.get(
    "/events/{event_id}/refunds",
    response=Page[EventRefundOut],
    auth=Requires(Permission.PAYMENT_READ),
    openapi_extra=reading(NotFound),
    summary="Follow the refund of an event",
)
def list_runs(request: ApiRequest, event_id: UUID, limit: Limit = 50, after: After = None) -> dict[str, Any]:
    """List the runs that refund an event and how far each has come, newest first."""
    rows = event_refunds_of(request.auth.organization_id, event_id)
    return page_of(rows, limit=limit, after=after, show=_show_all)


def _show_all(runs: Sequence[EventRefund]) -> list[dict[str, Any]]:
    return [_show(run) for run in runs]


def _show(run: EventRefund) -> dict[str, Any]:
    names = EventRefundOut.model_fields.keys() - {"event"}
    return {**{name: getattr(run, name) for name in names}, "event": run.event_id}
