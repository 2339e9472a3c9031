"""What is in a cart, as the rest of the sale understands it: lines, a hold, a customer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from kassa.core.actor import Actor
from kassa.core.database import Statements
from kassa.core.errors import NotFound
from kassa.sales.domain.offers import Offers, read_offers
from kassa.sales.domain.request import CartHold, Customer, OrderRequest, RequestedLine
from kassa.sales.enums import CartStatus
from kassa.sales.errors import CartClosed
from kassa.sales.models import Cart, CartItem

NOBODY = Customer(email="")
"""Stands for a customer who is not known yet; no coupon and no event counts anything of theirs."""
NO_ADDRESS: Mapping[str, Any] = {}
"""Stands for a shipping address that the order will bring."""


@dataclass(frozen=True, slots=True)
class CartContent:
    """A cart together with its items, the oldest first."""

    cart: Cart
    items: tuple[CartItem, ...]

    @property
    def hold(self) -> CartHold:
        """Return what it holds, and the version of it that was read."""
        held: Counter[UUID] = Counter()
        for item in self.items:
            for quota_id in item.quota_ids:
                held[quota_id] += item.quantity
        return CartHold(
            id=self.cart.id,
            version=self.cart.updated_at,
            held=held,
            seat_ids=frozenset(seat for item in self.items for seat in item.seat_ids),
        )

    @property
    def lines(self) -> tuple[RequestedLine, ...]:
        return tuple(line_of(item) for item in self.items)

    @property
    def customer(self) -> Customer | None:
        """Return who buys. None: not known yet."""
        return customer_of(self.cart)

    def item(self, item_id: UUID) -> CartItem:
        """Return one item.

        Raises:
            NotFound: the cart has no such item.
        """
        for item in self.items:
            if item.id == item_id:
                return item
        raise NotFound("There is no such item in this cart.")


def read_content(organization_id: UUID, cart_id: UUID) -> CartContent:
    """Read a cart without a lock.

    Raises:
        NotFound: the organisation has no such cart.
    """
    cart = Cart.objects.of(organization_id).filter(id=cart_id).first()
    if cart is None:
        raise NotFound("There is no such cart in your organisation.")
    items = CartItem.objects.of(organization_id).filter(cart_id=cart_id).order_by("id")
    return CartContent(cart=cart, items=tuple(items))


def status_at(cart: Cart, now: datetime) -> CartStatus:
    """Return a cart's status; one whose time is over is expired, whether or not it has been released."""
    if cart.status == CartStatus.ACTIVE and cart.expires_at <= now:
        return CartStatus.EXPIRED
    return CartStatus(cart.status)


def require_active(cart: Cart, now: datetime) -> None:
    """Let a cart pass that can still be changed.

    Raises:
        CartClosed: it has expired, was given up, or has become an order.
    """
    status = status_at(cart, now)
    if status != CartStatus.ACTIVE:
        raise CartClosed(status)


def line_of(item: CartItem) -> RequestedLine:
    """Return an item as a line that asks for just what it holds."""
    item_id = item.product_id or item.ticket_type_id
    if item_id is None:
        raise LookupError(item.id)
    return RequestedLine(
        item_id=item_id,
        is_product=item.product_id is not None,
        quantity=item.quantity,
        seat_ids=tuple(item.seat_ids),
    )


def customer_of(cart: Cart) -> Customer | None:
    """Return who buys, with the cart's user unless the customer names another. None: not known yet."""
    if cart.customer is None:
        return None
    given = dict(cart.customer)
    user_id = given.pop("user_id")
    return Customer(**given, user_id=UUID(user_id) if user_id else cart.user_id)


def customer_column(customer: Customer) -> dict[str, Any]:
    """Return a customer as a cart keeps it."""
    return {**asdict(customer), "user_id": str(customer.user_id) if customer.user_id else None}


def cart_request(
    cart: Cart,
    lines: Sequence[RequestedLine],
    *,
    hold: CartHold | None = None,
    coupon_code: str | None = None,
) -> OrderRequest:
    """Return the order that lines would be; what only the order will bring is taken as given."""
    return OrderRequest(
        actor=Actor.system(cart.organization_id),
        lines=tuple(lines),
        customer=customer_of(cart) or NOBODY,
        idempotency_key=f"cart:{cart.id}",
        fingerprint=b"",
        coupon_code=coupon_code,
        shipping_address=NO_ADDRESS,
        cart=hold,
    )


def read_cart_offers(database: Statements, organization_id: UUID, requests: Iterable[OrderRequest]) -> Offers:
    """Read what is on offer of all that carts hold or ask for, in one round trip."""
    asked = list(requests)
    lines = [line for request in asked for line in request.lines]
    return read_offers(
        database,
        organization_id,
        ticket_type_ids=(line.item_id for line in lines if not line.is_product),
        product_ids=(line.item_id for line in lines if line.is_product),
        coupon_codes=(request.coupon_code.upper() for request in asked if request.coupon_code is not None),
        user_ids=(request.customer.user_id for request in asked if request.customer.user_id is not None),
    )


def welcoming(offers: Offers, *, users: Iterable[UUID] = ()) -> Offers:
    """Return offers that anyone may have: who buys is looked at when it is ordered."""
    settings = offers.settings
    return replace(
        offers,
        settings=replace(settings, allow_guest_checkout=True) if settings else None,
        user_ids=offers.user_ids | frozenset(users),
    )
