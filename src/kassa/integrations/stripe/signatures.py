"""The signature of a webhook: made by Stripe, over exactly this body, not long ago."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import stripe

from kassa.payments.providers.protocol import WebhookRefused

TOLERANCE_SECONDS = 300
"""How far the clock of the signature may be from ours, in either direction."""


def check_signature(
    *, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime
) -> None:
    """Check that one of the secrets has signed the body, within five minutes of `now`.

    Raises:
        WebhookRefused: it has not.
    """
    header = headers.get("stripe-signature", "")
    if not any(_is_signed(header, body, secret) for secret in secrets):
        raise WebhookRefused("The signature of the webhook is not valid.")
    if abs(now.timestamp() - _signed_at(header)) > TOLERANCE_SECONDS:
        raise WebhookRefused("The webhook was signed more than five minutes from now. Check the clock.")


def _is_signed(header: str, body: bytes, secret: str) -> bool:
    try:
        # Without a tolerance the SDK leaves the clock alone: it would ask the system's, and allow the future.
        return bool(stripe.WebhookSignature.verify_header(body, header, secret, tolerance=None))
    except (stripe.SignatureVerificationError, ValueError, TypeError):
        # A body that is no text, or a signature that is no ASCII, breaks the SDK's own comparison.
        return False


def _signed_at(header: str) -> int:
    """Return the moment that was signed: the first `t=`, as the SDK reads it."""
    stamps = (item[2:] for item in header.split(",") if item.startswith("t="))
    try:
        return int(next(stamps))
    except (StopIteration, ValueError):
        raise WebhookRefused("The signature of the webhook names no moment.") from None
