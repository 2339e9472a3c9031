"""How the demo bank signs its webhooks, and how that is checked."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

from kassa.core.signatures import secret_keys
from kassa.payments.providers.protocol import WebhookRefused

HEADER = "demo-signature"
TOLERANCE = timedelta(minutes=5)
"""How far a message's time may lie from ours, either way."""
SIGNATURE = re.compile(r"t=([0-9]{1,10}),v1=([0-9a-f]{64})")


def sign(organization_id: UUID, body: bytes, *, now: datetime) -> str:
    """Return the header's value for a message that is sent now."""
    moment = str(int(now.timestamp()))
    return f"t={moment},v1={_digest(organization_id, moment, body, secret_keys()[0])}"


def check_signature(organization_id: UUID, header: str | None, body: bytes, *, now: datetime) -> None:
    """Check that the demo bank has sent this body to the organisation within the last minutes.

    Raises:
        WebhookRefused: it has not; the details say whether it is the signature or the time.
    """
    found = SIGNATURE.fullmatch(header or "")
    if found is None:
        raise WebhookRefused(f"The header '{HEADER}' is missing or not of the form 't=…,v1=…'.")
    moment, digest = found.groups()
    expected = [_digest(organization_id, moment, body, key) for key in secret_keys()]
    if not any(hmac.compare_digest(digest, one) for one in expected):
        raise WebhookRefused("The signature does not fit the message.")
    if abs(now - datetime.fromtimestamp(int(moment), tz=UTC)) > TOLERANCE:
        raise WebhookRefused("The message was not sent within the last five minutes.")


def _digest(organization_id: UUID, moment: str, body: bytes, key: str) -> str:
    # Each organisation has a secret of its own: what is signed for one is nothing to another.
    secret = hmac.digest(key.encode(), b"kassa.demo_bank.webhooks:" + organization_id.bytes, hashlib.sha256)
    return hmac.new(secret, moment.encode() + b"." + body, hashlib.sha256).hexdigest()
