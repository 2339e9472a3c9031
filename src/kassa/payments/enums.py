"""The states of attempts, refunds, disputes, payouts and webhooks, and the legal moves as data."""

from __future__ import annotations

from django.db import models


class AttemptStatus(models.TextChoices):
    """One try to pay an order (order-drafts.md: payment attempts)."""

    OPENING = "opening"
    """Written here, not yet known to exist at the provider."""
    OPEN = "open"
    PROCESSING = "processing"
    """The buyer has done their part; the bank has not answered yet."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


_A = AttemptStatus

LIVE_ATTEMPTS: tuple[AttemptStatus, ...] = (_A.OPENING, _A.OPEN, _A.PROCESSING)
"""The states in which the buyer may still pay by it; an order has one such attempt at most."""

ATTEMPT_MOVES: dict[AttemptStatus, frozenset[AttemptStatus]] = {
    _A.OPENING: frozenset({_A.OPEN, _A.PROCESSING, _A.SUCCEEDED, _A.FAILED, _A.CANCELLED, _A.EXPIRED}),
    _A.OPEN: frozenset({_A.PROCESSING, _A.SUCCEEDED, _A.FAILED, _A.CANCELLED, _A.EXPIRED}),
    _A.PROCESSING: frozenset({_A.SUCCEEDED, _A.FAILED, _A.CANCELLED, _A.EXPIRED}),
    _A.SUCCEEDED: frozenset(),
    # Money is the last word: what was given up here may still have been paid there.
    _A.FAILED: frozenset({_A.SUCCEEDED}),
    _A.CANCELLED: frozenset({_A.SUCCEEDED}),
    _A.EXPIRED: frozenset({_A.SUCCEEDED}),
}
"""Which status an attempt may take from which."""


class RefundKind(models.TextChoices):
    """What a refund is for."""

    TICKETS = "tickets"
    """Tickets, and perhaps goods with them."""
    GOODS = "goods"
    AMOUNT = "amount"
    EVERYTHING = "everything"
    CANCELLATION = "cancellation"
    LATE = "late"
    """The payment came after the order had ended and its places were gone, or was not all until it ended."""
    SURPLUS = "surplus"
    """More was paid than the order costs."""


SURPLUS_KINDS: tuple[RefundKind, ...] = (RefundKind.LATE, RefundKind.SURPLUS)
"""Refunds of money that never paid for anything: they leave the order as it is."""


class RefundStatus(models.TextChoices):
    """A refund is pending until the last cent is back; it is never given up by itself."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"


class WhyKept(models.TextChoices):
    """Why a buyer cannot give something back by themselves."""

    DISABLED = "disabled"
    """The organisation does not let buyers do so."""
    TOO_LATE = "too_late"
    USED = "used"
    GIVEN_AWAY = "given_away"
    BLOCKED = "blocked"
    FROZEN = "frozen"
    EVENT_CANCELLED = "event_cancelled"
    """The organiser gives it back, and in full."""
    OVER = "over"
    """It was given back already, or never became valid."""
    PAID = "paid"
    """The order is paid: its tickets are given back, it is not cancelled."""


class DisputeStatus(models.TextChoices):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class PayoutStatus(models.TextChoices):
    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"


class TransactionType(models.TextChoices):
    """event-platform.md, Transaction."""

    PURCHASE = "purchase"
    REFUND = "refund"
    CHARGEBACK = "chargeback"
    PAYOUT = "payout"


class TransactionStatus(models.TextChoices):
    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class WebhookStatus(models.TextChoices):
    RECEIVED = "received"
    SETTLED = "settled"
    IGNORED = "ignored"
    """It tells nothing that Kassa acts on."""
    DEAD = "dead"
    """It could not be settled; staff look at it and replay it."""


class EventRefundStatus(models.TextChoices):
    RUNNING = "running"
    DONE = "done"


class Account(models.TextChoices):
    """The accounts of the ledger. A positive amount is a debit, a negative one a credit."""

    PROVIDER = "provider"
    """Money that lies at a payment provider, or on the bank account for transfers."""
    CUSTOMER = "customer"
    """What buyers have paid and got nothing for yet."""
    SALES = "sales"
    """What has been sold, less what was given back."""
    REFUNDS_DUE = "refunds_due"
    """Promised to buyers, not yet with them."""
    DISPUTES = "disputes"
    """Taken back by a buyer's bank, not yet decided."""
    GATEWAY_FEES = "gateway_fees"
    PLATFORM_FEES = "platform_fees"
    BANK = "bank"
    """Paid out to the organiser."""


class PostingKind(models.TextChoices):
    """Why entries were made; the entries of one posting add up to zero."""

    PAYMENT_RECEIVED = "payment_received"
    ORDER_CONFIRMED = "order_confirmed"
    FEES_CHARGED = "fees_charged"
    REFUND_PROMISED = "refund_promised"
    REFUND_PAID = "refund_paid"
    REFUND_RETURNED = "refund_returned"
    """What had been paid back came back to the provider: the buyer's card is closed, for instance."""
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_WON = "dispute_won"
    DISPUTE_LOST = "dispute_lost"
    PAYOUT_SENT = "payout_sent"
    PAYOUT_RETURNED = "payout_returned"
