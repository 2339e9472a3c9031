"""Webhooks: signed as Stripe signs them, delivered when and as often as a test wants."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import time
from typing import Any
from urllib.parse import urlsplit


def signed(
    event: dict[str, Any] | bytes, *, secret: str, at: float | None = None
) -> tuple[dict[str, str], bytes]:
    """Return the headers, with lower-case names, and the body of a webhook."""
    body = event if isinstance(event, bytes) else json.dumps(event, indent=2).encode()
    stamp = int(time.time() if at is None else at)
    mark = hmac.new(secret.encode(), b"%d." % stamp + body, hashlib.sha256).hexdigest()
    return {"stripe-signature": f"t={stamp},v1={mark}", "content-type": "application/json"}, body


def post(url: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    """Deliver a webhook; returns the status and the body of the answer."""
    parsed = urlsplit(url)
    connection = http.client.HTTPConnection(parsed.hostname or "", parsed.port, timeout=10)
    try:
        connection.request("POST", parsed.path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
