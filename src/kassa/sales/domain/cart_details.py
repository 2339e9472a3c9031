"""What a cart says beside its items: coupon, customer, and until when it holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Greatest

from kassa.core.actor import ActorKind
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.database import statements
from kassa.core.errors import KassaError
from kassa.core.permissions import Permission
from kassa.identity.models import User
from kassa.organizations.queries import organization_settings
from kassa.sales.domain.cart_content import (
    cart_request,
    customer_column,
    read_cart_offers,
    read_content,
    require_active,
    welcoming,
)
from kassa.sales.domain.cart_errors import HoldExtended
from kassa.sales.domain.coupon_uses import read_coupon_uses
from kassa.sales.domain.customer_keys import count_customer
from kassa.sales.domain.quote import Quote, quote_order
from kassa.sales.domain.request import Customer
from kassa.sales.enums import CartStatus
from kassa.sales.errors import CartClosed, CartEmpty, CustomerUnknown
from kassa.sales.models import Cart

TICK = timedelta(microseconds=1)
"""By so much a version is later than the one before it, at least."""


@command(Permission.ORDER_PLACE, or_kinds=[ActorKind.BUYER])
def set_coupon(context: CommandContext, cart_id: UUID, code: str) -> None:
    """Put a coupon on a cart if an order of just this content could have it now.

    The use of it is only taken by the order, so it may be gone by then.

    Raises:
        NotFound: the organisation has no such cart.
        CartClosed: it has expired, was given up, or has become an order.
        CartEmpty: there is nothing in it that the coupon could be checked against.
        Refusal: the coupon is not good for it, or it cannot be ordered at all.
    """
    organization_id, now = context.organization_id, context.now
    content = read_content(organization_id, cart_id)
    require_active(content.cart, now)
    if not content.items:
        raise CartEmpty
    database = statements()
    request = cart_request(content.cart, content.lines, coupon_code=code)
    offers = read_cart_offers(database, organization_id, [request])
    quote = quote_order(request, welcoming(offers), now=now)
    if not isinstance(quote, Quote):
        raise quote
    quote = count_customer(database, quote, offers.settings)
    refused = read_coupon_uses(database, organization_id, [quote]).next_use(quote)
    if isinstance(refused, KassaError):
        raise refused
    _change(organization_id, cart_id, now, coupon_code=quote.coupon.code if quote.coupon else None)


@command(Permission.ORDER_PLACE, or_kinds=[ActorKind.BUYER])
def remove_coupon(context: CommandContext, cart_id: UUID) -> None:
    """Take the coupon off a cart; without one nothing changes but the time.

    Raises:
        NotFound: the organisation has no such cart.
        CartClosed: it has expired, was given up, or has become an order.
    """
    organization_id, now = context.organization_id, context.now
    _change(organization_id, cart_id, now, coupon_code=None)


@command(Permission.ORDER_PLACE, or_kinds=[ActorKind.BUYER])
def set_customer(context: CommandContext, cart_id: UUID, customer: Customer) -> None:
    """Say who buys. Whether they may is looked at when it is ordered.

    Raises:
        NotFound: the organisation has no such cart.
        CartClosed: it has expired, was given up, or has become an order.
        CustomerUnknown: there is no such user.
    """
    organization_id, now = context.organization_id, context.now
    require_users({customer.user_id})
    _change(organization_id, cart_id, now, customer=customer_column(customer))


@command(Permission.ORDER_PLACE, or_kinds=[ActorKind.BUYER])
def extend_cart(context: CommandContext, cart_id: UUID) -> None:
    """Hold a cart's places for one more full period, counted from now; once for each cart.

    Raises:
        NotFound: the organisation has no such cart.
        CartClosed: it has expired, was given up, or has become an order.
        HoldExtended: it was extended before.
    """
    organization_id, now = context.organization_id, context.now
    period = organization_settings(organization_id).hold_period
    never_extended = Cart.objects.of(organization_id).filter(extended_at=None)
    if _update(never_extended, cart_id, now, expires_at=now + period, extended_at=now):
        return
    cart = read_content(organization_id, cart_id).cart
    require_active(cart, now)
    raise HoldExtended(cart.expires_at)


def require_users(user_ids: Iterable[UUID | None]) -> None:
    """Let users pass that there are; nulls are left out.

    Raises:
        CustomerUnknown: one of them there is not.
    """
    wanted = {user_id for user_id in user_ids if user_id is not None}
    if wanted and User.objects.filter(id__in=wanted).count() != len(wanted):
        raise CustomerUnknown


def _change(organization_id: UUID, cart_id: UUID, now: datetime, **columns: Any) -> None:
    if not _update(Cart.objects.of(organization_id), cart_id, now, **columns):
        cart = read_content(organization_id, cart_id).cart
        require_active(cart, now)
        raise CartClosed(CartStatus(cart.status))


def _update(carts: QuerySet[Cart], cart_id: UUID, now: datetime, **columns: Any) -> int:
    """Write columns of an active cart and its next version; return how many carts that were."""
    open_ones = carts.filter(id=cart_id, status=CartStatus.ACTIVE, expires_at__gt=now)
    return open_ones.update(**columns, updated_at=Greatest(Value(now), F("updated_at") + TICK))
