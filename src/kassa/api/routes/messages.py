"""``/messages``: what was written to whom, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status
from ninja.decorators import decorate_view

from kassa.api.auth import Requires
from kassa.api.filters import Several
from kassa.api.idempotency import KeyReused, repeatable
from kassa.api.message_schemas import AnnouncementOut, MessageOut, SuppressedAddressOut, WholeMessageOut
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.api.schemas import Text
from kassa.core.errors import NotFound
from kassa.core.permissions import Permission
from kassa.notifications.domain.attachments import attachments_of
from kassa.notifications.domain.facts import load_facts
from kassa.notifications.domain.resend import resend_message
from kassa.notifications.domain.suppress import clear_address
from kassa.notifications.enums import MessageKind, MessageStatus
from kassa.notifications.errors import MessageUnderWay, RecipientSuppressed
from kassa.notifications.models import Announcement, Message
from kassa.notifications.queries import announcements_of, message_of, messages_of, suppressed_of

router = Router(tags=["Messages"])
REFERENCES = ("order", "ticket", "event", "announcement")


class MessageFilters(Schema):
    kind: MessageKind | None = None
    status: Several[MessageStatus]
    recipient: Text | None = Field(None, max_length=254, examples=["ada@example.com"])
    order: UUID | None = None
    event: UUID | None = Field(None, description="Of messages to the guests of an event.")
    announcement: UUID | None = None


@router.get(
    "/messages",
    response=Page[MessageOut],
    auth=Requires(Permission.MESSAGE_READ),
    openapi_extra=reading(),
    summary="List messages",
)
def list_messages(
    request: ApiRequest,
    filters: Annotated[MessageFilters, Query()],
    limit: Limit = 50,
    after: After = None,
) -> dict[str, Any]:
    """List messages, newest first, without their words."""
    given = filters.model_dump(exclude_none=True, exclude={"status"})
    exact = {f"{name}_id" if name in REFERENCES else name: value for name, value in given.items()}
    rows = messages_of(request.auth.organization_id, **exact)
    if filters.status:
        rows = rows.filter(status__in=filters.status)
    return page_of(rows, limit=limit, after=after, show=_show_all)


@router.get(
    "/messages/{message_id}",
    response=WholeMessageOut,
    auth=Requires(Permission.MESSAGE_READ),
    openapi_extra=reading(NotFound),
    summary="Read a message",
)
def read_message(request: ApiRequest, message_id: UUID) -> dict[str, Any]:
    """Read what was written to somebody. The words hold links that open orders and tickets, and codes.

    They are shown only to a key that may also read tickets (`ticket:read`).
    """
    message = message_of(request.auth.organization_id, message_id)
    facts = load_facts(request.auth.organization_id, [message])
    attachments = [
        {"name": each.name, "content_type": each.content_type} for each in attachments_of(message, facts)
    ]
    may_open = Permission.TICKET_READ in request.auth.permissions
    words = {"text": message.text, "html": message.html} if may_open else {"text": None, "html": None}
    return {**_show(message), **words, "attachments": attachments}


@router.post(
    "/messages/{message_id}/resend",
    response={201: MessageOut},
    auth=Requires(resend_message),
    openapi_extra=writing(KeyReused, NotFound, MessageUnderWay, RecipientSuppressed),
    summary="Send a message once more",
)
@decorate_view(repeatable)
def resend(request: ApiRequest, message_id: UUID) -> Status[dict[str, Any]]:
    """Write it anew to the same person, about things as they are now."""
    return Status(201, _show(resend_message(command_context(request), message_id)))


@router.get(
    "/announcements",
    response=Page[AnnouncementOut],
    auth=Requires(Permission.MESSAGE_READ),
    openapi_extra=reading(),
    summary="List what guests were told",
)
def list_announcements(request: ApiRequest, limit: Limit = 50, after: After = None) -> dict[str, Any]:
    """List what all guests of an event were or are being written to about, newest first."""
    rows = announcements_of(request.auth.organization_id)
    return page_of(rows, limit=limit, after=after, show=_show_announcements)


@router.get(
    "/suppressed-addresses",
    response=Page[SuppressedAddressOut],
    auth=Requires(Permission.MESSAGE_READ),
    openapi_extra=reading(),
    summary="List suppressed addresses",
)
def list_suppressed(request: ApiRequest, limit: Limit = 50, after: After = None) -> dict[str, Any]:
    """List the addresses that nothing is sent to, because messages came back or were called unwanted."""
    return page_of(suppressed_of(request.auth.organization_id), limit=limit, after=after, show=list)


@router.delete(
    "/suppressed-addresses/{suppressed_address_id}",
    response={204: None},
    auth=Requires(clear_address),
    openapi_extra=writing(NotFound),
    summary="Clear a suppressed address",
)
def clear_suppressed(request: ApiRequest, suppressed_address_id: UUID) -> Status[None]:
    """Let messages to this address be sent again, such as once its owner has a new mailbox there."""
    clear_address(command_context(request), suppressed_address_id)
    return Status(204, None)


def _show_all(messages: Sequence[Message]) -> list[dict[str, Any]]:
    return [_show(message) for message in messages]


def _show(message: Message) -> dict[str, Any]:
    names = MessageOut.model_fields.keys() - set(REFERENCES)
    return {
        **{name: getattr(message, name) for name in names},
        **{name: getattr(message, f"{name}_id") for name in REFERENCES},
    }


def _show_announcements(announcements: Sequence[Announcement]) -> list[dict[str, Any]]:
    names = AnnouncementOut.model_fields.keys() - {"event", "changed"}
    return [
        {
            **{name: getattr(each, name) for name in names},
            "event": each.event_id,
            "changed": each.facts.get("changed", []),
        }
        for each in announcements
    ]
