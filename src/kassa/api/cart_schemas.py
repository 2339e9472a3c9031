"""The shapes of carts: what is asked for, and what is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from ninja import Field, Schema
from pydantic import model_validator

from kassa.api.inputs import KEPT, Metadata
from kassa.api.order_schemas import (
    AttendeeIn,
    ChargeTaxOut,
    CustomerIn,
    CustomerOut,
    ExpectedTotal,
    PriceStepOut,
)
from kassa.api.question_schemas import Answers
from kassa.api.schemas import Address, Input, Text, example
from kassa.orders.enums import ItemKind
from kassa.sales.domain.cart_hold import MAX_ITEMS
from kassa.sales.enums import CartStatus

Quantity = Annotated[int, Field(ge=1, le=1000, examples=[2])]
Seats = Annotated[list[UUID], Field(max_length=1000, description="One for each place.")]
SessionId = Annotated[Text, Field(max_length=120, description="Your own name for the buyer's visit.")]
CouponCode = Annotated[Text, Field(min_length=1, max_length=60, examples=["EARLY10"])]


class CartLineIn(Input):
    """So many of one ticket type or one product."""

    ticket_type: UUID | None = None
    product: UUID | None = None
    quantity: Quantity = 1
    seats: Seats = Field(default_factory=list)
    best_available: bool = Field(False, description="Let Kassa choose: side by side, front first.")
    metadata: Metadata = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.ticket_type is None) == (self.product is None):
            raise ValueError("Name either a ticket_type or a product.")
        return self


class CartIn(Input):
    model_config = example(
        session_id="visit-17", lines=[{"ticket_type": "01935d6e-0000-7000-8000-000000000001"}]
    )

    session_id: SessionId = ""
    user: UUID | None = Field(None, description="A user of Kassa. Null: nobody who is known.")
    customer: CustomerIn | None = None
    coupon: CouponCode | None = Field(None, description="Checked against the lines, so send some.")
    lines: list[CartLineIn] = Field(default_factory=list, max_length=MAX_ITEMS)


class CartLinesIn(Input):
    model_config = example(lines=[{"ticket_type": "01935d6e-0000-7000-8000-000000000001", "quantity": 2}])

    lines: list[CartLineIn] = Field(min_length=1, max_length=MAX_ITEMS)


class CartItemIn(Input):
    """What is left out stays as it is."""

    model_config = example(quantity=3)

    quantity: Quantity = KEPT
    seats: Seats = KEPT
    best_available: bool = Field(
        False, description="Keep the first of its seats; let Kassa choose those still wanted."
    )
    metadata: Metadata = KEPT


class CartCouponIn(Input):
    model_config = example(coupon="EARLY10")

    coupon: CouponCode


class AttendeesIn(Input):
    item: UUID
    attendees: list[AttendeeIn] = Field(max_length=1000)


class CartOrderIn(Input):
    """What an order needs beside its cart."""

    model_config = example(customer={"email": "ada@example.com"}, notes="Leave it at the door.")

    customer: CustomerIn | None = Field(None, description="Null: the one that the cart knows.")
    attendees: list[AttendeesIn] = Field(default_factory=list, max_length=MAX_ITEMS)
    shipping_address: Address | None = Field(None, description="Needed when something is shipped.")
    billing_address: Address | None = None
    notes: Text | None = Field(None, max_length=2000)
    answers: Answers = Field(default_factory=dict, description="To what is asked once for the order.")
    expected_total: ExpectedTotal = None


class CartSeatOut(Schema):
    id: UUID
    label: str


class CartItemOut(Schema):
    """An item; its amounts are null if it is not offered any more, and it is left out of the sums."""

    id: UUID
    kind: ItemKind
    event: UUID | None
    ticket_type: UUID | None
    product: UUID | None
    name: str
    sku: str
    quantity: int
    seats: list[CartSeatOut]
    metadata: dict[str, Any]
    unit_price: str | None
    subtotal: str | None = Field(description="`quantity * unit_price`")
    discount: str | None
    tax: str | None = Field(description="Added to the price.")
    included_tax: str | None
    total: str | None = Field(description="`subtotal - discount + tax`")


class CartProblemOut(Schema):
    code: str
    detail: str
    item: UUID | None = Field(description="The item it is about. Null: the cart as a whole.")


class CartLinksOut(Schema):
    self: str
    items: str
    order: str


class CartOut(Schema):
    """A cart with everything in it, at present prices. Amounts are decimal strings in `currency`."""

    id: UUID
    status: CartStatus
    session_id: str
    user: UUID | None
    event: UUID | None = Field(description="Of all its tickets. Null: several, or none.")
    order: UUID | None = Field(description="The order it has become.")
    currency: str
    subtotal: str
    discount: str
    fees: str
    taxes: str
    included_taxes: str
    shipping: str
    total: str
    coupon: str | None
    coupon_problem: CartProblemOut | None = Field(description="Why the coupon is not good now.")
    problem: CartProblemOut | None = Field(description="Why the cart could not be ordered as it is now.")
    customer: CustomerOut | None
    items: list[CartItemOut]
    charge_taxes: list[ChargeTaxOut] = Field(
        description="The taxes on fees and shipping, as part of `taxes` and `included_taxes`."
    )
    price_trace: list[PriceStepOut] = Field(
        description="Every step of the price; the amounts add up to `total`."
    )
    created_at: datetime
    updated_at: datetime
    expires_at: datetime = Field(description="Until then the places are held.")
    expiring_soon: bool
    links: CartLinksOut
