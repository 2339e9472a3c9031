"""``/message-templates``: what messages say, in an organisation's own words."""

from __future__ import annotations

from typing import Any

from ninja import Router, Status

from kassa.api.auth import Requires
from kassa.api.message_schemas import (
    MessageTemplateIn,
    MessageTemplateOut,
    MessageTemplatesOut,
    PreviewIn,
    PreviewOut,
)
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.api.versions import expected_version, show_version
from kassa.core.clock import utc_now
from kassa.core.errors import ChangedMeanwhile, NotFound
from kassa.core.languages import Language
from kassa.core.permissions import Permission
from kassa.notifications.domain.placeholders import placeholder_list
from kassa.notifications.domain.templates import (
    TemplateView,
    preview_message,
    remove_template,
    set_template,
    view_template,
    view_templates,
)
from kassa.notifications.domain.texts import Words
from kassa.notifications.enums import MessageKind
from kassa.notifications.errors import TemplateNotUsable

router = Router(tags=["Message templates"])


@router.get(
    "/message-templates",
    response=MessageTemplatesOut,
    auth=Requires(Permission.MESSAGE_READ),
    openapi_extra=reading(),
    summary="List the texts of messages",
)
def list_templates(request: ApiRequest) -> dict[str, Any]:
    """List every kind of message in every language, with Kassa's words, yours, and the placeholders."""
    return {"items": [_show(view) for view in view_templates(request.auth.organization_id)]}


@router.get(
    "/message-templates/{message_kind}/{language}",
    response=MessageTemplateOut,
    auth=Requires(Permission.MESSAGE_READ),
    openapi_extra=reading(NotFound, has_version=True),
    summary="Read the text of a message",
)
def read_template(request: ApiRequest, message_kind: MessageKind, language: Language) -> dict[str, Any]:
    return _show_one(request, view_template(request.auth.organization_id, message_kind, language))


@router.put(
    "/message-templates/{message_kind}/{language}",
    response=MessageTemplateOut,
    auth=Requires(set_template),
    openapi_extra=writing(NotFound, TemplateNotUsable, ChangedMeanwhile),
    summary="Say a message in your own words",
)
def write_template(
    request: ApiRequest, message_kind: MessageKind, language: Language, payload: MessageTemplateIn
) -> dict[str, Any]:
    """Set subject and body, or switch the message off. It is tried first with an order that nobody placed."""
    view = set_template(
        command_context(request),
        message_kind,
        language,
        words=Words(payload.subject, payload.body),
        is_enabled=payload.enabled,
        expected=expected_version(request),
    )
    return _show_one(request, view)


@router.delete(
    "/message-templates/{message_kind}/{language}",
    response={204: None},
    auth=Requires(remove_template),
    openapi_extra=writing(NotFound),
    summary="Go back to Kassa's words",
)
def delete_template(request: ApiRequest, message_kind: MessageKind, language: Language) -> Status[None]:
    remove_template(command_context(request), message_kind, language)
    return Status(204, None)


@router.post(
    "/message-templates/{message_kind}/{language}/preview",
    response=PreviewOut,
    auth=Requires(Permission.MESSAGE_READ),
    openapi_extra=writing(NotFound, TemplateNotUsable),
    summary="See what a message looks like",
)
def preview(
    request: ApiRequest, message_kind: MessageKind, language: Language, payload: PreviewIn
) -> dict[str, Any]:
    """Show a message as it would be sent. Nothing is kept, and nothing is sent.

    With an order its links are live, so that it also takes the permission `ticket:read`.
    """
    if payload.order is not None:
        request.auth.require(Permission.TICKET_READ)
    organization_id = request.auth.organization_id
    view = view_template(organization_id, message_kind, language)
    now_used = Words(view.own.subject, view.own.body) if view.own else Words("", "")
    subject = now_used.subject if payload.subject is None else payload.subject
    body = now_used.body if payload.body is None else payload.body
    composed = preview_message(
        organization_id,
        message_kind,
        language,
        words=Words(subject, body),
        order_id=payload.order,
        now=utc_now(),
    )
    return {"subject": composed.subject, "text": composed.text, "html": composed.html}


def _show_one(request: ApiRequest, view: TemplateView) -> dict[str, Any]:
    if view.own is not None:  # Kassa's own words have no version
        show_version(request, view.own)
    return _show(view)


def _show(view: TemplateView) -> dict[str, Any]:
    own = view.own
    return {
        "kind": view.kind,
        "language": view.language,
        "enabled": own is None or own.is_enabled,
        "subject": own.subject if own else "",
        "body": own.body if own else "",
        "standard": {"subject": view.standard.subject, "body": view.standard.body},
        "placeholders": placeholder_list(view.kind),
    }
