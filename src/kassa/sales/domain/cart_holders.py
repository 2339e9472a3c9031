"""By what a cart is counted that a visitor comes back to: with a pass, from the API, or signed in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Sum

from kassa.core.database import statements
from kassa.sales.domain.browser_carts import is_of_browser
from kassa.sales.domain.hold_limits import require_places_left, require_unused_passes
from kassa.sales.domain.holders import ACCOUNTS, HolderKind, build_holder_key, parse_kind
from kassa.sales.errors import HoldLimitReached
from kassa.sales.models import Cart, CartItem


def count_cart(
    organization_id: UUID, cart_id: UUID, holders: Collection[str], *, browser: str, now: datetime
) -> None:
    """Let a cart be counted by a visitor who is about to add to it.

    Raises:
        PassInUse: a pass of the visitor has opened another cart.
    """
    move_to_account(organization_id, cart_id, holders, browser=browser, now=now)
    with transaction.atomic():
        cart = Cart.objects.of(organization_id).select_for_update().filter(id=cart_id).first()
        if cart is not None:
            add_holders(organization_id, cart, holders, now=now)


def add_holders(organization_id: UUID, cart: Cart, holders: Collection[str], *, now: datetime) -> None:
    """Let a cart be counted by the passes that its browser has got since it was opened.

    One that is not counted yet, as it was opened through the API, is counted by all keys. Inside a
    transaction.

    Raises:
        PassInUse: one of the passes has opened another cart.
    """
    added = [
        key
        for key in holders
        if key not in cart.holders and (not cart.holders or parse_kind(key) == HolderKind.PASS)
    ]
    if added:
        require_unused_passes(organization_id, added, cart_id=cart.id, now=now)
        Cart.objects.of(organization_id).filter(id=cart.id).update(holders=[*cart.holders, *added])


def move_to_account(
    organization_id: UUID, cart_id: UUID, holders: Collection[str], *, browser: str, now: datetime
) -> None:
    """Count a browser's cart by its visitor's account, if they have signed in since it was opened.

    A cart that holds more than the account has left stays as it is: else whoever signs in again and again
    would hold more with every cart.
    """
    account = [key for key in holders if parse_kind(key) in ACCOUNTS]
    users = {key for key in account if parse_kind(key) == HolderKind.USER}
    if not account:
        return
    with transaction.atomic():
        cart = Cart.objects.of(organization_id).select_for_update().filter(id=cart_id).first()
        if cart is None or not _is_counted_by(cart, browser) or not users.isdisjoint(cart.holders):
            return
        held = _count_places(organization_id, cart_id)
        try:
            with connection.wrap_database_errors:
                require_places_left(statements(), cart, account, held, now=now)
        except HoldLimitReached:
            return
        passes = [key for key in cart.holders if parse_kind(key) == HolderKind.PASS]
        Cart.objects.of(organization_id).filter(id=cart_id).update(holders=[*account, *passes])


def _is_counted_by(cart: Cart, browser: str) -> bool:
    key = build_holder_key(HolderKind.BROWSER, cart.organization_id, browser)
    return bool(cart.holders) and (is_of_browser(cart, browser) or key in cart.holders)


def _count_places(organization_id: UUID, cart_id: UUID) -> dict[UUID, int]:
    """Return how many places of each event a cart holds."""
    items = CartItem.objects.of(organization_id).filter(cart_id=cart_id, ticket_type__is_addon=False)
    counted = items.values_list("ticket_type__event_id").annotate(count=Sum("quantity"))
    return {event_id: int(count) for event_id, count in counted}
