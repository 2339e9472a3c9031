"""The same once more: what a cart or an order held that has ended goes into a new cart, as far as it can.

Doing it twice in one browser leads to the same cart: the new one names its browser, and what it repeats.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from kassa.core.actor import ActorKind
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import KassaError, NotFound
from kassa.core.permissions import Permission
from kassa.orders.models import Order, OrderItem, Ticket
from kassa.sales.domain.browser_carts import is_of_another_browser
from kassa.sales.domain.cart_content import line_of, read_content, status_at
from kassa.sales.domain.cart_items import NewItem
from kassa.sales.domain.cart_open import NewCart, open_cart
from kassa.sales.domain.choose import LOCK_BROWSER
from kassa.sales.domain.expire import release_if_possible
from kassa.sales.domain.request import Customer, RequestedLine
from kassa.sales.enums import CartStatus
from kassa.sales.errors import (
    CouponRefusal,
    LimitPerCustomer,
    LineRefusal,
    Refusal,
    SeatTaken,
    SeatUnknown,
    SoldOut,
)
from kassa.sales.models import Cart


@dataclass(frozen=True, slots=True)
class Again:
    """What became of choosing the same again."""

    cart_id: UUID | None
    """None: nothing of it is to be had."""
    left_out: tuple[KassaError, ...]
    """Why something is missing, or fewer than before; the coupon's refusal comes last."""


@command(Permission.ORDER_PLACE, or_kinds=[ActorKind.BUYER])
def choose_cart_again(
    context: CommandContext, cart_id: UUID, *, browser: str, holders: Sequence[str] = ()
) -> Again:
    """Put what a cart held into a new one; a cart that is still open is the one that is meant.

    The new one is of the ``browser`` that asks. The buyer's details come along unless another browser had
    opened the cart.

    Raises:
        NotFound: the organisation has no such cart.
    """
    organization_id, now = context.organization_id, context.now
    content = read_content(organization_id, cart_id)
    cart = content.cart
    if status_at(cart, now) == CartStatus.ACTIVE:
        return Again(cart_id, ())
    is_foreign = is_of_another_browser(cart, browser)
    wanted = NewCart(
        browser=browser,
        repeats_cart_id=cart_id,
        holders=holders,
        user_id=None if is_foreign else cart.user_id,
        customer=None if is_foreign else content.customer,
        coupon_code=cart.coupon_code,
        items=[
            NewItem(line_of(item), item.metadata, is_best_available=item.is_best_available)
            for item in content.items
        ],
    )
    return _open_once(context, wanted)


@command(Permission.ORDER_PLACE, or_kinds=[ActorKind.BUYER])
def choose_order_again(
    context: CommandContext, order_id: UUID, *, browser: str, holders: Sequence[str] = ()
) -> Again:
    """Put what an order held into a new cart of the ``browser`` that asks, with its buyer and its coupon.

    Raises:
        NotFound: the organisation has no such order.
    """
    organization_id, _now = context.organization_id, context.now
    order = Order.objects.of(organization_id).filter(id=order_id).first()
    if order is None:
        raise NotFound
    wanted = NewCart(
        browser=browser,
        repeats_order_id=order_id,
        holders=holders,
        user_id=order.user_id,
        customer=_customer(order),
        coupon_code=order.coupon_code,
        items=[NewItem(line, line.metadata) for line in _lines(organization_id, order_id)],
    )
    return _open_once(context, wanted)


def order_before(organization_id: UUID, cart: Cart) -> Order | None:
    """Return the order that a cart repeats. None: it repeats none."""
    if cart.repeats_order_id is None:
        return None
    return Order.objects.of(organization_id).filter(id=cart.repeats_order_id).first()


def _open_once(context: CommandContext, wanted: NewCart) -> Again:
    """Open the cart unless it was opened before; who asks at the same moment waits for the first."""
    organization_id, now = context.organization_id, context.now
    # What has ended is given back first, and by itself: with it would be kept the locks of all that is over.
    release_if_possible(organization_id, now=now)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(LOCK_BROWSER, [f"{organization_id}:{wanted.browser}"])
        known = _opened_before(organization_id, wanted, now)
        return Again(known, ()) if known else _open_what_can_be(context, wanted)


def _opened_before(organization_id: UUID, wanted: NewCart, now: datetime) -> UUID | None:
    carts = Cart.objects.of(organization_id).filter(
        browser=wanted.browser,
        repeats_cart_id=wanted.repeats_cart_id,
        repeats_order_id=wanted.repeats_order_id,
        status=CartStatus.ACTIVE,
        expires_at__gt=now,
    )
    return carts.order_by("id").values_list("id", flat=True).first()


def _open_what_can_be(context: CommandContext, wanted: NewCart) -> Again:
    """Open a cart with all of it, or else without what is refused, one refusal after the other."""
    items = list(wanted.items)
    left_out: list[KassaError] = []
    coupon_code = wanted.coupon_code
    coupon_refusal: list[KassaError] = []
    while items:
        new = replace(wanted, items=tuple(items), coupon_code=coupon_code)
        try:
            return Again(open_cart(context, new), (*left_out, *coupon_refusal))
        except CouponRefusal as refusal:
            coupon_code = None
            coupon_refusal = [refusal]
        except Refusal as refusal:
            left_out.append(refusal)
            items = _without(items, refusal)
    return Again(None, tuple(left_out))


def _without(items: Sequence[NewItem], refusal: Refusal) -> list[NewItem]:
    """Return the items without what was refused: the seats that are gone, those too many, or the line."""
    index = refusal.line if isinstance(refusal, LineRefusal) else None
    if index is None:
        return []
    rest = [*items[:index], *items[index + 1 :]]
    fewer = _fewer(items[index].line, refusal)
    return rest if fewer is None else [*rest[:index], replace(items[index], line=fewer), *rest[index:]]


def _fewer(line: RequestedLine, refusal: Refusal) -> RequestedLine | None:
    """Return what is left of a refused line. None: nothing."""
    if isinstance(refusal, SeatTaken | SeatUnknown):
        kept = tuple(seat for seat in line.seat_ids if seat not in refusal.seats)
        is_less = 0 < len(kept) < line.quantity
        return replace(line, seat_ids=kept, quantity=len(kept)) if is_less else None
    left = refusal.left if isinstance(refusal, SoldOut | LimitPerCustomer) else 0
    if line.seat_ids or not 0 < left < line.quantity:
        return None
    return replace(line, quantity=left)


def _lines(organization_id: UUID, order_id: UUID) -> list[RequestedLine]:
    seats: defaultdict[UUID, list[UUID]] = defaultdict(list)
    tickets = Ticket.objects.of(organization_id).filter(order_id=order_id, seat__isnull=False)
    for item_id, seat_id in tickets.order_by("id").values_list("item_id", "seat_id"):
        seats[item_id].append(seat_id)
    return [
        RequestedLine(
            item_id=sold_id,
            is_product=item.product_id is not None,
            quantity=item.quantity,
            seat_ids=tuple(seats[item.id]),
            metadata=item.metadata,
        )
        for item in OrderItem.objects.of(organization_id).filter(order_id=order_id).order_by("position")
        if (sold_id := item.product_id or item.ticket_type_id)
    ]


def _customer(order: Order) -> Customer:
    return Customer(
        email=order.customer_email,
        first_name=order.customer_first_name,
        last_name=order.customer_last_name,
        phone=order.customer_phone,
        address=order.customer_address,
        marketing=order.customer_marketing,
        language=order.customer_language,
        user_id=order.user_id,
        reference=order.customer_reference,
    )
