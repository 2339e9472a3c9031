"""What becomes of an order request."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kassa.core.errors import KassaError


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that is in the books."""

    order_id: UUID
    document: bytes
    """The whole order as JSON."""
    replayed: bool = False
    """It was placed before, under the same idempotency key."""


Outcome = Placed | KassaError
"""What became of a request: refusals are values, so that none sinks its neighbours."""
