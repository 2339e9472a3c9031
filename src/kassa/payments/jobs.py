"""The names of the jobs of payments, and the way to ask for them."""

from __future__ import annotations

from kassa.core.jobs import defer, defer_on_commit

__all__ = [
    "CLOSE_ATTEMPTS",
    "PROVIDERS_QUEUE",
    "REFUND_EVENT",
    "SEND_REFUNDS",
    "SETTLE",
    "defer",
    "defer_on_commit",
]

PROVIDERS_QUEUE = "providers"
"""Jobs that wait for providers run apart from all others, so that a slow one keeps nobody else waiting."""
SETTLE = "kassa.settle_webhooks"
SEND_REFUNDS = "kassa.send_refunds"
CLOSE_ATTEMPTS = "kassa.close_ended_attempts"
REFUND_EVENT = "kassa.refund_event"
