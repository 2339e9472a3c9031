"""The public keys of a Clerk instance, fetched when they are needed and kept by the process."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import jwt
import requests

from kassa.integrations.clerk.errors import ClerkAway

KEPT_SECONDS = 3600.0
"""How long keys are believed before they are asked for again."""
STALE_SECONDS = 24 * 3600.0
"""How long they are still good while Clerk does not answer."""
PAUSE_SECONDS = 10.0
"""So often at most is Clerk asked, whatever keys tokens name: anybody can make up a name."""
TIMEOUT_SECONDS = 3.0
MOST_BYTES = 256 * 1024


@dataclass
class KeyRing:
    """The keys of one issuer, by their names."""

    address: str
    _keys: dict[str, jwt.PyJWK] = field(default_factory=dict)
    _fetched_at: float = float("-inf")
    _asked_at: float = float("-inf")
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def key(self, name: str) -> jwt.PyJWK | None:
        """Return a key. None: the issuer has none of that name.

        Raises:
            ClerkAway: the keys are too old, and Clerk does not answer.
        """
        with self._lock:
            now = time.monotonic()
            is_fresh = now - self._fetched_at < KEPT_SECONDS
            if (not is_fresh or name not in self._keys) and now - self._asked_at >= PAUSE_SECONDS:
                self._asked_at = now
                self._ask(now)
            if time.monotonic() - self._fetched_at >= STALE_SECONDS:
                raise ClerkAway
            return self._keys.get(name)

    def _ask(self, now: float) -> None:
        """Fetch the keys anew; what cannot be fetched or read leaves those there are."""
        try:
            with requests.get(
                self.address, timeout=TIMEOUT_SECONDS, stream=True, allow_redirects=False
            ) as answer:
                answer.raise_for_status()
                body = answer.raw.read(MOST_BYTES + 1, decode_content=True)
            if len(body) > MOST_BYTES:
                return
            self._keys = _read(jwt.PyJWKSet.from_json(body.decode()))
        except (requests.RequestException, OSError, ValueError, jwt.PyJWTError):
            return
        self._fetched_at = now


def _read(keys: Any) -> dict[str, jwt.PyJWK]:
    return {key.key_id: key for key in keys.keys if key.key_id and key.key_type == "RSA"}


_rings: dict[str, KeyRing] = {}


def keys_of(issuer: str) -> KeyRing:
    """Return the keys of an issuer, which the process keeps."""
    return _rings.setdefault(issuer, KeyRing(f"{issuer}/.well-known/jwks.json"))


def forget_keys() -> None:
    """Drop what this process keeps."""
    _rings.clear()
