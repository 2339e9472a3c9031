"""Carts end: they become orders, or give back what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from kassa.core.actor import ActorKind
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.database import Statements, plain_array, statements
from kassa.core.permissions import Permission
from kassa.inventory.domain.places import PlaceMoves, move_places
from kassa.inventory.locks import lock_quotas
from kassa.sales.domain.cart_content import read_content, status_at
from kassa.sales.enums import CartStatus
from kassa.sales.errors import CartClosed
from kassa.sales.models import Cart, CartItem
from kassa.seating.domain.hold import free_seats_of_carts
from kassa.seating.locks import lock_seats

BATCH = 500

CONVERT = """
UPDATE sales_cart SET status = 'converted', updated_at = %s
WHERE organization_id = %s AND id = ANY(%s::uuid[]) AND status = 'active'
"""
END = """
UPDATE sales_cart SET status = %s, updated_at = %s, holders = '{}'
WHERE organization_id = %s AND id = ANY(%s::uuid[]) AND status = 'active' AND (expires_at <= %s OR %s)
RETURNING id
"""


def convert_carts(
    database: Statements, organization_id: UUID, cart_ids: Sequence[UUID], *, now: datetime
) -> None:
    """Close the carts that have become orders; the caller holds their locks and moves their places."""
    if cart_ids:
        database.queue(CONVERT, (now, organization_id, plain_array(cart_ids)))


def expire_carts(organization_id: UUID, *, now: datetime) -> int:
    """Expire an organisation's overdue carts; return how many. Doing it twice changes nothing."""
    total = 0
    while True:
        overdue = list(
            Cart.objects.of(organization_id)
            .filter(status=CartStatus.ACTIVE, expires_at__lte=now)
            .order_by("expires_at")
            .values_list("id", flat=True)[:BATCH]
        )
        if overdue:
            total += end_carts(organization_id, overdue, status=CartStatus.EXPIRED, now=now)
        if len(overdue) < BATCH:
            return total


def end_carts(organization_id: UUID, cart_ids: Sequence[UUID], *, status: CartStatus, now: datetime) -> int:
    """Close active carts and give back all they hold; return how many were closed.

    With ``CartStatus.EXPIRED`` only those whose time is over.
    """
    with transaction.atomic():
        database = statements()
        items = CartItem.objects.of(organization_id).filter(cart_id__in=cart_ids)
        quota_ids = {quota for quotas in items.values_list("quota_ids", flat=True) for quota in quotas}
        seat_ids = {seat for seats in items.values_list("seat_ids", flat=True) for seat in seats}
        with database.trip():
            lock_quotas(database, organization_id, quota_ids)
            lock_seats(database, organization_id, seat_ids)
            moved = database.queue(
                END,
                (
                    status.value,
                    now,
                    organization_id,
                    plain_array(sorted(cart_ids)),
                    now,
                    status != CartStatus.EXPIRED,
                ),
            )
        ended = [cart_id for (cart_id,) in moved]
        moves = PlaceMoves()
        for quotas, quantity in items.filter(cart_id__in=ended).values_list("quota_ids", "quantity"):
            moves.release(quotas, quantity)
        with database.trip():
            free_seats_of_carts(database, organization_id, ended)
            move_places(database, organization_id, moves)
    return len(ended)


@command(Permission.ORDER_PLACE, or_kinds=[ActorKind.BUYER])
def abandon_cart(context: CommandContext, cart_id: UUID) -> None:
    """Give a cart up; its places are free again at once. Giving it up twice changes nothing.

    Raises:
        NotFound: the organisation has no such cart.
        CartClosed: it has expired or has become an order.
    """
    organization_id, now = context.organization_id, context.now
    status = status_at(read_content(organization_id, cart_id).cart, now)
    if status == CartStatus.ABANDONED:
        return
    if status == CartStatus.ACTIVE and end_carts(
        organization_id, [cart_id], status=CartStatus.ABANDONED, now=now
    ):
        return
    closed = status_at(read_content(organization_id, cart_id).cart, now)
    if closed != CartStatus.ABANDONED:
        raise CartClosed(closed)
