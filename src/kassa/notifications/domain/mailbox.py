"""The secret address of the page that shows kept messages. Nothing is stored for it."""

from __future__ import annotations

from django.utils.crypto import salted_hmac


def mailbox_secret(secret_key: str) -> str:
    """Return what only those know who know Kassa's own secret."""
    return salted_hmac("kassa.mailbox", "page", secret=secret_key, algorithm="sha256").hexdigest()[:40]


def mailbox_url(base_url: str, *, secret_key: str, transport: str) -> str | None:
    """Return the address of the mailbox page; null where messages are sent instead of kept."""
    if transport != "keep":
        return None
    return f"{base_url.rstrip('/')}/mailbox/{mailbox_secret(secret_key)}/"
