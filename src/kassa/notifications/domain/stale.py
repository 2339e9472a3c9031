"""What need not be said any more when its turn comes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kassa.catalog.enums import EventStatus
from kassa.core.email_addresses import email_key
from kassa.notifications.domain.announce import DAY_BEFORE
from kassa.notifications.domain.facts import Facts
from kassa.notifications.domain.holders import letting_in, tickets_of_reader
from kassa.notifications.enums import MessageKind, SuppressionReason
from kassa.notifications.models import Message
from kassa.orders.domain.order_view import is_overdue
from kassa.orders.enums import HOLDING, OrderStatus
from kassa.tickets.enums import TransferStatus

_K = MessageKind
WAITING = frozenset({_K.ORDER_PLACED, _K.ORDER_EXPIRING, _K.PAYMENT_FAILED})
"""They ask for a payment."""
TO_HOLDERS = frozenset({_K.TICKET_TRANSFERRED, _K.TICKET_REISSUED, _K.EVENT_REMINDER})
AHEAD = frozenset({_K.EVENT_CHANGED, _K.EVENT_REMINDER})


def why_not_sent(message: Message, facts: Facts, *, now: datetime) -> str | None:
    """Return why a message is not sent after all; null if it is."""
    return (
        _why_to_nobody(message, facts)
        or _why_order_is_not_told(message, facts, now)
        or _why_ticket_is_not_told(message, facts, now)
        or _why_event_is_not_told(message, facts, now)
    )


def _why_to_nobody(message: Message, facts: Facts) -> str | None:
    if facts.organization.deleted_at is not None or not facts.settings.email_notifications:
        return "The organisation has switched its messages off."
    own = facts.templates.get((message.kind, message.language))
    if own is not None and not own.is_enabled:
        return "The organisation has switched this message off."
    reason = facts.suppressed.get(email_key(message.recipient))
    if reason == SuppressionReason.UNSUBSCRIBED:
        return "Its owner wants no reminders." if message.kind == _K.EVENT_REMINDER else None
    if reason is not None:
        return "Messages to this address came back, or were called unwanted."
    return None


def _why_order_is_not_told(message: Message, facts: Facts, now: datetime) -> str | None:
    order = facts.orders[message.order_id]
    is_late = message.kind in WAITING and order.status not in HOLDING
    if is_late or (message.kind == _K.ORDER_EXPIRED and order.status != OrderStatus.EXPIRED):
        return f"The order is {order.status} by now."
    if message.kind in WAITING and is_overdue(order, now):
        return "The hold is over."
    return None


def _why_ticket_is_not_told(message: Message, facts: Facts, now: datetime) -> str | None:
    if message.kind == _K.TICKET_TRANSFER_OFFERED:
        transfer = facts.transfers.get(UUID(message.facts["transfer"]["id"]))
        if transfer is None or transfer.status != TransferStatus.OFFERED or transfer.expires_at <= now:
            return "The offer is over."
    if message.kind in TO_HOLDERS and not letting_in(tickets_of_reader(message, facts)):
        return "The ticket is no longer theirs, or is not valid."
    return None


def _why_event_is_not_told(message: Message, facts: Facts, now: datetime) -> str | None:
    if message.kind not in AHEAD or message.event_id is None:
        return None
    event = facts.events[message.event_id]
    is_reminder = message.kind == _K.EVENT_REMINDER
    if event.status != EventStatus.PUBLISHED and is_reminder:
        return f"The event is {event.status} by now."
    if event.status == EventStatus.CANCELLED:
        return "The event is cancelled by now."
    if is_reminder and event.starts_at is not None and event.starts_at > now + DAY_BEFORE:
        return "The event begins later by now."
    begins = event.starts_at if is_reminder else (event.ends_at or event.starts_at)
    return "The event is over." if begins is not None and begins <= now else None
