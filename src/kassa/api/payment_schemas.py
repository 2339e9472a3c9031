"""The shapes of payments and refunds: what is asked for, and what is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Schema

from kassa.api.inputs import Moment, Sum
from kassa.api.schemas import Currency, Input, Text, example
from kassa.core.fields import WEB_ADDRESS
from kassa.orders.enums import PaymentStatus
from kassa.payments.domain.receipts.incoming_payment import PaymentOutcome
from kassa.payments.enums import AttemptStatus, DisputeStatus, RefundKind, RefundStatus

PageUrl = Annotated[Text, Field(max_length=2000, pattern=f"^$|{WEB_ADDRESS}")]
ProviderName = Annotated[Text, Field(min_length=1, max_length=40, examples=["demo"])]
Reason = Annotated[Text, Field(max_length=1000)]


class PaymentIn(Input):
    model_config = example(
        provider="demo",
        return_url="https://shop.example/thanks",
        cancel_url="https://shop.example/basket",
    )

    provider: ProviderName
    return_url: PageUrl = Field("", description="Where the buyer comes back to. Not needed for transfers.")
    cancel_url: PageUrl = Field("", description="Where the buyer comes back to after giving up.")


class RetryIn(Input):
    """What is to be otherwise than the last time; what is left out stays."""

    model_config = example(provider="manual")

    provider: ProviderName | None = None
    return_url: PageUrl | None = None
    cancel_url: PageUrl | None = None


class ReceiptIn(Input):
    model_config = example(amount="45.00", currency="EUR", reference="Statement 2027-06-12, line 4")

    amount: Sum
    currency: Currency
    reference: Text = Field(
        min_length=1, max_length=200, description="Yours, of its own for each sum: it is booked once."
    )
    received_at: Moment | None = Field(None, description="Now, unless given.")


class AttemptLinksOut(Schema):
    order: str
    payments: str
    retry: str


class AttemptOut(Schema):
    """One try to pay."""

    id: UUID
    order: UUID
    number: int = Field(description="The order's how manyth attempt.")
    provider: str
    provider_reference: str | None = Field(
        description="The provider's own id of it, such as that of a Checkout Session. Null: not yet known."
    )
    payment_reference: str | None = Field(
        description="The provider's own id of the payment it became. Null: it has become none."
    )
    status: AttemptStatus
    amount: str
    currency: str
    checkout_url: str | None = Field(description="Send the buyer there. Null: nowhere.")
    instructions: dict[str, Any] | None = Field(description="What the buyer has to do, for a transfer.")
    return_url: str
    cancel_url: str
    expires_at: datetime | None = Field(description="When it ends by itself. Null: never.")
    error: str = Field(description="The last failure, in words that a buyer may read.")
    created_at: datetime
    updated_at: datetime
    links: AttemptLinksOut


class ReceivedOut(Schema):
    """A sum that came in."""

    id: UUID
    order: UUID
    attempt: UUID | None
    provider: str
    method: str
    provider_reference: str
    amount: str
    refunded_amount: str = Field(description="Given back, or promised to be.")
    disputed_amount: str
    gateway_fee: str | None = Field(description="What the provider kept. Null: it has not said yet.")
    platform_fee: str
    currency: str
    received_at: datetime


class RefundLineOut(Schema):
    what: str = Field(examples=["ticket"])
    label: str
    amount: str
    ticket: UUID | None = None
    item: UUID | None = Field(None, description="Of goods: their item of the order.")
    quantity: int | None = Field(None, description="Of goods: how many pieces.")
    restocked: bool | None = Field(None, description="Of goods: whether these pieces are in stock again.")


class RefundPartOut(Schema):
    id: UUID
    payment: UUID
    provider: str
    amount: str
    status: RefundStatus
    by_hand: bool = Field(description="It waits for staff, who send it back and say so.")
    provider_reference: str | None
    error: str = Field(description="Why the last try failed.")
    completed_at: datetime | None


class RefundOut(Schema):
    """Money that goes back. Pending until the last part of it is with the buyer."""

    id: UUID
    order: UUID
    kind: RefundKind
    status: RefundStatus
    amount: str
    currency: str
    lines: list[RefundLineOut] = Field(description="They add up to `amount`.")
    reason: str
    parts: list[RefundPartOut] = Field(description="One for each payment that it goes back to.")
    created_at: datetime
    completed_at: datetime | None


class DisputeOut(Schema):
    """A chargeback: the buyer's bank has taken the money back."""

    id: UUID
    order: UUID
    payment: UUID
    provider: str
    provider_reference: str
    status: DisputeStatus
    amount: str
    fee: str
    currency: str
    reason: str
    opened_at: datetime
    closed_at: datetime | None


class OrderLinkOut(Schema):
    order: str


class PaymentsOut(Schema):
    """All money of an order."""

    order: UUID
    number: str
    currency: str
    payment_status: PaymentStatus
    total: str
    received: str
    outstanding: str = Field(description="The amount still to be paid.")
    refunded: str = Field(description="Back with the buyer.")
    refunding: str = Field(description="Promised back and on its way.")
    attempts: list[AttemptOut]
    payments: list[ReceivedOut]
    refunds: list[RefundOut]
    disputes: list[DisputeOut]
    links: OrderLinkOut


class ReceiptOut(PaymentsOut):
    outcome: PaymentOutcome = Field(description="What became of the sum.")


class GoodsIn(Input):
    """Pieces of one item that go back."""

    model_config = example(item="01935d6e-0000-7000-8000-000000000002", quantity=1, restock=True)

    item: UUID = Field(description="An item of the order, of the kind `merchandise`.")
    quantity: int = Field(ge=1, le=1000, description="At most as many as were bought and not given back yet.")
    restock: bool | None = Field(
        None,
        description="Whether these pieces are in stock again. Null: they are, unless the buyer has them.",
    )


class RefundIn(Input):
    """Tickets and goods, or ``amount``, or ``everything``."""

    model_config = example(tickets=["01935d6e-0000-7000-8000-000000000001"], reason="The buyer cannot come.")

    tickets: list[UUID] | None = Field(None, min_length=1, max_length=1000)
    goods: list[GoodsIn] | None = Field(
        None, min_length=1, max_length=1000, description="By item and quantity; may go with `tickets`."
    )
    amount: Sum | None = None
    everything: bool = False
    reason: Reason = ""
    fees: bool | None = Field(
        None,
        description="Whether the fees go back with tickets or goods. Null: as the organisation's settings "
        "say.",
    )
    shipping: bool | None = Field(None, description="The same for shipping.")
    restock: bool | None = Field(
        None,
        description="Only with `everything`: whether its goods are in stock again. Null: they are, unless "
        "the buyer has them.",
    )
    dry_run: bool = Field(False, description="Only say what would be given back.")


class RefundedTicketOut(Schema):
    ticket: UUID
    amount: str


class RefundedGoodsOut(Schema):
    item: UUID
    quantity: int
    restocked: bool = Field(description="Whether these pieces are in stock again.")
    amount: str


class RefundPreviewOut(Schema):
    """What a refund would give back, and why."""

    dry_run: bool
    order: UUID
    kind: RefundKind
    amount: str
    currency: str
    lines: list[RefundLineOut]
    tickets: list[RefundedTicketOut] = Field(description="The tickets that would be given back.")
    goods: list[RefundedGoodsOut] = Field(description="The goods that would be given back.")
    ends_order: bool = Field(description="Nothing of the order would be left: it would be `refunded`.")


class RefundPaidIn(Input):
    model_config = example(reference="Transfer of 12 June")

    reference: Text = Field("", max_length=200, description="Yours, to find the transfer again.")
