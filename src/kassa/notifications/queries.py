"""Reads of messages: what staff may see comes from here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Lower

from kassa.core.email_addresses import email_key
from kassa.core.errors import NotFound
from kassa.core.search_text import Folded, fold
from kassa.notifications.models import Announcement, Message, MessageTemplate, SuppressedAddress

LISTED = (
    "id", "organization_id", "kind", "language", "recipient", "recipient_name", "order_id", "ticket_id",
    "event_id", "announcement_id", "subject", "status", "attempts", "next_try_at", "error", "remark",
    "resent_from", "created_at", "sent_at", "bounced_at",
)  # fmt: skip
"""What a list shows; the words themselves are read one by one."""


def messages_of(organization_id: UUID, **exact: Any) -> QuerySet[Message]:
    """Return an organisation's messages; filters that are null are left out, ``recipient`` in any case."""
    messages = Message.objects.of(organization_id).only(*LISTED)
    recipient = exact.pop("recipient", None)
    if recipient is not None:
        messages = messages.alias(address=Lower("recipient")).filter(address=email_key(recipient))
    return messages.filter(**{name: value for name, value in exact.items() if value is not None})


def message_of(organization_id: UUID, message_id: UUID) -> Message:
    """Return one whole message.

    Raises:
        NotFound: the organisation has no such message.
    """
    message = Message.objects.of(organization_id).filter(id=message_id).first()
    if message is None:
        raise NotFound
    return message


def kept_messages(recipient: str = "") -> QuerySet[Message]:
    """Return every organisation's kept messages, newest first, for the mailbox page."""
    messages = Message.unscoped.filter(status="kept").select_related("organization").order_by("-id")
    return messages.alias(folded=Folded("recipient")).filter(folded__contains=fold(recipient))


def kept_message(message_id: UUID) -> Message:
    """Return one kept message, whosever it is, for the mailbox page.

    Raises:
        NotFound: there is none.
    """
    message = kept_messages().filter(id=message_id).first()
    if message is None:
        raise NotFound
    return message


def templates_of(organization_id: UUID) -> dict[tuple[str, str], MessageTemplate]:
    """Return an organisation's own words, by kind and language."""
    rows: Sequence[MessageTemplate] = list(MessageTemplate.objects.of(organization_id))
    return {(row.kind, row.language): row for row in rows}


def announcements_of(organization_id: UUID) -> QuerySet[Announcement]:
    """Return what guests of events were told as a whole, and how far that is."""
    return Announcement.objects.of(organization_id)


def suppressed_of(organization_id: UUID) -> QuerySet[SuppressedAddress]:
    """Return the addresses that an organisation sends nothing to."""
    return SuppressedAddress.objects.of(organization_id)
