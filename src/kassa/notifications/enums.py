"""What is written to people, and what becomes of it."""

from __future__ import annotations

from django.db import models


class MessageKind(models.TextChoices):
    """The occasions on which somebody is written to."""

    ORDER_PLACED = "order_placed"
    ORDER_CONFIRMED = "order_confirmed"
    PAYMENT_FAILED = "payment_failed"
    ORDER_EXPIRING = "order_expiring"
    ORDER_EXPIRED = "order_expired"
    ORDER_CANCELLED = "order_cancelled"
    ORDER_REFUNDED = "order_refunded"
    ORDER_SHIPPED = "order_shipped"
    TICKET_TRANSFER_OFFERED = "ticket_transfer_offered"
    TICKET_TRANSFERRED = "ticket_transferred"
    """To the new person."""
    TICKET_GIVEN_AWAY = "ticket_given_away"
    """To the person before."""
    TICKET_TRANSFER_DECLINED = "ticket_transfer_declined"
    TICKET_REISSUED = "ticket_reissued"
    EVENT_CHANGED = "event_changed"
    EVENT_CANCELLED = "event_cancelled"
    EVENT_REMINDER = "event_reminder"


class MessageStatus(models.TextChoices):
    PENDING = "pending"
    """Waits for its turn, or for its next one."""
    SENDING = "sending"
    """A worker has it in hand, until its lease is over."""
    SENT = "sent"
    """The mail server or provider has taken it."""
    KEPT = "kept"
    """Written, and shown on the mailbox page; sent nowhere."""
    FAILED = "failed"
    """Refused for good, or tried for three days."""
    BOUNCED = "bounced"
    """Taken, and then not delivered, or reported as unwanted."""
    SKIPPED = "skipped"
    """Not to be sent any more when its turn came; ``error`` says why."""


DUE: tuple[MessageStatus, ...] = (MessageStatus.PENDING, MessageStatus.SENDING)
"""What a worker looks at once its time has come; of what is being sent, that whose lease is over."""


class Transport(models.TextChoices):
    """How messages leave; any other name is one of anymail's providers."""

    KEEP = "keep"
    SMTP = "smtp"


class SuppressionReason(models.TextChoices):
    BOUNCED = "bounced"
    """There is no such mailbox."""
    COMPLAINED = "complained"
    """Its owner called a message unwanted."""
    UNSUBSCRIBED = "unsubscribed"
    """Its owner wants no reminders; all that concerns an order or a change is sent as before."""
