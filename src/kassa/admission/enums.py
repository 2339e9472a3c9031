"""Who is let in how often, and what a scan at the door can come to."""

from __future__ import annotations

from django.db import models

ENTRANCE = "entrance"
"""The area of a list that names none. Who is let in there has used their ticket."""


class EntryRule(models.TextChoices):
    """How often one ticket lets somebody in."""

    ONCE = "once"
    AFTER_EXIT = "after_exit"
    """Again after each exit that was scanned."""
    UNLIMITED = "unlimited"


class ScanKind(models.TextChoices):
    ENTRY = "entry"
    EXIT = "exit"
    UNDO = "undo"
    """Takes back the last entry or exit that counts."""


class ScanResult(models.TextChoices):
    """The answer to a scan; of these only ``valid`` and ``undone`` can change who is in."""

    VALID = "valid"
    ALREADY_USED = "already_used"
    NOT_INSIDE = "not_inside"
    """An exit of somebody who is not in."""
    NO_EXITS = "no_exits"
    """An exit where the list does not count them."""
    WRONG_EVENT = "wrong_event"
    WRONG_TICKET_TYPE = "wrong_ticket_type"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"
    """The ticket, its order or its event."""
    EXPIRED = "expired"
    TRANSFERRED = "transferred"
    """A code from before the ticket went to another person."""
    REISSUED = "reissued"
    """A code from before the ticket was replaced."""
    UNPAID = "unpaid"
    BLOCKED = "blocked"
    """By staff, or because its payment is disputed."""
    UNKNOWN = "unknown"
    FORGED = "forged"
    KEY_REVOKED = "key_revoked"
    UNKNOWN_LIST = "unknown_list"
    """Scanned without a network for a list that there is not, or not for this device any more."""
    UNDONE = "undone"


class DeviceStatus(models.TextChoices):
    AWAITING = "awaiting"
    """It has not been enrolled yet."""
    ACTIVE = "active"
    REVOKED = "revoked"
