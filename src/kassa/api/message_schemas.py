"""Messages and their texts as the API shows them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from ninja import Field, Schema

from kassa.api.schemas import Input, Text, example
from kassa.core.languages import Language
from kassa.notifications.enums import MessageKind, MessageStatus, SuppressionReason

LONGEST_BODY = 10_000


class MessageOut(Schema):
    """A message without its words."""

    id: UUID
    kind: MessageKind
    language: Language
    recipient: str
    recipient_name: str
    order: UUID
    ticket: UUID | None = Field(description="Null: it is about the order as a whole.")
    event: UUID | None = Field(description="Null: it is about what was bought, whatever events that is for.")
    announcement: UUID | None = Field(description="Null: it is for this person alone.")
    subject: str = Field(description="Empty until its turn comes.")
    status: MessageStatus
    attempts: int
    next_try_at: datetime | None = Field(description="Null: it is done with.")
    error: str = Field(description="The last failure, or why it was not sent.")
    remark: str = Field(
        description="Why your own words were not used, and which letters could not be printed on its "
        "tickets; empty: nothing is to be said."
    )
    resent_from: UUID | None = Field(description="The message that it repeats.")
    created_at: datetime
    sent_at: datetime | None
    bounced_at: datetime | None


WITHHELD = "Null without the permission `ticket:read`: its links and codes are as good as tickets."


class AttachmentOut(Schema):
    name: str
    content_type: str


class WholeMessageOut(MessageOut):
    """A message with its words. Those with a link open their reader's order or ticket."""

    text: str | None = Field(description=WITHHELD)
    html: str | None = Field(description=WITHHELD)
    attachments: list[AttachmentOut] = Field(description="The attachments as things stand now.")


class WordsOut(Schema):
    subject: str
    body: str


class PlaceholderOut(Schema):
    name: str = Field(examples=["order.number"])
    meaning: str


class MessageTemplateOut(Schema):
    """The words of one kind of message in one language."""

    kind: MessageKind
    language: Language
    enabled: bool = Field(description="Whether messages of this kind are sent in this language.")
    subject: str = Field(description="Your own; empty: Kassa's.")
    body: str = Field(description="Your own; empty: Kassa's.")
    standard: WordsOut = Field(description="Kassa's own.")
    placeholders: list[PlaceholderOut]


class MessageTemplatesOut(Schema):
    items: list[MessageTemplateOut]


class MessageTemplateIn(Input):
    model_config = example(subject="Your tickets for {{ event.title }}", body="{{ greeting }}\n\n…")

    subject: Text = Field("", max_length=300, description="Empty: Kassa's.")
    body: Text = Field("", max_length=LONGEST_BODY, description="Markdown with placeholders. Empty: Kassa's.")
    enabled: bool = Field(True, description="False: no message of this kind is sent in this language.")


class PreviewIn(Input):
    model_config = example(subject="Your tickets for {{ event.title }}", body="{{ greeting }}")

    subject: Text | None = Field(None, max_length=300, description="Null: as it is now.")
    body: Text | None = Field(None, max_length=LONGEST_BODY, description="Null: as it is now.")
    order: UUID | None = Field(None, description="The order to show. Null: one that nobody placed.")


class PreviewOut(Schema):
    subject: str
    text: str
    html: str


class AnnouncementOut(Schema):
    """What all guests of an event are told, and how far that is."""

    id: UUID
    event: UUID
    kind: MessageKind
    changed: list[str] = Field(description="What changed about the event.")
    orders_done: int
    messages_written: int
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None = Field(description="Null: it is under way.")


class SuppressedAddressOut(Schema):
    id: UUID
    address: str
    reason: SuppressionReason = Field(
        description="`unsubscribed` keeps reminders from it alone; the others keep everything."
    )
    detail: str = Field(description="What the mail server or provider said.")
    created_at: datetime
