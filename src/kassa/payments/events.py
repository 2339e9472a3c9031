"""What is told of attempts to pay, of money that comes in and goes back, and of disputes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, NotRequired, TypedDict

from kassa.core.event_types import Amount, Id, Moment, Topic, event_type
from kassa.core.permissions import Permission
from kassa.payments.enums import AttemptStatus, DisputeStatus, RefundKind, RefundStatus

money_event_type = partial(event_type, permission=Permission.PAYMENT_READ, topic=Topic.ORDERS, key="order")


class AttemptLinks(TypedDict):
    order: str
    payments: str
    retry: str


@dataclass(frozen=True, slots=True)
class AttemptData:
    """One try to pay; the token of a secret link to come back to is hidden."""

    id: Id
    order: Id
    number: int
    provider: str
    provider_reference: str | None
    payment_reference: str | None
    status: AttemptStatus
    amount: Amount
    currency: str
    checkout_url: str | None
    instructions: dict[str, Any] | None
    return_url: str
    cancel_url: str
    expires_at: Moment | None
    error: str | None
    created_at: Moment
    updated_at: Moment
    links: AttemptLinks


@dataclass(frozen=True, slots=True)
class PaymentData:
    """A sum that came in, and what became of it."""

    id: Id
    order: Id
    attempt: Id | None
    provider: str
    method: str
    provider_reference: str
    amount: Amount
    refunded_amount: Amount
    disputed_amount: Amount
    gateway_fee: Amount | None
    platform_fee: Amount
    currency: str
    received_at: Moment
    outcome: str


class RefundLineData(TypedDict):
    what: str
    label: str
    amount: Amount
    ticket: NotRequired[Id]
    item: NotRequired[Id]
    quantity: NotRequired[int]
    restocked: NotRequired[bool]


class RefundPartData(TypedDict):
    id: Id
    payment: Id
    provider: str
    amount: Amount
    status: str
    by_hand: bool
    provider_reference: str | None
    error: str
    completed_at: Moment | None


@dataclass(frozen=True, slots=True)
class RefundData:
    """What is given back and why, and how far each part of it has come."""

    id: Id
    order: Id
    kind: RefundKind
    status: RefundStatus
    amount: Amount
    currency: str
    lines: list[RefundLineData]
    reason: str
    parts: list[RefundPartData]
    created_at: Moment
    completed_at: Moment | None


@dataclass(frozen=True, slots=True)
class DisputeData:
    """A chargeback."""

    id: Id
    order: Id
    payment: Id
    provider: str
    provider_reference: str
    status: DisputeStatus
    amount: Amount
    fee: Amount
    currency: str
    reason: str
    opened_at: Moment
    closed_at: Moment | None


@money_event_type("payment.opened", subject="payments")
class PaymentOpened(AttemptData):
    """An attempt can be paid."""


@money_event_type("payment.failed", subject="payments")
class PaymentFailed(AttemptData):
    """An attempt was declined."""


@money_event_type("payment.cancelled", subject="payments")
class PaymentCancelled(AttemptData):
    """An attempt was ended before it was paid."""


@money_event_type("payment.expired", subject="payments")
class PaymentExpired(AttemptData):
    """An attempt was not paid in time."""


@money_event_type("payment.confirmed", subject="payments")
class PaymentConfirmed(PaymentData):
    """A sum has arrived and confirms its order."""


@money_event_type("payment.received", subject="payments")
class PaymentReceived(PaymentData):
    """A sum has arrived that waits for the rest, or goes back."""


@money_event_type("refund.requested", subject="refunds")
class RefundRequested(RefundData):
    """Money was promised back."""


@money_event_type("refund.refused", subject="refunds")
class RefundRefused(RefundData):
    """The provider said no; it is tried again."""


@money_event_type("refund.returned", subject="refunds")
class RefundReturned(RefundData):
    """The money came back to the provider, such as from a closed card."""


@money_event_type("refund.completed", subject="refunds")
class RefundCompleted(RefundData):
    """The money is back."""


@money_event_type("dispute.open", subject="disputes")
class DisputeOpened(DisputeData):
    """A buyer's bank has taken money back."""


@money_event_type("dispute.won", subject="disputes")
class DisputeWon(DisputeData):
    """It has come back to the organisation."""


@money_event_type("dispute.lost", subject="disputes")
class DisputeLost(DisputeData):
    """The buyer keeps it."""
