"""What a buyer asks for, as the sale takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kassa.core.actor import Actor
from kassa.core.email_addresses import email_key


@dataclass(frozen=True, slots=True)
class RequestedLine:
    """So many of one ticket type or product."""

    item_id: UUID
    is_product: bool
    quantity: int
    seat_ids: tuple[UUID, ...] = ()
    best_available: bool = False
    attendees: tuple[Mapping[str, Any], ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """The client's own, kept with the order's item."""


@dataclass(frozen=True, slots=True)
class Customer:
    """Who buys. Without a user or a reference it is a guest, known by the e-mail address."""

    email: str
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    address: Mapping[str, Any] | None = None
    marketing: bool = False
    language: str | None = None
    """None: the organisation's."""
    user_id: UUID | None = None
    reference: str | None = None

    @property
    def is_guest(self) -> bool:
        return self.user_id is None and self.reference is None

    @property
    def key(self) -> str:
        """Return what makes two orders those of one customer."""
        if self.user_id is not None:
            return f"user:{self.user_id}"
        if self.reference is not None:
            return f"reference:{self.reference}"
        return f"email:{email_key(self.email)}"


@dataclass(frozen=True, slots=True)
class CartHold:
    """What a cart holds, as it was when the order was made from it."""

    id: UUID
    version: datetime
    """``updated_at``: a cart changed meanwhile is not converted."""
    held: Mapping[UUID, int]
    """Places by quota."""
    seat_ids: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """One order to be placed."""

    actor: Actor
    lines: tuple[RequestedLine, ...]
    customer: Customer
    idempotency_key: str
    fingerprint: bytes
    coupon_code: str | None = None
    shipping_address: Mapping[str, Any] | None = None
    billing_address: Mapping[str, Any] | None = None
    notes: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    """To questions that are asked once for the order, by key."""
    cart: CartHold | None = None
    """The cart it is made from, whose places it takes over. None: it is placed directly."""
    expected_total: Decimal | None = None
    """The total the buyer has agreed to, in the order's currency. None: any."""
