"""The states of the demo bank's payments, refunds and disputes, and how it is told to behave."""

from __future__ import annotations

from django.db import models


class PaymentStatus(models.TextChoices):
    OPEN = "open"
    PROCESSING = "processing"
    """The buyer has pressed the button; what comes of it is known at ``moves_at``."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class RefundStatus(models.TextChoices):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    REFUSED = "refused"


class DisputeStatus(models.TextChoices):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Method(models.TextChoices):
    """What the buyer pays with."""

    CARD = "card"
    WALLET = "wallet"
    BANK_DEBIT = "bank_debit"


class WebhookMode(models.TextChoices):
    """How the webhooks of a payment and of its refunds are sent."""

    AT_ONCE = "at_once"
    TWICE = "twice"
    LATE = "late"
    NEVER = "never"


class Speed(models.TextChoices):
    """How long the bank takes over a payment."""

    AT_ONCE = "at_once"
    SLOW = "slow"


class RefundMode(models.TextChoices):
    """What becomes of a payment's refunds."""

    WORK = "work"
    REFUSED_FIRST = "refused_first"
    """The first try of each is refused, the next one works."""
    PENDING = "pending"
    """Each stays pending for a while, then works."""


class AnswerMode(models.TextChoices):
    """How the bank answers an organisation's calls."""

    WORKS = "works"
    SLOW = "slow"
    DEAD = "dead"
    """It does nothing and does not answer."""
    LOST = "lost"
    """It does what is asked, and its answer never arrives."""
