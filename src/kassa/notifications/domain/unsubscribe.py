"""Readers end reminders by a link in a message, or with one click in their mail program."""

from __future__ import annotations

from kassa.core.actor import ActorKind
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import NotFound
from kassa.core.permissions import Permission
from kassa.notifications.domain.suppress import suppress
from kassa.notifications.enums import SuppressionReason
from kassa.notifications.models import Message
from kassa.tickets.domain.links import parse_genuine, unsubscribe_link


def build_unsubscribe_link(message: Message) -> str | None:
    """Return where a reader ends reminders; None if it is no message that all guests of an event get."""
    if message.announcement_id is None:
        return None
    return unsubscribe_link(message.organization_id, message.id)


def find_announced(token: str) -> Message:
    """Return the message that a link to unsubscribe is in.

    Raises:
        NotFound: it is in none, or the message is not there any more.
    """
    parsed = parse_genuine("unsubscribe", token)
    messages = Message.objects.of(parsed.organization_id).filter(announcement_id__isnull=False)
    message = messages.filter(id=parsed.object_id).first()
    if message is None:
        raise NotFound("This link is not valid, or no longer valid.")
    return message


@command(Permission.MESSAGE_WRITE, or_kinds=[ActorKind.BUYER])
def unsubscribe(context: CommandContext, message: Message) -> None:
    """Send the reader of a message no more reminders of this organisation; all else goes on."""
    suppress(
        message.organization_id,
        message.recipient,
        reason=SuppressionReason.UNSUBSCRIBED,
        detail="",
        now=context.now,
    )
