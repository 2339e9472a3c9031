"""Carts are opened here, with lines or empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from kassa.core.actor import ActorKind
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.permissions import Permission
from kassa.organizations.queries import organization_settings
from kassa.sales.domain.cart_content import customer_column
from kassa.sales.domain.cart_details import require_users, set_coupon
from kassa.sales.domain.cart_items import NewItem, put_items
from kassa.sales.domain.expire import release_if_possible
from kassa.sales.domain.hold_limits import require_unused_passes
from kassa.sales.domain.place import RELEASABLE
from kassa.sales.domain.request import Customer
from kassa.sales.models import Cart


@dataclass(frozen=True, slots=True)
class NewCart:
    """A cart to be opened."""

    session_id: str = ""
    browser: str = ""
    """The name of the browser that opens it on a page; empty: it is opened through the API."""
    repeats_cart_id: UUID | None = None
    """None: it repeats no cart."""
    repeats_order_id: UUID | None = None
    """None: it repeats no order."""
    user_id: UUID | None = None
    """None: nobody who is known."""
    customer: Customer | None = None
    coupon_code: str | None = None
    items: Sequence[NewItem] = ()
    holders: Sequence[str] = ()
    """By what the visitor is counted who opens it; empty: it is opened through the API."""


@command(Permission.ORDER_PLACE, or_kinds=[ActorKind.BUYER])
def open_cart(context: CommandContext, new: NewCart) -> UUID:
    """Open a cart and hold what it shall have, for as long as the organisation holds; return its id.

    Raises:
        CustomerUnknown: there is no such user.
        CartEmpty: it has a coupon, but nothing that the coupon could be checked against.
        Refusal: a line or the coupon is not to be had, or the visitor holds too much; there is no cart then.
    """
    organization_id, now = context.organization_id, context.now
    try:
        return _open(context, new)
    except RELEASABLE:
        if not release_if_possible(organization_id, now=now):
            raise
        return _open(context, new)


def _open(context: CommandContext, new: NewCart) -> UUID:
    organization_id, now = context.organization_id, context.now
    settings = organization_settings(organization_id)
    with transaction.atomic():
        require_users({new.user_id, new.customer.user_id if new.customer else None})
        cart = Cart.unscoped.create(
            organization_id=organization_id,
            session_id=new.session_id,
            browser=new.browser,
            repeats_cart_id=new.repeats_cart_id,
            repeats_order_id=new.repeats_order_id,
            user_id=new.user_id,
            customer=customer_column(new.customer) if new.customer else None,
            holders=list(new.holders),
            created_at=now,
            updated_at=now,
            expires_at=now + settings.hold_period,
        )
        require_unused_passes(organization_id, new.holders, cart_id=cart.id, now=now)
        if new.items:
            put_items(context, cart.id, new.items)
        if new.coupon_code is not None:
            set_coupon(context, cart.id, new.coupon_code)
    return cart.id
