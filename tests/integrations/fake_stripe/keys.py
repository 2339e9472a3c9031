"""Idempotency keys, as Stripe honours them."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Any

from tests.integrations.fake_stripe.errors import StripeAnswer


@dataclass(slots=True)
class Remembered:
    """What was asked under a key, and what was answered; no status yet: it is under way."""

    asked: tuple[str, str]
    status: int | None = None
    body: Any = None


class KeyRing:
    """The keys that were used."""

    def __init__(self) -> None:
        self._remembered: dict[str, Remembered] = {}
        self._lock = Lock()

    def begin(self, key: str, asked: tuple[str, str]) -> Remembered | None:
        """Return what was answered under the key, or None for a key that is begun now.

        Raises:
            StripeAnswer: it was used for something else, or is being used at this moment.
        """
        with self._lock:
            known = self._remembered.get(key)
            if known is None:
                self._remembered[key] = Remembered(asked)
                return None
        if known.asked != asked:
            raise StripeAnswer(
                "Keys for idempotent requests can only be used with the same parameters they were first "
                f"used with. Try using a key other than '{key}' if you meant to execute a different request.",
                kind="idempotency_error",
            )
        if known.status is None:
            raise StripeAnswer(
                "There is currently another in-progress request using this Idempotent Key.",
                status=409,
                kind="idempotency_error",
                code="idempotency_key_in_use",
            )
        return known

    def keep(self, key: str, status: int, body: Any) -> None:
        """Remember an answer."""
        with self._lock:
            self._remembered[key].status, self._remembered[key].body = status, body

    def forget(self, key: str) -> None:
        """Forget a key: nothing was begun under it, or a day has passed."""
        with self._lock:
            self._remembered.pop(key, None)

    def forget_all(self) -> None:
        """Forget all keys, as Stripe does after a day."""
        with self._lock:
            self._remembered.clear()
