"""What providers tell later: not delivered after all, or reported as unwanted."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from kassa.notifications.domain.suppress import suppress
from kassa.notifications.domain.wording import one_line
from kassa.notifications.enums import MessageStatus, SuppressionReason
from kassa.notifications.models import Message

BOUNCED = "bounced"
COMPLAINED = "complained"
REJECTED = ("rejected", "failed")
NO_LONGER = {BOUNCED: SuppressionReason.BOUNCED, COMPLAINED: SuppressionReason.COMPLAINED}


def note_tracking(event: Any, *, now: datetime) -> bool:
    """Note what a provider tells of a message; return whether it was one of ours and is news.

    ``event`` is one of anymail's tracking events. An address that does not exist, or whose owner does not
    want what was sent, is not written to again. What may be delivered yet is no news.
    """
    if event.event_type not in (BOUNCED, COMPLAINED, *REJECTED):
        return False
    message = _message(event)
    if message is None:
        return False
    said = one_line(str(event.mta_response or event.description or event.reject_reason or event.event_type))
    with transaction.atomic():
        moved = (
            Message.objects.of(message.organization_id)
            .filter(id=message.id, status__in=(MessageStatus.SENT, MessageStatus.SENDING))
            .update(status=MessageStatus.BOUNCED, bounced_at=now, next_try_at=None, error=f"{said}"[:500])
        )
        if event.event_type in NO_LONGER:
            suppress(
                message.organization_id,
                message.recipient,
                reason=NO_LONGER[event.event_type],
                detail=said[:500],
                now=now,
            )
    return bool(moved)


def _message(event: Any) -> Message | None:
    """Return the message an event is about: by what we gave along, else by the provider's own id."""
    given = event.metadata or {}
    try:
        organization_id = UUID(str(given.get("kassa_organization")))
        message_id = UUID(str(given.get("kassa_message")))
    except ValueError:
        if not event.message_id:
            return None
        return Message.unscoped.filter(provider_message_id=str(event.message_id)[:255]).first()
    return Message.objects.of(organization_id).filter(id=message_id).first()
