"""Messages are sent: claimed for a while, given their words, handed over, and marked at once.

If a worker is killed between the mail server's yes and the mark, the message is sent a second time, under the
same Message-ID.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kassa.core.database import give_back_connection, plain_array, statements, text_array
from kassa.core.delivery import BackOff, Batch, DeliveryQueue
from kassa.core.email_addresses import InvalidEmailAddress, parse_email_address
from kassa.core.jobs import ShouldStop, never_stop
from kassa.notifications.domain.attachments import PDF, File, are_too_large, attached_files
from kassa.notifications.domain.compose import compose
from kassa.notifications.domain.facts import Facts, load_facts
from kassa.notifications.domain.stale import why_not_sent
from kassa.notifications.domain.suppress import suppress
from kassa.notifications.domain.transport import (
    Answer,
    Fate,
    Letter,
    MailServer,
    belongs_to_nobody,
    is_keeping,
)
from kassa.notifications.domain.unsubscribe import build_unsubscribe_link
from kassa.notifications.enums import MessageStatus, SuppressionReason
from kassa.notifications.models import Message

BATCH = 20
KEPT_BATCH = 100
LEASE = timedelta(minutes=10)
"""After which a worker counts as lost."""
RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440, 1440))
"""How long to wait after each try that failed: three days in all."""
QUEUE = DeliveryQueue(
    Message,
    back_off=BackOff(RETRY_AFTER, max_tries=len(RETRY_AFTER) + 1),
    lease=LEASE,
    tries="attempts",
    claim="status = 'sending'",
    give_back="status = 'pending', attempts = d.attempts - 1",
)
# Whoever has lost the claim meanwhile writes nothing: the count of tries says whose it is.
KEEP = """
UPDATE notifications_message m SET status = d.status, next_try_at = d.next_try_at, sent_at = d.sent_at,
    error = d.error, subject = d.subject, text = d.body, html = d.html, remark = d.remark
FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::text[], %s::text[],
    %s::text[], %s::text[], %s::text[])
    AS d(id, attempts, status, next_try_at, sent_at, error, subject, body, html, remark)
