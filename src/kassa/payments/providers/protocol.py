"""What Kassa asks of a payment provider. Whatever fits this can be registered, without a change here.

A provider knows nothing of Kassa's tables: it is given values and returns values. Its calls are made
outside any database transaction and end within ``CALL_SECONDS``; a call that can be repeated carries a
key of ours, under which the provider does the same thing once. Amounts are decimals of the currency;
providers that want minor units turn them into those at their border.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from kassa.core.errors import KassaError

CALL_SECONDS = 8.0
"""How long one call to a provider may take; what comes later counts as not known."""


class ProviderUnreachable(Exception):
    """The provider did not answer, or not sensibly: whether it did what was asked is not known."""


class ProviderRefused(Exception):
    """The provider said no, for good; the text is fit for staff to read."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class WebhookRefused(KassaError):
    """The webhook is not signed by the provider with the organisation's secret, or too long ago."""

    code = "webhook_refused"
    status = 400
    title = "The webhook is not accepted"


class PaymentState(StrEnum):
    """How an attempt stands at the provider."""

    OPEN = "open"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    """The provider has never heard of it."""


class RefundState(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    REFUSED = "refused"


class DisputeState(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class PayoutState(StrEnum):
    PAID = "paid"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Credentials:
    """An organisation's account at the provider."""

    organization_id: UUID
    configuration: Mapping[str, Any]
    secrets: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """What to open an attempt with. ``key`` is the attempt's id: the same key opens it once."""

    key: UUID
    order_id: UUID
    order_number: str
    amount: Decimal
    currency: str
    platform_fee: Decimal
    """What whoever runs Kassa keeps of it, where the provider can split payments."""
    description: str
    customer_email: str
    return_url: str
    cancel_url: str
    holds_until: datetime | None
    """Until when the order holds its places. None: for good."""
    now: datetime
    begins_at: datetime | None = None
    """When the first of what is paid begins, on the clock of its place. None: nothing of it has a date."""
    zone: tzinfo = UTC
    """The clock on which the buyer reads the days of the order."""
    language: str = ""
    """What the buyer reads, such as ``fr``; empty: nobody knows."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An attempt as the provider has opened it."""

    reference: str
    """The provider's own id of the attempt."""
    checkout_url: str = ""
    """Where the buyer pays; empty: nowhere."""
    instructions: Mapping[str, Any] | None = None
    """What the buyer has to do instead, such as a transfer."""
    expires_at: datetime | None = None
    """When the provider ends it by itself. None: never."""
    holds_until: datetime | None = None
    """Until when the order should keep its places for it. None: no longer than it does."""
    is_paid: bool = False
    """There was nothing to pay."""


@dataclass(frozen=True, slots=True)
class PaymentSeen:
    """An attempt as it stands at the provider. None: the provider does not say."""

    state: PaymentState
    reference: str
    """The provider's own id of the attempt; empty when it only names the payment."""
    key: UUID | None = None
    """Our own id of the attempt, as we gave it."""
    payment_reference: str | None = None
    """The provider's own id of the payment."""
    amount: Decimal | None = None
    currency: str | None = None
    method: str = ""
    gateway_fee: Decimal | None = None
    error: str = ""
    """What went wrong, in words that a buyer may read."""


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """What to give back. ``key`` is stable: the same key gives back once."""

    key: str
    refund_part_id: UUID
    payment_reference: str
    amount: Decimal
    currency: str
    reason: str


@dataclass(frozen=True, slots=True)
class RefundSeen:
    """A refund as it stands at the provider."""

    state: RefundState
    reference: str
    key: UUID | None = None
    """Our own id of the part of a refund, as we gave it."""
    payment_reference: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class DisputeSeen:
    """A chargeback as it stands at the provider."""

    state: DisputeState
    reference: str
    payment_reference: str
    amount: Decimal
    currency: str
    fee: Decimal = Decimal(0)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PayoutSeen:
    """Money that the provider sent to the organiser's bank, or could not send."""

    state: PayoutState
    reference: str
    amount: Decimal
    currency: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """A webhook, read: what the provider told, in our words. With nothing seen it is ignored."""

    id: str
    type: str
    seen: PaymentSeen | RefundSeen | DisputeSeen | PayoutSeen | None
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """A thing to configure of a provider, for forms and for checking what is given."""

    name: str
    label: str
    is_secret: bool = False
    is_required: bool = False
    help: str = ""


class Provider(Protocol):
    """A payment provider. One object serves all organisations; it keeps no state about them."""

    name: str
    """Short and never changed: it stands in the tables and in the address of the webhook."""
    title: str
    """For people."""
    settings: tuple[Setting, ...]
    """What an organisation has to configure."""
    needs_account: bool
    """False: offered to every organisation without being configured."""
    can_refund: bool
    """False: staff give the money back by hand and say so."""
    needs_urls: bool
    """True: it opens nothing without knowing where to send the buyer back to."""

    def check_configuration(self, credentials: Credentials) -> None:
        """Look at what is configured; raises InvalidInput naming the field that is wrong."""

    def splits_payments(self, credentials: Credentials) -> bool:
        """Say whether the provider can give whoever runs Kassa a part of each payment."""

    def days_under_way(self, credentials: Credentials) -> int:
        """Return how many days a payment takes to arrive; 0: it arrives at once.

        Payments that would arrive after what is paid has begun are not opened.
        """

    def open(self, credentials: Credentials, request: PaymentRequest) -> Opened:
        """Open an attempt, or return the one that was opened under the same key.

        Raises:
            ProviderRefused: it cannot be opened, and would not be if asked again.
            ProviderUnreachable: it is not known whether it was opened.
        """

    def look_up(self, credentials: Credentials, reference: str) -> PaymentSeen:
        """Say how an attempt stands; ``PaymentState.UNKNOWN`` if there is none.

        Raises:
            ProviderUnreachable: it is not known.
        """

    def close(self, credentials: Credentials, reference: str) -> PaymentSeen:
        """End an attempt so that it cannot be paid any more, and say how it stands then.

        One that was paid meanwhile stays paid.

        Raises:
            ProviderUnreachable: it is not known.
        """

    def refund(self, credentials: Credentials, request: RefundRequest) -> RefundSeen:
        """Give money back; the same key never gives back twice. A refusal is a state, not an error.

        Raises:
            ProviderUnreachable: it is not known whether it was done.
        """

    def look_up_refund(self, credentials: Credentials, reference: str) -> RefundSeen:
        """Say how a refund stands.

        Raises:
            ProviderUnreachable: it is not known.
        """

    def organization_of(self, body: bytes) -> UUID | None:
        """Return the organisation that a webhook claims to be for, unverified; None if it names none."""

    def verify_webhook(
        self, credentials: Credentials, *, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> ProviderEvent:
        """Check who sent a webhook and when (header names are lower case), and read it.

        Raises:
            WebhookRefused: the signature is not valid, or the message is older than five minutes.
        """

    def read_webhook(self, credentials: Credentials, body: bytes) -> ProviderEvent:
        """Read a webhook that was verified when it came. Raises ValueError if it cannot be read."""
