"""What is told of orders, and of tickets as they begin and end with their order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from kassa.core.event_schemas import Personal, PersonalAddress
from kassa.core.event_types import Amount, Id, Moment, Topic, event_type
from kassa.core.permissions import Permission
from kassa.orders.enums import (
    Approval,
    FulfilmentStatus,
    ItemKind,
    OrderStatus,
    PaymentStatus,
    TicketStatus,
)

order_event_type = partial(
    event_type, permission=Permission.ORDER_READ, topic=Topic.ORDERS, subject="orders", key="id"
)
ticket_event_type = partial(
    event_type, permission=Permission.ORDER_READ, topic=Topic.ORDERS, subject="tickets", key="order"
)
OF_THE_BUYER = "customer.email"


class CustomerData(TypedDict):
    user: Annotated[Id | None, Personal(None)]
    reference: Annotated[str | None, Personal(None)]
    email: Annotated[str, PersonalAddress()]
    first_name: Annotated[str, Personal("")]
    last_name: Annotated[str, Personal("")]
    phone: Annotated[str, Personal("")]
    address: Annotated[dict[str, Any] | None, Personal(None)]
    marketing: bool
    language: str | None


class ItemData(TypedDict):
    id: Id
    kind: ItemKind
    event: Id | None
    ticket_type: Id | None
    product: Id | None
    name: str
    sku: str
    quantity: int
    unit_price: Amount
    subtotal: Amount
    discount: Amount
    tax: Amount
    included_tax: Amount
    total: Amount
    tax_name: str
    tax_rate: Amount
    metadata: Annotated[dict[str, Any], Personal({}, (OF_THE_BUYER,))]
    refunded_quantity: int
    restocked_quantity: int


class AttendeeData(TypedDict):
    """Who a ticket is for; without an address of their own they are erased with the buyer."""

    first_name: Annotated[str, Personal("", otherwise=OF_THE_BUYER)]
    last_name: Annotated[str, Personal("", otherwise=OF_THE_BUYER)]
    email: Annotated[str, PersonalAddress()]
    phone: Annotated[str, Personal("", otherwise=OF_THE_BUYER)]
    fields: Annotated[dict[str, Any], Personal({}, otherwise=OF_THE_BUYER)]


class TicketData(TypedDict):
    id: Id
    code: str
    """Masked: whoever may read events is not yet let in."""
    status: TicketStatus
    frozen_at: Moment | None
    blocked_at: Moment | None
    checked_in_at: Moment | None
    checked_in_by: Id | None
    checked_in_by_kind: str | None
    transferred_at: Moment | None
    transferred_from: Annotated[str, PersonalAddress()]
    transferred_to: Annotated[str, PersonalAddress()]
    item: Id
    event: Id
    ticket_type: Id
    seat: Id | None
    seat_label: str
    base_price: Amount
    discount: Amount
    tax: Amount
    price_paid: Amount
    attendee: AttendeeData


class ChargeTaxData(TypedDict):
    charge: str
    tax_name: str
    tax_rate: Amount
    included: bool
    amount: Amount
    tax: Amount


class PriceStepData(TypedDict):
    step: Literal["base", "discount", "fee", "tax", "shipping"]
    line: NotRequired[int | None]
    label: str
    amount: Amount
    included: NotRequired[bool]
    rounding: NotRequired[Amount | None]


@dataclass(frozen=True, slots=True)
class OrderData:
    """The whole order as it then was."""

    id: Id
    number: str
    status: OrderStatus
    payment_status: PaymentStatus
    fulfilment_status: FulfilmentStatus
    approval: Approval
    event: Id | None
    cart: Id | None
    currency: str
    subtotal: Amount
    discount: Amount
    fees: Amount
    taxes: Amount
    included_taxes: Amount
    shipping: Amount
    total: Amount
    refunded_amount: Amount
    refunding_amount: Amount
    coupon: str | None
    customer: CustomerData
    answers: Annotated[dict[str, Any], Personal({}, (OF_THE_BUYER,))]
    items: list[ItemData]
    tickets: list[TicketData]
    charge_taxes: list[ChargeTaxData]
    price_trace: list[PriceStepData]
    shipping_address: Annotated[dict[str, Any] | None, Personal(None, (OF_THE_BUYER,))]
    billing_address: Annotated[dict[str, Any] | None, Personal(None, (OF_THE_BUYER,))]
    notes: Annotated[str, Personal("", (OF_THE_BUYER,))]
    tracking_number: str | None
    payment: Id | None
    payment_method: str | None
    payment_attempts: int
    last_payment_attempt_at: Moment | None
    can_retry_payment: bool
    expires_at: Moment | None
    expiring_soon: bool
    created_at: Moment
    updated_at: Moment
    paid_at: Moment | None
    confirmed_at: Moment | None
    shipped_at: Moment | None
    delivered_at: Moment | None
    completed_at: Moment | None
    cancelled_at: Moment | None
    cancellation_reason: str | None
    expired_at: Moment | None
    links: dict[str, str]


@dataclass(frozen=True, slots=True)
class OrderTicketData:
    """A ticket, and the order that it is of."""

    order: Id
    number: str
    ticket: TicketData


@order_event_type("order.created")
class OrderCreated(OrderData):
    """It was placed."""


@order_event_type("order.approved")
class OrderApproved(OrderData):
    """The organiser agreed, and it is to be paid."""


@order_event_type("order.confirmed")
class OrderConfirmed(OrderData):
    """Its places are sold."""


@order_event_type("order.processing")
class OrderProcessing(OrderData):
    """It is being prepared."""


@order_event_type("order.shipped")
class OrderShipped(OrderData):
    """It is on its way."""


@order_event_type("order.delivered")
class OrderDelivered(OrderData):
    """It has arrived."""


@order_event_type("order.completed")
class OrderCompleted(OrderData):
    """Nothing is left to do."""


@order_event_type("order.cancelled")
class OrderCancelled(OrderData):
    """It was cancelled or rejected."""


@order_event_type("order.expired")
class OrderExpired(OrderData):
    """Its hold was over and its places were given back."""


@order_event_type("order.partially_refunded")
class OrderPartiallyRefunded(OrderData):
    """Something of it was given back."""


@order_event_type("order.refunded")
class OrderRefunded(OrderData):
    """All of it was given back."""


@order_event_type("order.answers_changed")
class OrderAnswersChanged(OrderData):
    """What was answered once for it is different."""


@ticket_event_type("ticket.issued")
class TicketIssued(OrderTicketData):
    """It became valid."""


@ticket_event_type("ticket.cancelled")
class TicketCancelled(OrderTicketData):
    """Its order was cancelled."""


@ticket_event_type("ticket.expired")
class TicketExpired(OrderTicketData):
    """Its order expired."""


@ticket_event_type("ticket.refunded")
class TicketRefunded(OrderTicketData):
    """It was given back, and its place is free."""
