"""The shapes of orders: what is asked for, and what is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from ninja import Field, Schema
from pydantic import AfterValidator, model_validator

from kassa.api.inputs import Metadata, check_keepable
from kassa.api.question_schemas import Answers
from kassa.api.schemas import Address, Amount, Email, Input, NameText, Text, example
from kassa.core.languages import Language
from kassa.orders.enums import (
    Approval,
    FulfilmentStatus,
    ItemKind,
    OrderStatus,
    PaymentStatus,
    ScannerKind,
    TicketStatus,
)

MAX_FIELDS_BYTES = 20_000


def small_fields(fields: dict[str, Any]) -> dict[str, Any]:
    return check_keepable(fields, max_bytes=MAX_FIELDS_BYTES)


ExpectedTotal = Annotated[
    Amount | None,
    Field(
        description="The total that the buyer has agreed to. If the order would cost anything else it is "
        "refused with `total_changed`, and nothing is placed. Null: whatever it costs.",
        examples=["90.00"],
    ),
]


class AttendeeIn(Input):
    first_name: NameText | None = Field(None, max_length=120)
    last_name: NameText | None = Field(None, max_length=120)
    email: Email | None = None
    phone: Text | None = Field(None, max_length=40)
    fields: Annotated[dict[str, str | int | bool | None], AfterValidator(small_fields)] | None = Field(
        None, description="Answers by the question's key, and whatever else you keep about the attendee."
    )


class LineIn(Input):
    """So many of one ticket type or one product."""

    ticket_type: UUID | None = None
    product: UUID | None = None
    quantity: int = Field(1, ge=1, le=1000, examples=[2])
    seats: list[UUID] = Field(default_factory=list, max_length=1000, description="One for each place.")
    best_available: bool = Field(False, description="Let Kassa choose: side by side, front first.")
    attendees: list[AttendeeIn] = Field(default_factory=list, max_length=1000)
    metadata: Metadata = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.ticket_type is None) == (self.product is None):
            raise ValueError("Name either a ticket_type or a product.")
        if len(self.attendees) > self.quantity:
            raise ValueError("There are more attendees than places.")
        if self.product is not None and self.attendees:
            raise ValueError("A product has no attendees.")
        return self


class CustomerIn(Input):
    """Who buys. Without `user` or `reference` it is a guest, known by the e-mail address."""

    model_config = example(email="ada@example.com", first_name="Ada", last_name="Lovelace")

    email: Email
    first_name: NameText | None = Field(None, max_length=120, examples=["Ada"])
    last_name: NameText | None = Field(None, max_length=120, examples=["Lovelace"])
    phone: Text | None = Field(None, max_length=40)
    address: Address | None = None
    marketing: bool = Field(False, description="Agrees to be written to about other things.")
    language: Language | None = Field(
        None, description="What messages, tickets and pages speak. Null: the organisation's."
    )
    user: UUID | None = Field(None, description="A user of Kassa.")
    reference: Text | None = Field(
        None, min_length=1, max_length=200, description="The customer's id in your own system."
    )


class OrderIn(Input):
    model_config = example(
        lines=[{"ticket_type": "01935d6e-0000-7000-8000-000000000001", "quantity": 2}],
        customer={"email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace"},
    )

    lines: list[LineIn] = Field(min_length=1, max_length=50)
    customer: CustomerIn
    coupon: Text | None = Field(None, min_length=1, max_length=60, examples=["EARLY10"])
    shipping_address: Address | None = Field(None, description="Needed when something is shipped.")
    billing_address: Address | None = None
    notes: Text | None = Field(None, max_length=2000)
    answers: Answers = Field(default_factory=dict, description="To what is asked once for the order.")
    expected_total: ExpectedTotal = None


class CustomerOut(Schema):
    user: UUID | None
    reference: str | None
    email: str
    first_name: str
    last_name: str
    phone: str
    address: dict[str, Any] | None
    marketing: bool
    language: Language | None


class ItemOut(Schema):
    id: UUID
    kind: ItemKind
    event: UUID | None
    ticket_type: UUID | None
    product: UUID | None
    name: str
    sku: str
    quantity: int
    unit_price: str
    subtotal: str = Field(description="`quantity * unit_price`")
    discount: str
    tax: str = Field(description="Added to the price.")
    included_tax: str
    total: str = Field(description="`subtotal - discount + tax`")
    tax_name: str
    tax_rate: str
    metadata: dict[str, Any] = Field(description="What you sent with the line, or kept with the cart's item.")
    refunded_quantity: int = Field(description="Of goods: pieces that were given back.")
    restocked_quantity: int = Field(description="How many of those are in stock again.")


class AttendeeOut(Schema):
    first_name: str
    last_name: str
    email: str
    phone: str
    fields: dict[str, Any]


class TicketOut(Schema):
    id: UUID
    code: str
    status: TicketStatus
    frozen_at: datetime | None = Field(
        description="Since when the buyer's bank disputes the payment: refuse entry. Null: it does not."
    )
    blocked_at: datetime | None = Field(
        description="Since when staff keep it back: refuse entry. Null: they do not."
    )
    checked_in_at: datetime | None = Field(description="When it first let somebody in. Null: it has not.")
    checked_in_by: UUID | None
    checked_in_by_kind: ScannerKind | None
    transferred_at: datetime | None = Field(
        description="When it last went to another person. Null: it never did."
    )
    transferred_from: str
    transferred_to: str
    item: UUID
    event: UUID
    ticket_type: UUID
    seat: UUID | None
    seat_label: str
    base_price: str
    discount: str
    tax: str
    price_paid: str = Field(description="Refunded for this ticket.")
    attendee: AttendeeOut


class PriceStepOut(Schema):
    step: Literal["base", "discount", "fee", "tax", "shipping"]
    line: int | None = None
    label: str
    amount: str
    rounding: str | None = Field(None, description="By how much rounding moved the amount.")
    included: bool = Field(False, description="Contained in the price already: not part of the sum.")


class ChargeTaxOut(Schema):
    """The tax on the fees or on shipping, or on the part of it that bears one rate."""

    charge: Literal["fees", "shipping"] = Field(description="The taxed charge: the service fee, or shipping.")
    tax_name: str
    tax_rate: str
    included: bool = Field(description="Contained in the charge; otherwise added to it.")
    amount: str = Field(description="The part of the charge that bears this rate.")
    tax: str


class LinksOut(Schema):
    self: str
    history: str
    cancel: str
    status: str
    tracking: str
    payments: str
    refunds: str


class OrderOut(Schema):
    """An order with everything in it. Amounts are decimal strings in `currency`."""

    id: UUID
    number: str = Field(examples=["ORD-2026-00001"])
    status: OrderStatus
    payment_status: PaymentStatus
    fulfilment_status: FulfilmentStatus = Field(
        description="Where the goods are. A refund does not change it: a delivered order stays delivered."
    )
    approval: Approval
    event: UUID | None
    cart: UUID | None
    currency: str
    subtotal: str
    discount: str
    fees: str
    taxes: str
    included_taxes: str
    shipping: str
    total: str
    refunded_amount: str = Field(description="Back with the buyer.")
    refunding_amount: str = Field(description="Promised back and on its way.")
    coupon: str | None
    customer: CustomerOut
    answers: dict[str, Any] = Field(description="To what was asked once for the order, by question.")
    items: list[ItemOut]
    tickets: list[TicketOut]
    charge_taxes: list[ChargeTaxOut] = Field(
        description="The taxes on fees and shipping, as part of `taxes` and `included_taxes`."
    )
    price_trace: list[PriceStepOut] = Field(
        description="Every step of the price; the amounts add up to `total`."
    )
    shipping_address: dict[str, Any] | None
    billing_address: dict[str, Any] | None
    notes: str
    tracking_number: str | None
    payment: UUID | None = Field(description="The payment that confirmed it.")
    payment_method: str | None
    payment_attempts: int
    last_payment_attempt_at: datetime | None = Field(description="Null: nobody has tried to pay yet.")
    can_retry_payment: bool
    expires_at: datetime | None = Field(description="Until then the places are held. Null: for good.")
    expiring_soon: bool
    created_at: datetime
    updated_at: datetime
    paid_at: datetime | None
    confirmed_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    cancellation_reason: str | None
    expired_at: datetime | None
    links: LinksOut


class HistoryOut(Schema):
    id: UUID
    from_status: OrderStatus | None
    to_status: OrderStatus
    from_payment_status: PaymentStatus | None
    to_payment_status: PaymentStatus
    notes: str | None
    changed_by: UUID | None
    changed_by_kind: str
    created_at: datetime


class TrackingOut(Schema):
    number: str
    status: OrderStatus
    tracking_number: str | None
    shipped_at: datetime | None
    delivered_at: datetime | None
