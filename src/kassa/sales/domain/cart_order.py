"""A cart becomes an order: one at most, which takes over its places without ever letting go of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kassa.core.actor import Actor, ActorKind
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import InvalidInput
from kassa.core.permissions import Permission
from kassa.orders.queries import orders_of
from kassa.sales.desk import the_desk
from kassa.sales.domain.cart_content import (
    CartContent,
    line_of,
    read_content,
    status_at,
)
from kassa.sales.domain.outcome import Outcome
from kassa.sales.domain.request import Customer, OrderRequest, RequestedLine
from kassa.sales.enums import CartStatus
from kassa.sales.errors import CartClosed, CartEmpty


@dataclass(frozen=True, slots=True)
class Checkout:
    """What an order needs beside its cart."""

    idempotency_key: str
    fingerprint: bytes
    customer: Customer | None = None
    """None: the one the cart knows."""
    attendees: Mapping[UUID, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    """By item of the cart."""
    shipping_address: Mapping[str, Any] | None = None
    billing_address: Mapping[str, Any] | None = None
    notes: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    expected_total: Decimal | None = None
    """The total the buyer has agreed to. None: any."""


@command(Permission.ORDER_PLACE, or_kinds=[ActorKind.BUYER])
def order_cart(context: CommandContext, cart_id: UUID, checkout: Checkout) -> Outcome:
    """Convert a cart through the sales desk; a refusal leaves it as it was.

    Raises:
        NotFound: the organisation has no such cart.
        CartClosed: it has expired, was given up, or has become an order under another key.
        CartEmpty: there is nothing in it.
        InvalidInput: nobody knows who buys, or there are attendees that fit no item.
        DeskBusy: too many wait.
    """
    actor, now = context.actor, context.now
    return the_desk().place(cart_order_request(actor, cart_id, checkout, now=now))


def cart_order_request(actor: Actor, cart_id: UUID, checkout: Checkout, *, now: datetime) -> OrderRequest:
    """Return the order that a cart would become, for the version of it that was read.

    A closed cart goes on only if its key has an order already, which the desk then answers with.

    Raises:
        NotFound: the organisation has no such cart.
        CartClosed: it has expired, was given up, or has become an order under another key.
        CartEmpty: there is nothing in it.
        InvalidInput: nobody knows who buys, or there are attendees that fit no item.
    """
    content = read_content(actor.organization_id, cart_id)
    status = status_at(content.cart, now)
    if status != CartStatus.ACTIVE and not _has_order(actor.organization_id, checkout.idempotency_key):
        raise CartClosed(status)
    if not content.items:
        raise CartEmpty
    return OrderRequest(
        actor=actor,
        lines=_lines(content, checkout.attendees),
        customer=_customer(content, checkout.customer),
        idempotency_key=checkout.idempotency_key,
        fingerprint=checkout.fingerprint,
        coupon_code=content.cart.coupon_code,
        shipping_address=checkout.shipping_address,
        billing_address=checkout.billing_address,
        notes=checkout.notes,
        answers=checkout.answers,
        cart=content.hold,
        expected_total=checkout.expected_total,
    )


def _has_order(organization_id: UUID, key: str) -> bool:
    return orders_of(organization_id).filter(idempotency_key=key).exists()


def _customer(content: CartContent, given: Customer | None) -> Customer:
    customer = given or content.customer
    if customer is None:
        raise InvalidInput("Say who buys: the cart does not know it.", field="customer")
    if customer.user_id is None and customer.reference is None:
        return replace(customer, user_id=content.cart.user_id)
    return customer


def _lines(
    content: CartContent, attendees: Mapping[UUID, tuple[Mapping[str, Any], ...]]
) -> tuple[RequestedLine, ...]:
    for item_id, named in attendees.items():
        item = next((item for item in content.items if item.id == item_id), None)
        if item is None or item.product_id is not None or len(named) > item.quantity:
            raise InvalidInput(
                "Name attendees only for ticket items of this cart, and not more than there are places.",
                field=f"attendees.{item_id}",
            )
    return tuple(
        replace(
            line_of(item),
            attendees=attendees.get(item.id, ()),
            metadata=item.metadata,
        )
        for item in content.items
    )
