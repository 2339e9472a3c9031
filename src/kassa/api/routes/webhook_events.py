"""``/webhook-events``: what payment providers told, and what could not be settled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Router, Schema

from kassa.api.auth import Requires
from kassa.api.filters import Several
from kassa.api.ledger_schemas import WebhookEventOut, WebhookEventWithBodyOut
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.api.schemas import Text
from kassa.core.errors import NotFound
from kassa.core.permissions import Permission
from kassa.payments.domain.webhooks.settle import replay_webhook
from kassa.payments.enums import WebhookStatus
from kassa.payments.errors import NotDead
from kassa.payments.models import WebhookEvent
from kassa.payments.queries import webhook_events_of

router = Router(tags=["Webhook events"])


class WebhookEventFilters(Schema):
    status: Several[WebhookStatus]
    provider: Text | None = Field(None, max_length=40, examples=["demo"])


@router.get(
    "/webhook-events",
    response=Page[WebhookEventOut],
    auth=Requires(Permission.PAYMENT_READ),
    openapi_extra=reading(),
    summary="List what providers told",
)
def list_webhook_events(
    request: ApiRequest,
    filters: Annotated[WebhookEventFilters, Query()],
    limit: Limit = 50,
    after: After = None,
) -> dict[str, Any]:
    """List webhooks, newest first, without their bodies. The dead ones are those to look at."""
    rows = webhook_events_of(request.auth.organization_id)
    if filters.status:
        rows = rows.filter(status__in=filters.status)
    if filters.provider is not None:
        rows = rows.filter(provider=filters.provider)
    return page_of(rows.defer("body"), limit=limit, after=after, show=_show_all)


@router.get(
    "/webhook-events/{webhook_event_id}",
    response=WebhookEventWithBodyOut,
    auth=Requires(Permission.PAYMENT_MANAGE),
    openapi_extra=reading(NotFound),
    summary="Read what a provider told",
)
def read_webhook_event(request: ApiRequest, webhook_event_id: UUID) -> dict[str, Any]:
    """Read a webhook as it came. Providers put names and addresses of buyers in there."""
    found = webhook_events_of(request.auth.organization_id).filter(id=webhook_event_id).first()
    if found is None:
        raise NotFound
    return {**_show(found), "body": found.body}


@router.post(
    "/webhook-events/{webhook_event_id}/replay",
    response=WebhookEventOut,
    auth=Requires(replay_webhook),
    openapi_extra=writing(NotFound, NotDead),
    summary="Settle a dead webhook again",
)
def replay(request: ApiRequest, webhook_event_id: UUID) -> dict[str, Any]:
    """Try a webhook again that could not be settled, once its cause is gone."""
    return _show(replay_webhook(command_context(request), webhook_event_id))


def _show_all(events: Sequence[WebhookEvent]) -> list[dict[str, Any]]:
    return [_show(event) for event in events]


def _show(event: WebhookEvent) -> dict[str, Any]:
    names = WebhookEventOut.model_fields.keys() - {"order"}
    return {**{name: getattr(event, name) for name in names}, "order": event.order_id}
