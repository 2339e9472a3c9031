"""A message is sent once more, because somebody asks for it."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from kassa.core.activity_log import record_activity
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.email_addresses import email_key
from kassa.core.ids import new_id
from kassa.core.jobs import defer_on_commit
from kassa.core.permissions import Permission
from kassa.notifications.enums import DUE, MessageKind, MessageStatus, SuppressionReason
from kassa.notifications.errors import MessageUnderWay, RecipientSuppressed
from kassa.notifications.jobs import MAIL_QUEUE, SEND, lanes
from kassa.notifications.models import Message
from kassa.notifications.queries import message_of, suppressed_of

COPIED = (
    "organization_id", "order_id", "ticket_id", "event_id", "announcement_id", "kind", "language",
    "recipient", "recipient_name", "facts",
)  # fmt: skip


@command(Permission.MESSAGE_WRITE)
def resend_message(context: CommandContext, message_id: UUID) -> Message:
    """Write a message anew, about things as they are now, to the same person; return the new one.

    Raises:
        NotFound: the organisation has no such message.
        MessageUnderWay: it is still to be sent.
        RecipientSuppressed: nothing is sent to that address.
    """
    organization_id, now = context.organization_id, context.now
    message = message_of(organization_id, message_id)
    if message.status in DUE:
        raise MessageUnderWay
    suppressed = suppressed_of(organization_id).filter(address=email_key(message.recipient))
    if message.kind != MessageKind.EVENT_REMINDER:
        suppressed = suppressed.exclude(reason=SuppressionReason.UNSUBSCRIBED)
    if suppressed.exists():
        raise RecipientSuppressed(message.recipient)
    copy_id = new_id()
    copy = Message(
        id=copy_id,
        status=MessageStatus.PENDING,
        occasion=f"again:{copy_id}",
        resent_from=message.id,
        next_try_at=now,
        created_at=now,
        **{name: getattr(message, name) for name in COPIED},
    )
    with transaction.atomic():
        copy.save(force_insert=True)
        record_activity(context, "message.resent", ("message", message.id), after={"resent_as": copy_id})
        for lane in lanes():
            defer_on_commit(SEND, organization_id, queue=MAIL_QUEUE, lane=lane)
    return message_of(organization_id, copy_id)