WHERE m.organization_id = %s AND m.id = d.id AND m.status = 'sending' AND m.attempts = d.attempts
"""
logger = logging.getLogger("kassa.notifications")


def send_messages(organization_id: UUID, *, now: datetime, should_stop: ShouldStop = never_stop) -> int:
    """Send what is due of one organisation; return how many were dealt with. Several may do so at once."""

    def load(claimed: Sequence[Any]) -> Sequence[Message]:
        ids = [row.id for row in claimed]
        return list(Message.objects.of(organization_id).filter(id__in=ids).order_by("id"))

    count = 0
    limit = KEPT_BATCH if is_keeping() else BATCH
    batches = QUEUE.batches(organization_id, limit=limit, now=now, should_stop=should_stop, load=load)
    with closing(MailServer()) as server:
        for batch in batches:
            _deal_with(organization_id, batch, server)
            count += len(batch.rows)
    return count


def has_due_messages(organization_id: UUID, *, now: datetime) -> bool:
    """Say whether something is to be sent now."""
    return Message.objects.of(organization_id).filter(next_try_at__lte=now).exists()


def organizations_with_messages(*, now: datetime) -> list[UUID]:
    """Return who has something to send now."""
    due = Message.unscoped.filter(next_try_at__lte=now).order_by()
    return list(due.values_list("organization_id", flat=True).distinct())


def _deal_with(organization_id: UUID, batch: Batch[Message], server: MailServer) -> None:
    facts, now = load_facts(organization_id, batch.rows), batch.claimed_at
    if is_keeping():
        _write(organization_id, [_worded(message, facts, now) for message in batch.take_rest()])
        return
    for message in batch:
        answer = _send(message, facts, server, now)
        _note(message, answer, now)
        _write_one(message)
        if answer is not None and answer.fate == Fate.NO_SERVER:
            for other in batch.take_rest():
                _try_later(other, answer.error, now)
                _write_one(other)


def _worded(message: Message, facts: Facts, now: datetime) -> Message:
    """Give a message its words; one that is not to be sent gets the reason instead."""
    reason = why_not_sent(message, facts, now=now)
    if reason is not None:
        return _end(message, MessageStatus.SKIPPED, reason)
    try:
        composed = compose(message, facts)
    except Exception as error:
        # One that cannot be written must not keep all others back.
        logger.exception("Message %s cannot be written", message.id)
        _try_later(message, f"It could not be written: {type(error).__name__}", now)
        return message
    message.subject, message.text, message.html = composed.subject, composed.text, composed.html
    message.remark = composed.remark
    if is_keeping():
        message.sent_at = now
        _end(message, MessageStatus.KEPT, "")
    return message


def _send(message: Message, facts: Facts, server: MailServer, now: datetime) -> Answer | None:
    """Try to send one message; null if it is not to be sent."""
    recipient = _recipient(message)
    if recipient is None or _worded(message, facts, now).status != MessageStatus.SENDING:
        return None
    try:
        files = attached_files(message, facts, now=now)
    except Exception as error:
        logger.exception("The attachments of message %s cannot be made", message.id)
        _try_later(message, f"Its attachments could not be made: {type(error).__name__}", now)
        return None
    has_tickets = any(kind == PDF for _, _, kind in files)
    is_too_large = has_tickets and are_too_large(files)
    letter = _letter(message, facts, recipient, files)
    answer = None if is_too_large else _hand_over(message, letter, server, now)
    if is_too_large or (has_tickets and answer is not None and answer.fate is Fate.TOO_LARGE):
        # Remembered with the message, so that its tickets are not made again at the next try.
        message.links_tickets = True
        return _send(message, facts, server, now)
    return answer


def _recipient(message: Message) -> str | None:
    """Return whom a message is sent to; null if that is nobody, which is noted then."""
    try:
        recipient = str(parse_email_address(message.recipient))
    except InvalidEmailAddress as error:
        _end(message, MessageStatus.FAILED, str(error))
        return None
    if belongs_to_nobody(message.recipient):
        _end(message, MessageStatus.SKIPPED, "This address is of those that stand in examples.")
        return None
    return recipient


def _letter(message: Message, facts: Facts, recipient: str, files: Sequence[File]) -> Letter:
    return Letter(
        message_id=message.id,
        organization_id=message.organization_id,
        sender_name=facts.organization.name,
        reply_to=facts.organization.email,
        recipient=recipient,
        recipient_name=message.recipient_name,
        subject=message.subject,
        text=message.text,
        html=message.html,
        unsubscribe_link=build_unsubscribe_link(message) or "",
        attachments=files,
    )


def _hand_over(message: Message, letter: Letter, server: MailServer, now: datetime) -> Answer | None:
    give_back_connection()
    try:
        return server.send(letter)
    except Exception as error:
        logger.exception("Message %s cannot be handed over", message.id)
        server.close()
        _try_later(message, f"It could not be handed over: {type(error).__name__}", now)
        return None


def _note(message: Message, answer: Answer | None, now: datetime) -> None:
    """Set what an answer makes of a message, without saving it."""
    if answer is None:
        return
    message.error = answer.error
    match answer.fate:
        case Fate.SENT:
            message.sent_at = now
            message.provider_message_id = answer.provider_message_id[:255]
            _end(message, MessageStatus.SENT, "")
        case Fate.NEVER | Fate.TOO_LARGE | Fate.NO_SUCH_ADDRESS:
            _end(message, MessageStatus.FAILED, answer.error)
            if answer.fate == Fate.NO_SUCH_ADDRESS:
                suppress(
                    message.organization_id,
                    message.recipient,
                    reason=SuppressionReason.BOUNCED,
                    detail=answer.error,
                    now=now,
                )
        case Fate.LATER | Fate.NO_SERVER:
            _try_later(message, answer.error, now)


def _try_later(message: Message, error: str, now: datetime) -> None:
    next_try_at = QUEUE.back_off.next_try_at(message.attempts, now=now)
    if next_try_at is None:
        logger.warning("Message %s could not be sent in three days: %s", message.id, error)
        _end(message, MessageStatus.FAILED, error)
        return
    message.status = MessageStatus.PENDING
    message.error = error
    message.next_try_at = next_try_at


def _end(message: Message, status: MessageStatus, error: str) -> Message:
    message.status, message.next_try_at, message.error = status, None, error
    return message


def _write_one(message: Message) -> None:
    Message.objects.of(message.organization_id).filter(
        id=message.id, status=MessageStatus.SENDING, attempts=message.attempts
    ).update(
        status=message.status,
        next_try_at=message.next_try_at,
        error=message.error,
        sent_at=message.sent_at,
        provider_message_id=message.provider_message_id,
        subject=message.subject,
        text=message.text,
        html=message.html,
        remark=message.remark,
        links_tickets=message.links_tickets,
    )


def _write(organization_id: UUID, messages: Sequence[Message]) -> None:
    statements().queue(
        KEEP,
        (
            plain_array([message.id for message in messages]),
            plain_array([message.attempts for message in messages]),
            plain_array([str(message.status) for message in messages]),
            plain_array([_quoted(message.next_try_at) for message in messages]),
            plain_array([_quoted(message.sent_at) for message in messages]),
            text_array([message.error for message in messages]),
            text_array([message.subject for message in messages]),
            text_array([message.text for message in messages]),
            text_array([message.html for message in messages]),
            text_array([message.remark for message in messages]),
            organization_id,
        ),
    )


def _quoted(moment: datetime | None) -> str | None:
    return None if moment is None else f'"{moment.isoformat()}"'
