"""Errors as Stripe answers them."""

from __future__ import annotations

from typing import Any


class StripeAnswer(Exception):
    """An answer that is an error. `is_kept`: Stripe had begun the work, so the key remembers it."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        is_kept: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.is_kept = is_kept
        self.body: dict[str, Any] = {"error": {"type": kind, "message": message, "code": code}}


def missing(kind: str, identifier: str) -> StripeAnswer:
    """Return the answer for an object that does not exist."""
    return StripeAnswer(f"No such {kind}: '{identifier}'", status=404, code="resource_missing")
