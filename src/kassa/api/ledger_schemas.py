"""The shapes of the books, of what providers told, and of what they paid out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Schema
from pydantic import AfterValidator

from kassa.api.inputs import Sum, check_keepable
from kassa.api.payment_schemas import ProviderName, Reason
from kassa.api.schemas import Currency, Input, Text, example
from kassa.payments.enums import (
    Account,
    EventRefundStatus,
    PayoutStatus,
    PostingKind,
    TransactionStatus,
    TransactionType,
    WebhookStatus,
)

MAX_CONFIGURATION_BYTES = 20_000


def _small(configuration: dict[str, Any]) -> dict[str, Any]:
    return check_keepable(configuration, max_bytes=MAX_CONFIGURATION_BYTES)


class TransactionOut(Schema):
    """One movement of money."""

    id: UUID
    type: TransactionType
    status: TransactionStatus
    order: UUID | None = Field(description="Null: a payout.")
    user: UUID | None
    payment: UUID | None
    refund_part: UUID | None
    dispute: UUID | None
    payout: UUID | None
    amount: str
    currency: str
    payment_method: str
    payment_method_id: str = Field(description="The provider's own id of what moved.")
    payment_intent_id: str | None = Field(description="The provider's own id of the payment.")
    gateway_fee: str | None
    platform_fee: str | None
    metadata: dict[str, Any]
    error_message: str
    created_at: datetime
    updated_at: datetime


class BalanceOut(Schema):
    account: Account
    provider: str = Field(description="Which one, for the account `provider`; empty elsewhere.")
    currency: str
    balance: str = Field(description="Positive: debit. Negative: credit.", examples=["45.00"])


class EntryOut(Schema):
    account: Account
    provider: str
    amount: str = Field(description="Positive: debit. Negative: credit.")


class PostingOut(Schema):
    """Entries that belong together; they add up to zero."""

    id: UUID
    kind: PostingKind
    transaction: UUID | None
    currency: str
    created_at: datetime
    entries: list[EntryOut]


class WebhookEventOut(Schema):
    """What a provider told."""

    id: UUID
    provider: str
    provider_event_id: str
    type: str = Field(description="As the provider calls it.")
    status: WebhookStatus
    tries: int
    next_try_at: datetime
    outcome: str = Field(description="What settling it did, or why it could not be settled.")
    error: str
    order: UUID | None
    received_at: datetime
    settled_at: datetime | None


class WebhookEventWithBodyOut(WebhookEventOut):
    body: str = Field(description="As the provider sent it.")


class SettingOut(Schema):
    name: str
    label: str
    is_secret: bool
    is_required: bool
    help: str


class ProviderOut(Schema):
    """A payment provider, and how it is set up here. Secrets are never shown."""

    name: str
    title: str
    needs_account: bool
    can_refund: bool = Field(description="False: staff give money back by hand.")
    is_offered: bool = Field(description="A payment can be opened there now.")
    is_configured: bool
    is_enabled: bool
    configuration: dict[str, Any]
    secrets_set: list[str] = Field(description="The names of the secrets that are set.")
    settings: list[SettingOut]
    webhook_url: str = Field(description="Where the provider is to send its webhooks.")
    updated_at: datetime | None


class ProvidersOut(Schema):
    items: list[ProviderOut]


class ProviderIn(Input):
    model_config = example(configuration={"account_holder": "Harbour Hall", "iban": "DE89370400440532013000"})

    is_enabled: bool = Field(True, description="False: no new payment; what is under way is looked after.")
    configuration: Annotated[dict[str, Any], AfterValidator(_small)] = Field(
        default_factory=dict, description="Replaces what was set."
    )
    secrets: dict[str, Text] = Field(
        default_factory=dict, description="Fields left out stay; an empty text removes one."
    )


class PayoutOut(Schema):
    """Money that a provider has sent to the organisation's bank account."""

    id: UUID
    provider: str
    provider_reference: str
    status: PayoutStatus
    amount: str
    gateway_fee: str = Field(description="What the provider has kept since the payout before.")
    platform_fee: str
    currency: str
    error: str
    created_at: datetime
    paid_at: datetime | None


class PayoutIn(Input):
    model_config = example(provider="demo", currency="EUR", reference="June 2027")

    provider: ProviderName
    currency: Currency
    reference: Text = Field(min_length=1, max_length=200, description="It is booked once.")
    amount: Sum | None = Field(None, description="All that the provider holds, unless given.")


class EventRefundIn(Input):
    model_config = example(reason="The concert is cancelled.")

    reason: Reason = ""


class EventRefundProblemOut(Schema):
    order: UUID
    number: str
    code: str
    detail: str


class EventRefundOut(Schema):
    """The refund of all that was sold for a cancelled event, and how far it has come."""

    id: UUID
    event: UUID
    status: EventRefundStatus
    reason: str
    orders_total: int
    orders_done: int
    orders_failed: int = Field(description="Orders that could not be refunded.")
    problems: list[EventRefundProblemOut] = Field(description="Why, for the first thousand of them.")
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None
