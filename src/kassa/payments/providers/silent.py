"""What providers share that never call back: whatever claims to be their webhook is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from kassa.payments.providers.protocol import Credentials, ProviderEvent, WebhookRefused


class SilentProvider:
    """The part of a provider that has no webhooks."""

    def days_under_way(self, credentials: Credentials) -> int:
        """Return 0: payments arrive at once."""
        return 0

    def organization_of(self, body: bytes) -> UUID | None:
        return None

    def verify_webhook(
        self, credentials: Credentials, *, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> ProviderEvent:
        raise WebhookRefused("This provider sends no webhooks.")

    def read_webhook(self, credentials: Credentials, body: bytes) -> ProviderEvent:
        raise ValueError("This provider sends no webhooks.")
