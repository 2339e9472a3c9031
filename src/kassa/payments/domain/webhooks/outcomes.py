"""A message of a provider, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kassa.payments.providers.protocol import PaymentSeen, PaymentState, ProviderEvent


@dataclass(frozen=True, slots=True)
class Settled:
    """All that follows from it was done, or had been done before."""

    outcome: str
    """As a code, for people who look things up."""
    order_id: UUID | None = None
    is_ignored: bool = False
    """It tells nothing that Kassa acts on."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Nothing was done."""

    outcome: str
    error: str
    """Why, in words for staff."""
    is_final: bool
    """Trying again would not help."""
    order_id: UUID | None = None
    may_be_anothers: bool = False
    """It may be about a sale that is not Kassa's: given up in the end, it is ignored instead of dead."""


@dataclass(frozen=True, slots=True)
class ProviderMessage:
    """A stored webhook and what it says."""

    row: Any
    event: ProviderEvent

    @property
    def is_payment(self) -> bool:
        seen = self.event.seen
        return isinstance(seen, PaymentSeen) and seen.state == PaymentState.SUCCEEDED
